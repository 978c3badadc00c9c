"""What an edit leaves known is what a fresh look finds: any edits, any network, wherever one goes back to."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import networks
from engine.analysis.infer import clear_memo, infer
from engine.codegen import classes
from engine.codegen.classes import generate_model, model_source
from engine.document.files import load
from engine.document.project import Project
from engine.errors import CodeError
from tests.golden.networks import NETWORKS
from tests.laws.edit_sequences import PROJECTS, STEPS, tried
from tests.laws.random_graphs import projects
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
    for each, before in zip(seen, found, strict=True):
        clear_memo()
        classes.clear_memo()
        fresh = known(each)
        for what, value in fresh.items():
            assert before[what] == value, what
