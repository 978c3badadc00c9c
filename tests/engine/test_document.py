"""The document: undo, redo, joining, what is saved, and that a refusal leaves no trace."""

import pytest

from engine.document.document import Document
from engine.document.edits import AddNode, MoveNodes, RemoveNodes, SetParam
from engine.document.project import Project
from engine.errors import EditError
from engine.layers.base import Layer


@pytest.fixture
def document() -> Document:
    document = Document()
    document.apply(AddNode(Layer.find("Linear")()))
    document.mark_saved()
    return document


def test_undo_restores_the_very_same_project(document):
    before = document.project
    document.apply(AddNode(Layer.find("ReLU")()))
    after = document.project
    document.undo()
    assert document.project is before
    document.redo()
    assert document.project is after


def test_an_edit_that_is_refused_changes_nothing(document):
    before, told = document.project, []
    document.undo()
    document.redo()
    document.changed.connect(told.append)
    with pytest.raises(EditError):
        document.apply(RemoveNodes(["n9"]))
    assert document.project is before
    assert told == []
    assert document.history() == (("Add Linear",), ())


def test_an_edit_that_changes_nothing_is_no_step(document):
    document.apply(MoveNodes({"n1": (0, 0)}))
    assert document.history() == (("Add Linear",), ())
    assert not document.dirty


def test_edits_with_the_same_key_join(document):
    before = document.project
    for width in range(1, 9):
        document.apply(SetParam("n1", "out_features", width), merge=("n1", "out_features"))
    document.undo()
    assert document.project is before


@pytest.mark.parametrize("between", ["other key", "no key", "undo", "save"])
def test_edits_do_not_join_across_something_else(document, between):
    document.apply(SetParam("n1", "out_features", 1), merge="a")
    middle = document.project
    if between == "other key":
        document.apply(SetParam("n1", "bias", False), merge="b")
    elif between == "no key":
        document.apply(SetParam("n1", "bias", False))
    elif between == "undo":
        document.undo()
        document.redo()
    else:
        document.mark_saved()
    middle = document.project
    document.apply(SetParam("n1", "out_features", 2), merge="a")
    document.undo()
    assert document.project is middle


def test_a_new_edit_forgets_what_was_undone(document):
    document.undo()
    document.apply(AddNode(Layer.find("ReLU")()))
    assert document.redo_label is None


def test_undoing_to_what_was_saved_is_clean(document):
    document.apply(SetParam("n1", "bias", False))
    assert document.dirty
    document.undo()
    assert not document.dirty
    document.undo()
    assert document.dirty


def test_what_was_saved_is_what_was_held_when_saving_began(document):
    written = document.project
    document.apply(SetParam("n1", "bias", False))
    document.mark_saved(written)
    assert document.dirty


def test_another_project_has_nothing_to_undo(document):
    told = []
    document.changed.connect(told.append)
    document.replace(Project())
    document.undo()
    assert document.project == Project()
    assert len(told) == 1
    assert not document.dirty


def test_undo_and_redo_with_nothing_to_do_are_silent():
    document, told = Document(), []
    document.changed.connect(told.append)
    document.undo()
    document.redo()
    assert told == []


def add(width):
    return AddNode(Layer.find("Linear")(out_features=width))


def test_edits_of_one_gesture_that_lead_back_leave_no_trace(document):
    document.apply(add(8))
    document.apply(add(16))
    document.undo()
    before, steps = document.project, document.history()
    node = list(before.block().graph.nodes)[-1]
    for width in (9, 10, 8):
        document.apply(SetParam(node, "out_features", width), merge="drag")
    assert document.project is before
    assert document.history() == steps
    document.redo()
    assert len(document.project.block().graph.nodes) == 1 + len(before.block().graph.nodes)


def test_going_to_a_step_gives_the_very_same_project_and_is_told_once():
    document = Document()
    values = [document.project]
    for width in (8, 16, 32):
        document.apply(add(width))
        values.append(document.project)
    told = []
    document.changed.connect(told.append)
    for step in (0, 3, 1, 2, 99, -5):
        document.go_to(step)
        assert document.project is values[min(3, max(0, step))]
    assert [(c.before, c.after) for c in told[:2]] == [(values[3], values[0]), (values[0], values[3])]
    assert len(told) == 6


def test_the_step_that_was_saved_is_known_wherever_one_stands(document):
    document.apply(add(8))
    assert document.saved_step == 1
    document.go_to(0)
    assert document.saved_step == 1
    document.apply(add(9))
    assert document.saved_step is None
