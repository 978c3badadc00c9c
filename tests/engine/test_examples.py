"""Every example is a network without a problem, on data that comes along."""

from pathlib import Path

import pytest

from engine.analysis.infer import infer
from engine.document.files import load
from engine.graph.rows import PORT

EXAMPLES = sorted((Path(__file__).parents[2] / "resources" / "examples").glob("*.netsmith"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_an_example_has_no_problem(path):
    analysis = infer(load(path))
    assert [p.message for p in analysis.problems] == []
    assert analysis.main.known


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_every_layer_of_an_example_has_its_place(path):
    project = load(path)
    for block in project.blocks.values():
        positions = project.layout_of(block.id).positions
        assert positions.keys() == block.graph.nodes.keys()
        assert len(set(positions.values())) == len(positions)
        assert all(abs(ax - bx) > PORT or abs(ay - by) > PORT for (ax, ay), (bx, by) in _pairs(positions))


def _pairs(positions: dict) -> list[tuple]:
    places = list(positions.values())
    return [(a, b) for i, a in enumerate(places) for b in places[:i]]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_an_example_says_what_it_is_for(path):
    project = load(path)
    assert project.block().help
    assert all(param.help for block in project.blocks.values() for param in block.params)
