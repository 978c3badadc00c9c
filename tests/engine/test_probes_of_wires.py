"""Probes stand on outputs that are there, are kept in the file, and go with undo."""

import pytest

from engine.document.document import Document
from engine.document.drawing_edits import SetProbes
from engine.document.edits import RemoveNodes
from engine.document.files import dumps, loads
from engine.document.probes import probes_of, toggled
from engine.document.project import Probe
from engine.errors import EditError, FileError
from engine.graph.graph import NodeId
from tests.engine.runs import moons

FIRST = Probe(NodeId("first"), "out")
ACT = Probe(NodeId("act"), "out")


def test_probes_are_put_there_and_taken_away():
    project = moons()
    both = toggled(project, project.main, [FIRST, ACT])(project)
    assert [probe for _, probe in probes_of(both)] == [FIRST, ACT]
    assert [probe for _, probe in probes_of(toggled(both, project.main, [FIRST])(both))] == [ACT]
    assert both.blocks is project.blocks


def test_probes_are_kept_in_the_file():
    project = moons()
    probed = SetProbes([ACT])(project)
    assert loads(dumps(probed)) == probed
    assert "probes" not in dumps(project)


def test_a_probe_of_what_is_not_there_is_refused():
    with pytest.raises(EditError, match="no such output"):
        SetProbes([Probe(NodeId("act"), "nothing")])(moons())
    with pytest.raises(FileError, match=r"n3\.out"):
        loads(dumps(SetProbes([ACT])(moons())).replace('"act.out"', '"act"'))


def test_probes_of_a_removed_layer_mean_nothing_until_it_is_back():
    document = Document(SetProbes([ACT, FIRST])(moons()))
    document.apply(RemoveNodes([NodeId("act")]))
    assert [probe for _, probe in probes_of(document.project)] == [FIRST]
    assert [probe for _, probe in probes_of(loads(dumps(document.project)))] == [FIRST]
    document.undo()
    assert [probe for _, probe in probes_of(document.project)] == [ACT, FIRST]
