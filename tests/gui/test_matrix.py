"""The gradient matrix: any number of rows and steps, sorted and grouped as asked, by hand and by keys."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction

from engine.training.events import Norms, Skipped, Started
from engine.training.history import History
from gui.panels.matrix import MatrixView, MatrixWindow
from gui.plots.heat_cells import HeatCells
from gui.plots.heatmap import HeatMap
from gui.plots.step_grid import MOST, StepGrid
from gui.plots.thinning import NOTHING
from gui.xray.rows import latest, parameters_of, rows_of
from gui.xray.rows_over_time import RowFeed, ordered


@given(st.lists(st.integers(1, 900), min_size=1, max_size=12), st.integers(1, 16), st.integers(0, 2**31))
def test_columns_taken_in_piece_by_piece_are_those_taken_at_once(sizes, stride, seed):
    rng = np.random.default_rng(seed)
    count = sum(sizes)
    steps = 5 + stride * np.arange(count)
    values = rng.random((3, count)).astype(np.float32)
    values[1, rng.integers(count)], values[2, rng.integers(count)] = np.inf, NOTHING
    grown, whole = StepGrid(3), StepGrid(3)
    whole.fold(steps, values)
    end = 0
    for size in sizes:
        begin, end = max(end - 1, 0), end + size  # the last column is given again
        grown.fold(steps[begin:end], values[:, begin:end])
    assert grown.columns.shape == whole.columns.shape
    assert (grown.columns >= whole.columns).all(), "a measurement stands for the steps before it, too"
    assert stride > 1 or np.array_equal(grown.columns, whole.columns)
    assert grown.columns.max(axis=1).tolist() == whole.columns.max(axis=1).tolist()
    assert whole.columns.shape[1] <= MOST
    assert whole.columns.max(axis=1).tolist() == values.max(axis=1).tolist(), "no spike is lost"
    assert (whole.columns[0] > NOTHING).all(), "there are no gaps between measurements"


def test_a_column_is_where_its_step_is_however_often_was_measured():
    grid = StepGrid(1)
    steps = np.array([1, 2, 3, 4, 8, 16, 24])
    grid.fold(steps, np.arange(1, 8, dtype=np.float32)[None])
    assert [float(grid.columns[0, grid.column_of(s)]) for s in steps.tolist()] == [1, 2, 3, 4, 5, 6, 7]
    assert float(grid.columns[0, grid.column_of(12)]) == 6, "steps belong to the measurement that follows"
    assert grid.step_of(grid.column_of(16)) == 16


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_more_rows_than_pixels_show_the_greatest_of_several(rows):
    cells = HeatCells(rows)
    values = np.full((rows, 300), 1e-3, np.float32)
    values[rows // 2, 150] = 10.0
    cells.fold(np.arange(300), values)
    cells.draw(200, 90, keep_scale=False)
    assert cells.image.height() <= max(90, 1)
    assert cells.image.width() <= 200
    place = (rows // 2) // cells.pitch
    assert cells.value(place, cells.column_of(150)) == 10.0
    assert cells.worst_of(place, cells.column_of(150)) == rows // 2


def test_a_scale_that_changes_with_every_picture_takes_no_more_memory():
    cells = HeatCells(4)
    for turn in range(60):
        cells.fold(np.arange(turn * 10, turn * 10 + 10), np.full((4, 10), 1.5**turn))
        cells.draw(200, 90, keep_scale=False)
    assert cells._pixels.shape[1] <= 2 * 200


def test_what_is_drawn_anew_piece_by_piece_is_what_is_drawn_at_once():
    rng = np.random.default_rng(0)
    values = (10 ** rng.uniform(-3, 0, (40, 500))).astype(np.float32)
    pieces, once = HeatCells(40), HeatCells(40)
    for cells, edges in ((pieces, [0, 100, 101, 350, 500]), (once, [0, 500])):
        cells.sort(np.arange(40)[::-1])
        for begin, end in pairwise(edges):
            cells.fold(np.arange(begin, end), values[:, begin:end])
            cells.draw(600, 200, keep_scale=False)
    assert pieces.scale == once.scale
    assert pieces.image == once.image


def history_of(count=40, steps=20, **quantities):
    """A run of layers with a weight and a bias each."""
    names = tuple(f"layer{i}.{part}" for i in range(count // 2) for part in ("weight", "bias"))
    nodes = tuple((("main", f"n{i // 2}"),) for i in range(count))
    history = History()
    history.extend([Started("run", names, nodes, 1, steps, 32, "cpu")])
    for name, values in (quantities or {"gradient": np.full((steps, count), 0.1, np.float32)}).items():
        history.extend([Norms(name, np.arange(1, len(values) + 1), values)])
    return history


def test_rows_over_time_are_what_rows_measure_now():
    rng = np.random.default_rng(1)
    tables = {name: rng.random((6, 8)).astype(np.float32) for name in ("gradient", "weight", "ratio")}
    tables["gradient"][:, 3] = np.nan
    tables["gradient"][2, 4:6] = np.nan
    tables["ratio"][4, 0] = np.inf
    history = history_of(8, 6, **tables)
    for rows in (rows_of(history.started), parameters_of(history.started)):
        for quantity in tables:
            feed = RowFeed(rows, quantity)
            steps, values = feed.fresh(history.norm_log)
            assert steps.tolist() == [1, 2, 3, 4, 5, 6]
            now = latest(history.norm_log, quantity, rows)
            known = ~np.isnan(now)
            np.testing.assert_allclose(values[known, -1], now[known], rtol=1e-5)
            assert (values[~known, -1] == NOTHING).all()
            again, _ = feed.fresh(history.norm_log)
            assert again.tolist() == [6], "only the last column is given again"


def test_a_run_that_goes_back_begins_anew():
    history = history_of(4, 10)
    feed = RowFeed(rows_of(history.started), "gradient")
    feed.fresh(history.norm_log)
    history.extend([Norms("gradient", np.array([3]), np.full((1, 4), 9.0, np.float32))])
    assert feed.fresh(history.norm_log) is None
    steps, values = feed.fresh(history.norm_log)
    assert steps.tolist() == [1, 2, 3]
    assert values[0, -1] == pytest.approx(9 * math.sqrt(2))


def test_rows_are_sorted_by_size_and_by_trouble():
    values = np.array([0.1, 1.0, NOTHING, 1e-6, np.inf, 0.1])
    assert ordered(values, "depth", is_ratio=False).tolist() == [0, 1, 2, 3, 4, 5]
    assert ordered(values, "size", is_ratio=False).tolist() == [4, 1, 0, 5, 3, 2]
    assert ordered(values, "trouble", is_ratio=False).tolist()[:2] == [4, 3]
    ratios = np.array([1e-3, 1e-1, 5e-4, NOTHING])
    assert ordered(ratios, "trouble", is_ratio=True).tolist() == [1, 2, 0, 3]


@pytest.fixture
def matrix(qtbot, session):
    view = MatrixView(session)
    qtbot.addWidget(view)
    view.resize(600, 260)
    rng = np.random.default_rng(2)
    gradient = (10 ** rng.uniform(-3, 0, (30, 40))).astype(np.float32)
    gradient[:, 10] = 100.0
    session.runner.history = history_of(40, 30, gradient=gradient, weight=gradient, ratio=gradient * 1e-2)
    view.show()
    return view


def chosen(button, words) -> QAction:
    button.menu().aboutToShow.emit()
    return next(a for a in button.menu().actions() if a.text().startswith(words))


def test_quantity_rows_and_order_are_chosen_in_menus_and_remembered(matrix, session, qtbot):
    assert len(matrix.map.names) == 20
    chosen(matrix.shows, "Update").trigger()
    assert matrix.map.cells.kind == "ratio"
    assert not chosen(matrix.shows, "Gradient norm before").isEnabled()
    chosen(matrix.shows, "Gradient norm").trigger()
    chosen(matrix.rows, "A row for each parameter").trigger()
    assert len(matrix.map.names) == 40
    chosen(matrix.rows, "The largest first").trigger()
    assert matrix.map.names[int(matrix.map.cells.order[0])] == "layer5.weight"
    other = MatrixView(session)
    qtbot.addWidget(other)
    assert (other.quantity, other.group, other.order) == ("gradient", "parameters", "size")


def test_keys_walk_rows_in_their_order_and_steps(matrix, qtbot):
    steps, heat = [], matrix.map
    matrix.step_chosen.connect(steps.append)
    matrix.choose(order="size")
    heat.row_clicked.connect(heat.select_row)
    qtbot.keyClick(heat, Qt.Key.Key_Down)
    assert heat.selected == int(heat.cells.order[0])
    qtbot.keyClick(heat, Qt.Key.Key_PageDown)
    assert heat.selected == int(heat.cells.order[10])
    qtbot.keyClick(heat, Qt.Key.Key_End)
    qtbot.keyClick(heat, Qt.Key.Key_Left)
    qtbot.keyClick(heat, Qt.Key.Key_Home)
    assert steps == [30, 29, 1]
    assert heat.step == 1


def test_a_click_tells_the_layer_and_the_step_whatever_the_order(matrix, qtbot):
    matrix.choose(order="trouble")
    heat, told = matrix.map, []
    heat.row_clicked.connect(told.append)
    area = heat.map_rect()
    qtbot.mouseClick(heat, Qt.MouseButton.LeftButton, pos=QPoint(round(area.center().x()), round(area.top() + 2)))
    assert told == [int(heat.cells.order[0])]
    assert heat.names[told[0]] in heat.describe(0, heat.cells.column_of(heat.step))


def test_rows_keep_their_places_while_one_looks(matrix, session):
    matrix.choose(order="size")
    before = matrix.map.cells.order.copy()
    matrix.map._frozen = True
    session.runner.history.extend([Norms("gradient", np.array([31]), np.arange(40, dtype=np.float32)[None])])
    matrix._sorted.invalidate()
    matrix.show_history()
    assert np.array_equal(matrix.map.cells.order, before)


def test_a_thousand_rows_have_a_window_of_their_own(qtbot, session):
    rng = np.random.default_rng(3)
    session.runner.history = history_of(1000, 50, gradient=rng.random((50, 1000)).astype(np.float32))
    parent = MatrixView(session)
    qtbot.addWidget(parent)
    parent.choose(group="parameters")
    window = MatrixWindow(session, parent)
    window.show()
    qtbot.waitExposed(window)
    assert len(window.matrix.map.names) == 1000
    assert window.matrix.map.cells.image.height() > 300
    window.close()


def test_a_hidden_map_is_not_drawn(qtbot):
    heat = HeatMap("")
    qtbot.addWidget(heat)
    heat.set_rows(["a"])
    heat.add(np.arange(3), np.ones((1, 3), np.float32))
    assert heat.cells.image.isNull()
    heat.show()
    assert not heat.cells.image.isNull()


def test_a_step_that_was_left_out_says_so(matrix, session):
    heat = matrix.map
    column = heat.cells.column_of(7)
    assert "left out" not in heat.describe(0, column)
    session.runner.history.extend([Skipped((7,))])
    assert "left out" in heat.describe(0, column)
