"""What is printed for eight drawn networks, against the same networks written by hand."""

import ast
import importlib
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import nn

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.module import module
from engine.document.files import load
from tests.golden.architectures import ARCHITECTURES
from tests.golden.drawn import drawn, file_of

SMALL = {
    "unet": {"width": 4},
    "vit": {"classes": 7, "image_size": 32, "patch_size": 8, "width": 16, "depth": 2, "heads": 4},
    "gpt": {"vocabulary": 30, "context": 20, "width": 16, "depth": 2, "heads": 4},
    "wavenet": {"levels": 20, "channels": 6, "depth": 4},
    "seq2seq": {"source_vocabulary": 12, "target_vocabulary": 15, "width": 8},
}
"""Sizes in which a network runs in milliseconds; the others are made for images of any size."""
PAPER = {"gpt": 124_439_808, "resnet50": 25_557_032, "vit": 86_567_656, "densenet121": 7_978_856, "googlenet": 6_624_904}
"""Learned numbers at the size of the paper."""
LONGEST = 1.3


@cache
def text_of(name: str) -> str:
    project = ARCHITECTURES[name]()
    return module(project, infer(project)).text


@cache
def printed(name: str) -> type[nn.Module]:
    project = ARCHITECTURES[name]()
    return build(module(project, infer(project)))[project.block().name]


def by_hand(name: str) -> type[nn.Module]:
    return vars(importlib.import_module(f"tests.golden.reference.{name}"))[printed(name).__name__]


def pair(name: str) -> tuple[nn.Module, nn.Module]:
    """The printed and the written network with the same weights."""
    sizes = SMALL.get(name, {"classes": 5} if name != "unet" else {})
    torch.manual_seed(0)
    written, made = by_hand(name)(**sizes), printed(name)(**sizes)
    made.load_state_dict(written.state_dict(), strict=True)
    return made, written


def inputs(name: str, batch: int) -> tuple[torch.Tensor, ...]:
    torch.manual_seed(batch)
    if name == "seq2seq":
        return torch.randint(12, (batch, 9)), torch.randint(15, (batch, 6))
    if name in ("gpt", "wavenet"):
        return (torch.randint(20, (batch, 18)),)
    return (torch.randn(batch, 3, *((32, 32) if name in ("unet", "vit") else (64, 64))),)


def lines_of(text: str) -> int:
    """Lines that are neither empty nor a comment nor part of a docstring."""
    tree = ast.parse(text)
    owners = [n for n in ast.walk(tree) if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)]
    quoted = {
        line
        for owner in owners
        if ast.get_docstring(owner) is not None
        for line in range(owner.body[0].lineno, (owner.body[0].end_lineno or 0) + 1)
    }
    rows = enumerate(text.splitlines(), 1)
    return sum(bool(row.strip()) and not row.lstrip().startswith("#") and n not in quoted for n, row in rows)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_printed_network_has_the_state_of_the_one_by_hand_and_computes_the_same(name):
    made, written = pair(name)
    assert list(made.state_dict()) == list(written.state_dict())
    for model in (made, written):
        model.eval()
    with torch.no_grad():
        for batch in (2, 3):
            assert torch.equal(made(*inputs(name, batch)), written(*inputs(name, batch)))


@pytest.mark.parametrize("name", [*SMALL, "googlenet"])
def test_a_printed_network_learns_as_the_one_by_hand(name):
    made, written = pair(name)
    losses = []
    for model in (made, written):
        torch.manual_seed(1)
        loss = model(*inputs(name, 2)).square().mean()
        loss.backward()
        losses.append(loss)
    assert torch.equal(*losses)
    theirs = dict(written.named_parameters())
    for key, parameter in made.named_parameters():
        torch.testing.assert_close(parameter.grad, theirs[key].grad, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", PAPER)
def test_a_network_at_the_size_of_its_paper_has_as_many_parameters(name):
    with torch.device("meta"):
        for network in (printed(name), by_hand(name)):
            assert sum(p.numel() for p in network().parameters()) == PAPER[name]
    assert infer(ARCHITECTURES[name]()).parameters == PAPER[name]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_printed_network_is_hardly_longer_than_the_one_by_hand(name):
    path = Path(__file__).with_name("reference") / f"{name}.py"
    assert lines_of(text_of(name)) <= LONGEST * lines_of(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_network_drawn_edit_by_edit_is_the_file_beside_its_reference(name):
    project = load(file_of(name))
    assert project.blocks == drawn(name).blocks
    assert module(project, infer(project)).text == text_of(name)
    assert all(block.graph.nodes.keys() == project.layout_of(block.id).positions.keys() for block in project.blocks.values())


def test_printed_networks_are_formatted_and_repeat_no_class():
    for name in ARCHITECTURES:
        text = text_of(name)
        command = [sys.executable, "-m", "ruff", "format", "--isolated", "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, encoding="utf-8")
        assert done.stdout == text, name
        bodies = [part.partition(":")[2] for part in text.split("\nclass ")[1:]]
        assert len(set(bodies)) == len(bodies), name
