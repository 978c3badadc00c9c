"""A block made of any layers of any network, and taken apart again, leaves the network as it was."""

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.analysis.infer import infer
from engine.codegen.module import module
from engine.document.grouping import Group, Ungroup
from engine.document.muting import Mute
from engine.document.project import Frame, Layout, Probe, Project
from engine.errors import EditError
from engine.layers.block import BlockLayer
from tests.laws.random_graphs import projects


def text(project: Project) -> str:
    return module(project, infer(project)).text


@settings(max_examples=60, deadline=None)
@given(projects(most=12), st.data())
def test_what_is_grouped_and_ungrouped_is_written_as_before(project, data):
    nodes = sorted(project.block().graph.nodes)
    if data.draw(st.booleans()):
        project = muted(project, data.draw(st.sampled_from(nodes)))
    assume(infer(project).is_valid)
    project = with_drawing(project, data)
    chosen = data.draw(st.lists(st.sampled_from(nodes), min_size=1, unique=True))
    try:
        grouped = Group(chosen, "Stage")(project)
    except EditError:
        assume(False)
    (instance,) = [n for n in grouped.block().graph.nodes.values() if n.id not in project.block().graph.nodes]
    assert isinstance(instance.layer, BlockLayer)
    assert infer(grouped).is_valid == infer(project).is_valid
    back = Ungroup(instance.id)(grouped)
    assert set(back.blocks) == set(project.blocks)
    assert text(back) == text(project)
    assert drawing(back) == drawing(project)
    assert back.block().graph.nodes == project.block().graph.nodes


def drawing(project: Project) -> Layout:
    layout = project.layout_of()
    frames = tuple(sorted(layout.frames, key=lambda frame: frame.id))
    return replace(layout, frames=frames, probes=tuple(sorted(layout.probes)))


def with_drawing(project: Project, data: st.DataObject) -> Project:
    """The layers laid out, and some frames and probes."""
    nodes = list(project.block().graph.nodes)
    places = {node: (256.0 * i, 96.0 * data.draw(st.integers(0, 2))) for i, node in enumerate(nodes)}
    frames = []
    for i in range(data.draw(st.integers(0, 2))):
        first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(nodes))] * 2)))
        width = 256.0 * (last - first) + 8
        frames.append(Frame(f"f{i + 1}", "Frame", 256.0 * first - 24, -40.0, width, 400.0))
    probed = data.draw(st.sets(st.sampled_from(nodes), max_size=2))
    probes = tuple(sorted(Probe(node, "out") for node in probed))
    return project.with_layout(project.main, Layout(places, tuple(frames), probes=probes))


def muted(project: Project, node: str) -> Project:
    try:
        return Mute((node,))(project)
    except EditError:
        return project
