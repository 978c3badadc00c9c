"""Sixty common mistakes are told in the user's words, and the first way out of each was tried and works."""

import pytest

from engine.analysis.infer import infer
from engine.analysis.repairs import with_repairs
from engine.layers.io import Output
from tests.engine.mistakes import MISTAKES, Mistake

LONGEST = 240


def told(mistake: Mistake):
    """The problem of the mistake, with its repairs."""
    analysis = with_repairs(mistake.made, infer(mistake.made))
    found = [p for p in analysis.problems if (p.path, p.severity) == (mistake.path, mistake.severity)]
    assert found, [(p.severity, p.path, p.message) for p in analysis.problems]
    return analysis, found[0]


def elsewhere(mistake: Mistake, problems):
    """Errors of layers: what the data wants of the outputs comes to light only when the layers fit."""
    outputs = {node.id for node in mistake.made.block().graph.nodes.values() if isinstance(node.layer, Output)}
    return {(p.block, p.node, p.message) for p in problems if p.severity == "error" and p.node not in {*outputs, ""}}


def test_there_are_sixty_and_more():
    assert len(MISTAKES) >= 60


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_sizes_and_its_first_repair_mends_it(mistake):
    before, problem = told(mistake)
    text = f"{problem.message} {problem.hint}"
    assert [word for word in mistake.words if word not in text] == [], text
    assert len(text) <= LONGEST
    assert [r.title for r in problem.repairs][:1] == [mistake.repair] or problem.repairs[0].title.startswith(
        mistake.repair
    )
    after = infer(problem.repairs[0].edit(mistake.made))
    assert elsewhere(mistake, after.problems) <= elsewhere(mistake, before.problems)
    assert not any(
        (p.block, p.node, p.message) == (problem.block, problem.node, problem.message) for p in after.problems
    )
