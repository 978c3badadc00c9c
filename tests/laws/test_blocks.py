"""Every ready block is documented, fits inputs of several sizes, prints as clean text, runs and learns."""

import subprocess
import sys
from itertools import combinations

import pytest
import torch

from engine.analysis.infer import infer
from engine.codegen.module import module
from engine.document.bringing import brought
from engine.document.edits import AddNode, Connect
from engine.document.files import dumps, loads
from engine.document.fragment import is_alike
from engine.document.library import SHIPPED, shipped
from engine.document.project import Project
from engine.graph.graph import Edge
from engine.layers.block import BlockLayer
from engine.layers.io import Input
from gui.analysed import analyse
from tests.laws.block_samples import CASES, Sample, given, made, model_of, samples
from tests.laws.real import shape

ENTRIES = shipped().entries
SAMPLES = samples()
FILES = sorted(SHIPPED.glob("*.netsmith"))


def test_every_file_opens():
    assert shipped().failures == ()
    assert {entry.path for entry in ENTRIES} == set(FILES)


def test_names_and_keys_are_given_once():
    assert len({entry.name for entry in ENTRIES}) == len({entry.key for entry in ENTRIES}) == len(ENTRIES)


def test_every_block_has_samples_of_two_sizes():
    assert CASES.keys() == {entry.name for entry in ENTRIES}
    assert [name for name, cases in CASES.items() if len(cases) < 2] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
def test_a_block_is_documented(entry):
    block = entry.block
    assert block.help
    assert entry.summary.endswith(".")
    assert block.about.tags
    assert block.about.aliases
    assert block.about.references
    assert all(r.authors and r.title and r.year > 1980 and r.arxiv for r in block.about.references)
    assert all(p.help.endswith(".") for b in entry.project.blocks.values() for p in b.params)
    assert {fit.param for fit in block.about.fits} <= {p.name for p in block.params}
    assert {fit.port for fit in block.about.fits} <= {p.name for p in block.ports_in()}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_file_is_a_network_without_a_problem_and_comes_back_as_it_was(path):
    project = next(e.project for e in ENTRIES if e.path == path)
    analysis = infer(project)
    found = (analysis.main, *(i for several in analysis.instances.values() for i in several))
    assert [p.message for instance in found for p in instance.problems] == []
    text = dumps(project)
    assert text == path.read_text(encoding="utf-8")
    assert loads(text) == project


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_layer_in_a_file_has_a_place_of_its_own(path):
    project = next(e.project for e in ENTRIES if e.path == path)
    for block in project.blocks.values():
        places = project.layout_of(block.id).positions
        assert places.keys() == block.graph.nodes.keys()
        assert all(abs(a[0] - b[0]) > 100 or abs(a[1] - b[1]) > 40 for a, b in combinations(places.values(), 2))


def test_a_block_that_several_files_hold_is_the_same_in_all():
    found = {}
    for project in dict.fromkeys(map(id, (e.project for e in ENTRIES))):
        project = next(e.project for e in ENTRIES if id(e.project) == project)
        for block in project.blocks.values():
            if block.id != project.main:
                found.setdefault(block.name, []).append(block)
    assert [name for name, same in found.items() if not all(is_alike(same[0], b) for b in same)] == []


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_block_runs_with_the_shapes_that_are_shown_and_learns(sample: Sample):
    _, analysis, source = made(sample)
    assert [p.message for p in analysis.main.problems] == []
    sizes = dict.fromkeys(("H", "W", "T"), 11) | {"B": 3}
    model, tensors = model_of(source), given(sample)
    floating = [x.requires_grad_() for x in tensors if x.is_floating_point()]
    outputs = model(*tensors)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    assert [tuple(out.shape) for out in outputs] == [shape(spec, sizes) for spec in analysis.main.outputs]
    sum((out * torch.linspace(-1, 1, out.numel()).view_as(out)).sum() for out in outputs).backward()
    learned = [*model.parameters(), *floating]
    assert all(x.grad is not None and torch.isfinite(x.grad).all() for x in learned)
    assert any(x.grad.abs().sum() > 0 for x in learned)


def test_the_text_of_every_block_is_clean(tmp_path):
    for number, sample in enumerate(SAMPLES):
        (tmp_path / f"block_{number}.py").write_text(made(sample)[2].text, encoding="utf-8")
    for path in FILES:
        project = next(e.project for e in ENTRIES if e.path == path)
        text = module(project, infer(project)).text
        (tmp_path / f"file_{path.stem.replace('-', '_')}.py").write_text(text, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["format", "--isolated", "--diff"], ["check", "--isolated", "--select", "E4,E7,E9,F,I"]):
        done = subprocess.run([*ruff, *command, tmp_path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-500:]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
def test_a_block_where_it_does_not_belong_is_a_problem_and_no_failure(entry):
    project, id = brought(Project(), entry.project, entry.id)
    project = AddNode(BlockLayer(block=id), "block")(AddNode(Input(shape=(3, 9)), "steps")(project))
    steps, block = project.block().graph.nodes
    for port in [node.name for node in project.block(id).inputs][:1]:
        project = Connect(Edge(steps, "out", block, port))(project)
    found = analyse(project, trusted=True)
    assert found.analysis.problems
    assert project.block(id).name in found.model.text


def test_classes_stand_two_lines_apart_whatever_was_written_before():
    some = SAMPLES[46:53]
    for before in some:
        for sample in some:
            made(before)
            assert "\n\n\n\n" not in made(sample)[2].text
