"""The summary reads its rows from the analysis: they follow edits one by one, and what is open stays open."""

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from bench.networks import NETWORKS
from engine.document.edits import RemoveNodes, Rename, SetParam
from engine.document.fragment import Paste, copy
from gui.panels.summary import SummaryPanel
from gui.panels.summary_rows import MOST, MOST_MOVED


@pytest.fixture
def summary(qtbot, session, settled):
    session.document.replace(NETWORKS["blocks"](60))
    panel = SummaryPanel(session)
    qtbot.addWidget(panel)
    panel.resize(400, 300)
    panel.show()
    settled()
    panel.tester = QAbstractItemModelTester(panel.rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return panel


def texts(rows, above=None):
    above = above or QModelIndex()
    return [rows.index(i, 0, above).data() for i in range(rows.rowCount(above))]


def holder(summary, nth=0):
    rows = summary.rows
    tops = [rows.index(i, 0) for i in range(rows.rowCount())]
    return [index for index in tops if rows.hasChildren(index)][nth]


def test_rows_in_a_row_are_the_layers_of_its_block(session, summary):
    at = holder(summary)
    block = session.project.blocks[session.project.block().graph.nodes[summary.rows.row(at).place[1]].layer.block]
    assert texts(summary.rows, at) == [block.graph.nodes[n].name for n in block.graph.order()]
    assert [at.siblingAtColumn(c).data(Qt.ItemDataRole.TextAlignmentRole) is None for c in range(4)] == [1, 1, 0, 0]


def test_what_is_open_stays_open_while_rows_around_it_come_and_go(session, summary, settled):
    at = holder(summary, 1)
    name, inside = at.data(), texts(summary.rows, at)
    summary.tree.expand(at)
    before = summary.rows.rowCount()
    gone = next(n.id for n in session.block.graph.nodes.values() if n.layer.key == "ReLU")
    session.apply(RemoveNodes([gone]))
    settled()
    assert summary.rows.rowCount() == before - 1
    session.undo()
    settled()
    assert summary.rows.rowCount() == before
    at = holder(summary, 1)
    assert (at.data(), texts(summary.rows, at)) == (name, inside)
    assert summary.tree.isExpanded(at)


def test_an_edit_inside_a_block_is_told_in_every_row_that_shows_it(session, summary, settled):
    at = holder(summary)
    layer = summary.rows.row(at).shapes.layer
    summary.tree.expand(at)
    conv = next(n.id for n in session.project.blocks[layer.block].graph.nodes.values() if n.layer.key == "Conv2d")
    told = []
    summary.rows.dataChanged.connect(lambda first, last: told.append((first.parent().isValid(), first.row())))
    session.apply(SetParam(conv, "bias", False, block=layer.block))
    settled()
    assert (False, at.row()) in told
    assert any(is_inner for is_inner, _ in told)
    session.apply(Rename(conv, "other", block=layer.block))
    settled()
    assert "other" in texts(summary.rows, holder(summary))


def test_opened_rows_are_opened_again_when_all_are_new(session, summary, settled):
    at = holder(summary)
    name = at.data()
    summary.tree.expand(at)
    piece = copy(session.project, list(session.block.graph.nodes)[1:-1])
    while len(session.block.graph.nodes) < summary.rows.rowCount() + MOST_MOVED + 1:
        session.apply(Paste(piece, (32.0, 4000.0)))
    settled()
    at = holder(summary)
    assert at.data() == name
    assert summary.tree.isExpanded(at)


def test_a_click_leads_to_the_layer_also_inside_a_block(session, summary):
    at = holder(summary)
    summary.tree.expand(at)
    inner = summary.rows.index(1, 0, at)
    summary.tree.scrollTo(inner)
    place = summary.tree.visualRect(inner).center()
    QTest.mouseClick(summary.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert (session.block_id, session.selection) == (
        summary.rows.row(inner).place[0],
        (summary.rows.row(inner).place[1],),
    )


def test_a_very_long_network_is_cut_with_a_word_about_it(session, summary, settled):
    session.document.replace(NETWORKS["skips"](MOST + 100))
    settled()
    assert summary.rows.rowCount() == MOST
    assert f"the first {MOST:,} rows are shown" in summary.total.text()
