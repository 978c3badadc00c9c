"""What an edit leaves known is what a fresh look finds: any edits, any network, wherever one goes back to."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import networks
from engine.analysis.infer import clear_memo, infer
from engine.codegen import classes
from engine.codegen.classes import generate_model, model_source
from engine.document.edits import SetLayer
from engine.document.files import load
from engine.document.project import Project
from engine.errors import CodeError
from engine.layers import Layer
from tests.golden.networks import NETWORKS
from tests.laws.edit_sequences import PROJECTS, STEPS, tried
from tests.laws.random_graphs import edited_projects, projects
from tests.laws.test_costs import EXAMPLES, REFERENCES

HISTORIES = st.lists(st.tuples(STEPS, st.integers(0, 11)), min_size=1, max_size=7)
DRAWN = st.sampled_from([*EXAMPLES, *REFERENCES]).map(load)
LARGE = st.sampled_from([make(count) for make in networks.NETWORKS.values() for count in (40, 110)])
DRAWN_UP = st.sampled_from([make() for make in NETWORKS.values()])
NETWORK = st.one_of(PROJECTS, projects(most=12), DRAWN_UP, DRAWN, LARGE)


def known(project: Project) -> dict[str, Any]:
    """Everything that a view shows of a project, in the order in which it shows it."""
    analysis = infer(project)
    source = model_source(project, analysis)
    try:
        failure = ""
        generate_model(project, analysis)
    except CodeError as error:
        failure = error.message
    return {
        "analysis": analysis,
        "kinds": {
            block.id: (list(graph._kinds.items()), graph.marked, list(graph.holders.items()), graph.lost)
            for block in project.blocks.values()
            for graph in (block.graph,)
        },
        "order": {block: [list(i.nodes) for i in several] for block, several in analysis.instances.items()},
        "text": source.text,
        "lines": dict(source.node_of_line),
        "also": dict(source.also),
        "gives": dict(source.gives),
        "imports": source.imports,
        "failure": failure,
    }


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    yield
    clear_memo()
    classes.clear_memo()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(NETWORK, HISTORIES)
def test_what_edits_leave_known_is_what_a_fresh_look_finds(project: Project, steps: list[tuple[Any, int]]) -> None:
    clear_memo()
    classes.clear_memo()
    seen = [project]
    found = [known(project)]
    for step, number in steps:
        back = number >= 9  # as undo does
        seen.append(seen[number % len(seen)] if back else tried(seen[-1], step))
        found.append(known(seen[-1]))
    assert_fresh(seen, found)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.one_of(projects(most=6), edited_projects().map(lambda history: history[-1])), min_size=2, max_size=6)
)
def test_what_is_known_of_one_project_is_not_led_astray_by_another_that_was_looked_at_before(
    seen: list[Project],
) -> None:
    clear_memo()
    classes.clear_memo()
    assert_fresh(seen, [known(project) for project in seen])


def assert_fresh(seen: list[Project], found: list[dict[str, Any]]) -> None:
    """What was found of each is what is found of it when nothing is remembered."""
    for each, before in zip(seen, found, strict=True):
        each = copied(each)
        clear_memo()
        classes.clear_memo()
        for what, value in known(each).items():
            assert before[what] == value, what


def copied(project: Project) -> Project:
    """The same without anything that its graphs took over from those of before."""
    graphs = {id: replace(block, graph=replace(block.graph)) for id, block in project.blocks.items()}
    return replace(project, blocks=graphs)


def test_an_output_that_becomes_another_layer_with_the_same_wires_leads_on_to_nothing() -> None:
    project = next(p for p in (make() for make in NETWORKS.values()) if p.block().outputs)
    clear_memo()
    infer(project)
    (end, *_) = project.block().outputs
    other = SetLayer(end.id, Layer.registry["Identity"]())(project)
    warm = infer(other)
    clear_memo()
    assert infer(other) == warm
