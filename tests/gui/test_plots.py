"""Plots: what of the numbers is drawn, in which colour, and at what size of work."""

import json

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QEnterEvent

from gui import theme as look
from gui.plots.curve import CurvePlot
from gui.plots.heat import MAPS, HeatScale, heat_colour
from gui.plots.heatmap import HeatMap
from gui.plots.sparkline import Sparkline
from gui.theme import Theme

# Said by Qt's offscreen platform of any window that has a least size.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

SCHEMES = pytest.mark.parametrize("scheme", ["dark", "light"])
STEPS = np.arange(400.0)


@pytest.fixture(autouse=True)
def dark_before_and_after():
    look.set_scheme("dark")
    yield
    look.set_scheme("dark")


@pytest.fixture
def shown(qtbot):
    def show(plot, width=420, height=220):
        qtbot.addWidget(plot)
        plot.resize(width, height)
        plot.show()
        qtbot.waitExposed(plot)
        return plot

    return show


def colours_in(widget):
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).rgb() for x in range(image.width()) for y in range(image.height())}


def draw(plot, name, x, y, part):
    """Show a series without waiting until the last drawing is old enough."""
    plot.set_series(name, x, y, part)
    plot.refresh()


def has(colours, wanted):
    """Whether a colour is among these, but for rounding."""
    wanted = QColor(wanted).getRgb()[:3]
    return any(all(abs(a - b) <= 2 for a, b in zip(QColor(seen).getRgb()[:3], wanted, strict=True)) for seen in colours)


# Curves


@SCHEMES
@pytest.mark.parametrize(("part", "place"), [("smooth", 0), ("validation", 1)])
def test_a_curve_is_drawn_in_the_colour_of_its_part(scheme, part, place, shown):
    look.set_scheme(scheme)
    plot = shown(CurvePlot("Loss"))
    draw(plot, "train", STEPS, 0.5 + STEPS / 400, part)
    assert has(colours_in(plot._area), look.theme().plot.series[place])


def test_raw_values_are_faint_behind_their_smoothed_curve(shown):
    plot = shown(CurvePlot("Loss"))
    draw(plot, "train", STEPS, 1 + np.sin(STEPS), "raw")
    theme = look.theme()
    assert has(colours_in(plot._area), look.mix(theme.plot.series[0], theme.plot.background, 0.38))


def test_a_change_of_theme_repaints_the_plot(shown):
    plot = shown(CurvePlot("Loss"))
    draw(plot, "train", STEPS, STEPS, "smooth")
    look.set_scheme("light")
    seen = colours_in(plot._area)
    assert has(seen, Theme.light().plot.background)
    assert has(seen, Theme.light().plot.series[0])
    assert not has(seen, Theme.dark().plot.series[0])


@pytest.mark.parametrize("length", [0, 1, 2, 1_000_000])
@pytest.mark.parametrize("part", ["raw", "smooth", "epoch", "validation", "learning_rate"])
def test_a_curve_of_any_length_is_drawn(length, part, shown):
    plot = shown(CurvePlot("Loss"))
    draw(plot, "train", np.arange(length), np.linspace(1, 0.01, length), part)
    plot.grab()
    points = sum(len(item.getData()[0]) for item in plot._area._curves.values() if item.getData()[0] is not None)
    assert points <= 2 * plot.width() + 2


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_curve_that_stops_being_finite_says_so_in_red(bad, shown):
    plot = shown(CurvePlot("Loss"))
    y = np.linspace(1, 0.5, 400)
    y[300:] = bad
    draw(plot, "train", STEPS, y, "smooth")
    seen = colours_in(plot._area)
    assert has(seen, look.theme().heat.not_finite.fill)
    assert has(seen, look.theme().plot.series[0])


def test_a_curve_without_any_finite_value_draws_no_line_and_breaks_nothing(shown):
    plot = shown(CurvePlot("Loss"))
    draw(plot, "train", STEPS, np.full(400, np.nan), "smooth")
    assert not has(colours_in(plot._area), look.theme().plot.series[0])


def test_the_axis_reaches_down_to_a_loss_that_falls_on_between_the_same_labels(shown):
    plot = shown(CurvePlot("Loss"))
    for least in (1.1e-2, 5.5e-3):
        draw(plot, "train", STEPS, np.geomspace(2.0, least, len(STEPS)), "smooth")
    assert 10**plot._area.axis.low <= least


def test_the_axis_spans_the_planned_run_and_a_zoom_survives_new_points(shown):
    plot = shown(CurvePlot("Loss"))
    plot.set_range(900)
    draw(plot, "train", STEPS[:10], STEPS[:10], "raw")
    assert plot._area.span() == (0, 900)
    plot._area.box.setXRange(100, 200, padding=0)
    draw(plot, "train", STEPS, STEPS, "raw")
    assert plot._area.span() == pytest.approx((100, 200))
    plot._area.show_all()
    assert plot._area.span() == (0, 900)


def test_a_learning_rate_leaves_the_scale_of_the_loss_alone(shown):
    plot = shown(CurvePlot("Loss"))
    draw(plot, "train", STEPS, np.linspace(1, 0.5, 400), "smooth")
    before = plot._area.axis
    draw(plot, "lr", STEPS, np.full(400, 1e-3), "learning_rate")
    assert plot._area.axis == before


def test_the_crosshair_reads_every_curve_at_its_step(qtbot):
    curves = CurvePlot("Loss")
    qtbot.addWidget(curves)
    curves.set_series("train", STEPS, STEPS / 100, "raw")
    curves.set_series("train", STEPS, STEPS / 200, "smooth")
    curves.set_series("validation", np.array([100.0, 200.0]), np.array([0.25, 0.5]), "validation")
    assert [line.text for line in curves.readings(150)] == ["step 150", "train 0.750", "validation 0.250"]
    assert [line.text for line in curves.readings(50)] == ["step 50", "train 0.250"]


def test_the_pointer_tells_its_step_and_its_leaving(shown, qtbot):
    plot = shown(CurvePlot("Loss"))
    plot.set_range(100)
    draw(plot, "train", STEPS[:100], STEPS[:100], "smooth")
    told = []
    plot.hovered.connect(told.append)
    area = plot._area
    qtbot.mouseMove(area.viewport(), QPoint(area.width() // 4, 20))
    qtbot.mouseMove(area.viewport(), QPoint(area.width() // 2, 20))
    qtbot.waitUntil(lambda: bool(told))
    assert told[-1] == pytest.approx(50, abs=2)
    area.leaveEvent(QEvent(QEvent.Type.Leave))
    assert told[-1] is None


def test_an_event_is_drawn_where_it_happened_and_is_gone_after_clearing(shown):
    plot = shown(CurvePlot("Loss"))
    plot.set_range(100)
    draw(plot, "train", STEPS[:100], STEPS[:100], "smooth")
    plot.add_event(50, "lr 3e-3 → 1e-3")
    assert has(colours_in(plot._area), look.theme().plot.event)
    plot.clear()
    plot.refresh()
    assert not has(colours_in(plot._area), look.theme().plot.event)
    assert not has(colours_in(plot._area), look.theme().plot.series[0])


def test_many_changes_are_drawn_once_they_are_due(shown):
    plot = shown(CurvePlot("Loss"))
    drawn = []
    refresh = plot._area.keep_only
    plot._area.keep_only = lambda keys: (drawn.append(len(keys)), refresh(keys))
    plot._pause.stop()
    for length in range(10, 60):
        plot.set_series("train", STEPS[:length], STEPS[:length], "raw")
    assert drawn == [1]
    plot.refresh()
    assert drawn == [1, 1]


def test_a_hidden_plot_does_no_work_until_it_is_seen(qtbot):
    plot = CurvePlot("Loss")
    qtbot.addWidget(plot)
    plot.set_series("train", STEPS, STEPS, "raw")
    assert plot._area._curves == {}
    plot.show()
    assert len(plot._area._curves) == 1


@pytest.mark.parametrize(
    ("x", "y", "part", "said"),
    [(STEPS, STEPS[:3], "raw", "one length"), (STEPS, STEPS, "loss", "must be one of raw")],
)
def test_columns_that_do_not_fit_are_refused_by_name(x, y, part, said, qtbot):
    plot = CurvePlot("Loss")
    qtbot.addWidget(plot)
    with pytest.raises(ValueError, match=f"train: .*{said}"):
        plot.set_series("train", x, y, part)


# Heat


def test_the_colour_map_is_viridis():
    pyqtgraph = pytest.importorskip("pyqtgraph")
    stops = json.loads(MAPS.read_text(encoding="utf-8"))["maps"]
    for name, colours in stops.items():
        theirs = pyqtgraph.colormap.get(name).mapToByte(np.linspace(0, 1, len(colours)))[:, :3]
        ours = np.array([QColor(colour).getRgb()[:3] for colour in colours])
        assert np.abs(theirs.astype(int) - ours).max() <= 1


def test_limits_are_robust_two_decades_at_least_and_rounded_outwards():
    rng = np.random.default_rng(0)
    values = 10 ** rng.uniform(-3.4, -0.6, 10_000)
    values[:20] = 1e9
    assert HeatScale.fitting(values) == HeatScale(-3.5, -0.5)
    narrow = HeatScale.fitting(np.full(10, 0.02))
    assert narrow.high - narrow.low >= 2
    assert narrow.low <= np.log10(0.02) <= narrow.high
    assert HeatScale.fitting(np.array([np.nan, np.inf, 0.0])) == HeatScale()


def test_a_single_colour_is_that_of_the_whole_map():
    scale = HeatScale(-4, 0)
    for value in (1e-9, 1e-4, 3e-3, 0.5, 1.0, 100.0, 0.0, np.nan, np.inf):
        assert heat_colour(value, scale).rgba() == int(scale.argb(np.array([value]))[0])


def a_map(values, **more):
    heat = HeatMap("Gradient norm")
    heat.set_data([f"layer{i}" for i in range(len(values))], np.arange(values.shape[1]), values, **more)
    return heat


def colour_at(heat, row, share):
    area, rows = heat.map_rect(), len(heat.names)
    place = QPointF(area.left() + share * area.width(), area.top() + (row + 0.5) * area.height() / rows)
    return heat.grab().toImage().pixelColor(place.toPoint())


@SCHEMES
def test_a_cell_has_the_colour_of_its_size(scheme, shown):
    look.set_scheme(scheme)
    heat = shown(a_map(np.array([[1e-3] * 50, [1e-1] * 50, [1e-2] * 25 + [1.0] * 25])))
    for row, share, value in [(0, 0.5, 1e-3), (1, 0.5, 1e-1), (2, 0.2, 1e-2), (2, 0.8, 1.0)]:
        assert colour_at(heat, row, share).rgb() == heat_colour(value, heat.scale_shown()).rgb()


def test_what_is_not_finite_is_red_and_what_has_no_value_is_hatched(shown):
    values = np.full((4, 40), 0.1)
    values[0, 20:], values[1, 20:], values[2] = np.nan, np.inf, np.nan
    heat = shown(a_map(values, missing=np.array([False, False, False, True])))
    red = look.theme().heat.not_finite.fill.rgb()
    assert colour_at(heat, 0, 0.75).rgb() == red
    assert colour_at(heat, 1, 0.75).rgb() == red
    assert colour_at(heat, 0, 0.25).rgb() == heat_colour(0.1, heat.scale_shown()).rgb()
    ground = {look.theme().plot.background.rgb(), look.theme().border.default.rgb()}
    assert colour_at(heat, 2, 0.5).rgb() in ground
    assert colour_at(heat, 3, 0.5).rgb() in ground


@pytest.mark.parametrize("shape", [(0, 0), (3, 0), (1, 1), (500, 3), (8, 100_000)])
def test_a_map_of_any_size_is_drawn(shape, shown):
    heat = shown(a_map(np.abs(np.random.default_rng(0).normal(size=shape)) + 1e-3))
    heat.grab()
    assert heat.cells.image.width() <= heat.width() * heat.devicePixelRatioF()


def test_a_spike_of_one_step_in_many_is_seen(shown):
    values = np.full((2, 100_000), 1e-3)
    values[1, 60_000] = 10.0
    values[0, :50_000] = 10.0
    heat = shown(a_map(values))
    cells, width = heat.cells, heat.cells.image.width()
    found = [column for column in range(width) if cells.value(1, column) == 10.0]
    assert found == [cells.column_of(60_000)]
    assert found[0] == pytest.approx(0.6 * width, abs=1)


def test_the_scale_stands_still_under_the_pointer(shown):
    heat = shown(a_map(np.full((2, 10), 1e-3)))
    before = heat.scale_shown()
    heat.enterEvent(QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
    heat.set_data(["layer0", "layer1"], np.arange(20), np.hstack([np.full((2, 10), 1e-3), np.full((2, 10), 1e3)]))
    heat.refresh()
    assert heat.scale_shown() == before
    heat.leaveEvent(QEvent(QEvent.Type.Leave))
    heat.refresh()
    assert heat.scale_shown() != before


def test_a_click_tells_the_row_and_the_step(shown, qtbot):
    heat = shown(a_map(np.full((4, 100), 0.1)))
    told = []
    heat.row_clicked.connect(lambda row: told.append(("row", row)))
    heat.column_clicked.connect(lambda step: told.append(("step", step)))
    area = heat.map_rect()
    place = QPoint(round(area.left() + 0.5 * area.width()), round(area.top() + 0.6 * area.height()))
    qtbot.mouseClick(heat, Qt.MouseButton.LeftButton, pos=place)
    assert told[0] == ("row", 2)
    assert told[1][1] == pytest.approx(50, abs=1)


def test_the_arrow_keys_walk_the_rows(shown, qtbot):
    heat = shown(a_map(np.full((3, 10), 0.1)))
    heat.row_clicked.connect(heat.select_row)
    for _ in range(2):
        qtbot.keyClick(heat, Qt.Key.Key_Down)
    assert heat.selected == 1


def test_a_selected_row_is_ringed_in_the_accent(shown):
    heat = shown(a_map(np.full((3, 10), 0.1)))
    assert not has(colours_in(heat), look.theme().accent.base)
    heat.select_row(1)
    assert has(colours_in(heat), look.theme().accent.base)


def test_the_pointer_is_told_layer_step_and_size(shown):
    heat = shown(a_map(np.full((2, 5), 0.0312)))
    assert heat.describe(1, 0) == "layer1 · step 0 · 3.1e-2"


def test_a_table_that_does_not_fit_its_names_is_refused(qtbot):
    heat = HeatMap("Gradient norm")
    qtbot.addWidget(heat)
    with pytest.raises(ValueError, match="2 rows × 3 steps"):
        heat.set_data(["a", "b"], np.arange(3), np.ones((2, 2)))


# Spark lines


@pytest.mark.parametrize("values", [[], [1], [np.nan, np.inf], [1, 1, 1], [1, np.nan, 3]])
def test_a_spark_line_takes_any_column(values, shown):
    spark = shown(Sparkline("gradient norm"), 92, 20)
    spark.set_values(np.array(values, dtype=float), log=True)
    drawn = len(colours_in(spark)) > 1
    assert drawn == (np.isfinite(values).sum() > 1)


def test_a_map_of_other_rows_takes_the_place_of_the_last_one_at_once(qtbot):
    heat = HeatMap("Gradient norm")
    qtbot.addWidget(heat)
    heat.show()
    heat.set_data(["a", "b"], np.arange(5), np.ones((2, 5)))
    heat.select_row(1)
    heat.grab()
    heat.set_data([], np.empty(0), np.empty((0, 0)))
    heat.grab()
    assert heat.cell_at(heat.map_rect().center()) is None
    heat.set_data(["c"], np.arange(3), np.ones((1, 3)))
    heat.grab()
