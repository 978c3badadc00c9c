"""Whatever is edited in whatever order: projects stay whole, undo and redo are exact, refusals change nothing."""

from hypothesis import given
from hypothesis import strategies as st

from engine.document.document import Document
from engine.document.edits import AddNode, MoveNodes
from engine.document.project import Project
from engine.errors import EngineError
from engine.layers.base import Layer
from tests.laws.edit_sequences import STEPS, after, edit_of, faults, tried


@given(st.lists(STEPS, max_size=60))
def test_every_edit_leaves_a_whole_project(steps):
    project = Project()
    for step in steps:
        project = tried(project, step)
        assert faults(project) == []


@given(st.lists(STEPS, max_size=40))
def test_undo_to_the_start_and_redo_to_the_end_give_the_same_objects(steps):
    document = Document()
    seen = [document.project]
    for step in steps:
        try:
            document.apply(edit_of(document.project, step))
        except EngineError:
            continue
        if document.project is not seen[-1]:
            seen.append(document.project)
    for project in reversed(seen[:-1]):
        document.undo()
        assert document.project is project
    for project in seen[1:]:
        document.redo()
        assert document.project is project


@given(st.lists(STEPS, max_size=30), STEPS)
def test_an_edit_is_a_function_of_the_project(steps, last):
    assert tried(after(steps), last) == tried(after(steps), last)


@given(st.lists(STEPS, max_size=30), STEPS)
def test_an_edit_that_is_refused_changes_nothing_and_tells_nobody(steps, last):
    document = Document(after(steps))
    before, told = document.project, []
    document.changed.connect(told.append)
    try:
        document.apply(edit_of(before, last))
    except EngineError:
        assert document.project is before
        assert not document.dirty
        assert document.undo_label is None
        assert told == []


@given(st.lists(STEPS, max_size=30), STEPS)
def test_an_edit_shares_every_block_it_does_not_touch(steps, last):
    before = after(steps)
    changed = tried(before, last)
    for key in before.blocks.keys() & changed.blocks.keys():
        if before.blocks[key] == changed.blocks[key]:
            assert before.blocks[key] is changed.blocks[key]


@given(st.lists(STEPS, max_size=30), STEPS)
def test_every_edit_says_what_it_does(steps, last):
    edit = edit_of(after(steps), last)
    assert callable(edit)
    assert last[0] == "paste" or edit.label


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=10))
def test_a_drag_is_one_step_of_undo(points):
    document = Document(AddNode(Layer.find("ReLU")(), at=(0.5, 0.5))(Project()))
    before = document.project
    for point in points:
        document.apply(MoveNodes({"n1": point}), merge="drag")
    document.undo()
    assert document.project is before
