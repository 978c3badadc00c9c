"""What is written for people: links lead somewhere, commands parse, names exist, and the example in it works."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import engine.recipe.recipe
from engine.cli.main import COMMANDS, parser
from engine.layers import Layer
from engine.layers.code import CodeLayer
from engine.recipe.base import Dataset, Loss, Metric, Optimizer, Schedule, Transform
from gui.rendering import parser as render_parser

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
HELP = ROOT / "resources" / "help"
PAGES = sorted([*ROOT.glob("*.md"), ROOT / "bench" / "README.md", *HELP.glob("*.md")])
FAMILIES = (Dataset, Transform, Loss, Metric, Optimizer, Schedule)
CODE_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """The page without its blocks of code."""
    return CODE_BLOCK.sub("", text_of(path))


def commands() -> list[str]:
    """Every line in a block of code that runs something of ours, from a shell or from the prompt."""
    lines = [
        line.strip().removeprefix("$ ")
        for page in PAGES
        for _, code in CODE_BLOCK.findall(text_of(page))
        for line in code.splitlines()
    ]
    return sorted(
        {re.split(r"\s{3,}", line)[0] for line in lines if re.match(r"(python main\.py|netsmith|make) ", line)}
    )


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_and_picture_leads_to_a_file(page):
    targets = [target for target in LINK.findall(prose(page)) if not target.startswith(("http:", "https:"))]
    assert [target for target in targets if not (page.parent / target).resolve().is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_has_one_title_and_no_exclamation_marks(page):
    assert len(re.findall(r"^# ", prose(page), re.MULTILINE)) == 1
    assert not re.search(r"!(?!\[)", re.sub(r"`[^`]*`", "", prose(page)).replace("<!--", ""))


def test_the_readme_leads_to_every_page_of_the_manual():
    linked = {Path(target).name for target in LINK.findall(prose(README))}
    assert {page.name for page in HELP.glob("*.md")} <= linked


def test_the_pictures_are_all_shown_and_not_heavy():
    pictures = [p for p in (ROOT / "resources" / "pictures").rglob("*") if p.is_file()]
    shown = {(page.parent / target).resolve() for page in PAGES for target in LINK.findall(prose(page))}
    assert set(pictures) <= shown
    assert sum(picture.stat().st_size for picture in pictures) < 4 << 20


def test_the_pictures_of_gestures_are_there_in_both_themes_and_light():
    shown = {target for page in HELP.glob("*.md") for target in LINK.findall(prose(page)) if target.endswith(".png")}
    wanted = {HELP / target for target in shown} | {HELP / t.replace("-light.png", "-dark.png") for t in shown}
    assert wanted == set((HELP / "pictures").iterdir())
    assert all(picture.stat().st_size <= 40_000 for picture in wanted)


@pytest.mark.parametrize("line", commands())
def test_a_command_that_is_shown_is_understood(line):
    words = shlex.split(line.removeprefix("python ").removeprefix("main.py").removeprefix("netsmith"), comments=True)
    if line.startswith("make"):
        targets = re.findall(r"^(\w+):.*## ", text_of(ROOT / "Makefile"), re.MULTILINE)
        assert words[1] in targets
    elif words[0] == "render":
        assert render_parser().parse_args(words[1:])
    elif words[0] in COMMANDS:
        assert parser().parse_args(words)
    else:
        assert understood_by_main(words)


def understood_by_main(words: list[str]) -> bool:
    """Whether the window's own command line has these options, as its help says."""
    shown = subprocess.run([sys.executable, ROOT / "main.py", "--help"], capture_output=True, text=True, check=True)
    return all(word in shown.stdout for word in words if word.startswith("--"))


def test_every_command_without_a_window_is_shown_in_the_readme():
    shown = {shlex.split(line)[2] for line in commands() if line.startswith("python main.py ")}
    assert {*COMMANDS, "render"} <= shown


def test_the_readme_lists_exactly_what_a_recipe_can_be_made_of():
    table = text_of(README).split("| family | what there is |")[1].split("\n\n")[0]
    known = {kind for family in FAMILIES for kind in family.registry}
    assert set(re.findall(r"`(\w+)`", table)) == known


def test_the_page_on_recipes_names_every_kind_and_option():
    page = text_of(HELP / "recipe.md")
    named = set(re.findall(r"`(\w+)`", page))
    known = {kind for family in FAMILIES for kind in family.registry}
    options = set(engine.recipe.recipe.Recipe.params)
    assert known - named == set()
    assert options - named == {"dataset", "transforms", "losses", "metrics", "optimizer", "schedule", "shuffle"}


@pytest.mark.parametrize("page", [README, *sorted(HELP.glob("*.md"))], ids=name)
def test_every_layer_that_is_named_exists(page):
    known = {kind for family in (*FAMILIES, Layer) for kind in family.registry}
    known |= {"True", "False", "None", "Document", "FunctionLayer", "ModuleLayer"}
    words = set(re.findall(r"`([A-Z][a-z]\w*[a-zA-Z0-9])`", prose(page)))
    assert words - known - {"Home", "Del"} == set()


def test_the_code_of_ones_own_in_the_manual_makes_layers():
    sources = [code for language, code in CODE_BLOCK.findall(text_of(HELP / "user-code-and-trust.md")) if language]
    assert sources
    assert all(CodeLayer(source=source).ports_in() for source in sources)


def test_the_layer_that_the_readme_shows_is_a_whole_layer(tmp_path):
    snippet = text_of(README).split("<!-- layer -->")[1].split("```python\n")[1].split("```")[0]
    script = tmp_path / "try_layer.py"
    script.write_text(f"{snippet}\n\n{TRY_LAYER}", encoding="utf-8")
    # In a process of its own, so that the catalogue of this one stays as it is.
    done = subprocess.run(
        [sys.executable, script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert "self.low_rank_linear = nn.Sequential(" in done.stdout
    assert "nn.Linear(64, 5, bias=False), nn.Linear(5, 7)" in done.stdout
    assert "self.low_rank_linear(x)  # B × 7" in done.stdout


TRY_LAYER = """
from engine.analysis.infer import infer
from engine.codegen.classes import model_source
from engine.document.edits import AddNode, Connect, fresh_ids
from engine.document.files import dumps, loads
from engine.document.project import Project
from engine.graph.graph import Edge
from engine.layers import Layer, catalogue, find

project, before = Project(), None
kinds = Layer.registry
for layer in (kinds["Input"](), kinds["Flatten"](), LowRankLinear(out_features=7, rank=5), kinds["Output"]()):
    (new,) = fresh_ids(project)
    project = AddNode(layer)(project)
    project = Connect(Edge(before, "out", new, "x"))(project) if before else project
    before = new
assert LowRankLinear in catalogue()
assert find("lowrank")[0] is LowRankLinear
assert loads(dumps(project)).block().graph == project.block().graph
print(model_source(project, infer(project)).text)
"""
