"""The plots of the Layers tab paint what they were given, mark what is not finite, and only when they are seen."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from engine.training.looked import LINEAR_BINS, OCTAVES, Embedding, Histogram, Picture, Spot
from engine.training.looks import SpreadLog
from gui.plots.heat import shades
from gui.plots.histogram import HistogramPlot, bars_of, together
from gui.plots.image_grid import ImageGrid, value_of
from gui.plots.scatter import Scatter
from gui.plots.spread import SpreadPlot
from gui.plots.titled import number
from gui.theme import theme
from tests.gui.conftest import session  # noqa: F401 - dresses the application

SIZE = (400, 180)


@pytest.fixture
def shown(qtbot, session):  # noqa: F811
    def show(plot):
        qtbot.addWidget(plot)
        plot.resize(*SIZE)
        plot.show()
        qtbot.waitExposed(plot)
        return plot

    return show


def colour_at(plot, at: QPointF) -> QColor:
    return plot.grab().toImage().pixelColor(at.toPoint())


def histogram(count=1000, exponent=1, zeros=0, bad=0) -> Histogram:
    linear = np.zeros(LINEAR_BINS, np.int64)
    linear[40:88] = count // 48
    octaves = np.zeros(OCTAVES, np.int64)
    octaves[36:40] = count // 4
    return Histogram(exponent, linear, octaves, zeros, bad)


def test_tiles_have_the_colours_of_their_levels_and_red_is_not_finite(shown):
    values = np.full((4, 3, 3), 255, np.uint8)
    values[1], values[2, 1, 1] = 1, 0
    grid = shown(ImageGrid("Maps"))
    grid.set_picture(Picture("tiles", values, -1.0, 3.0, (4, 3, 3), 4))
    places = grid.places()
    assert len(places) == 4
    assert colour_at(grid, places[0].center()) == QColor.fromRgba(int(shades()[255]))
    assert colour_at(grid, places[1].center()) == QColor.fromRgba(int(shades()[1]))
    assert colour_at(grid, places[2].center()) == theme().heat.not_finite.fill
    assert grid.describe(places[0].center()) == "channel 0 · 1, 1 · 3"
    assert grid.describe(places[2].center()) == "channel 2 · 1, 1 · NaN"
    assert grid.describe(QPointF(-5, -5)) == ""


def test_levels_stand_for_values_between_the_ends():
    picture = Picture("tiles", np.zeros((1, 1, 1), np.uint8), -1.0, 1.0, (1, 1), 1)
    assert (value_of(picture, 1), value_of(picture, 255)) == (-1.0, 1.0)
    assert np.isnan(value_of(picture, 0))


def test_numbers_in_a_row_are_bars_and_those_that_are_not_finite_are_red(shown):
    values = np.array([1.0, -1.0, np.nan, 0.5], np.float32)
    grid = shown(ImageGrid("Sample"))
    grid.set_picture(Picture("curve", values, -1.0, 1.0, (4,), 4))
    area = grid.room()

    def at(bar, high):
        return QPointF(area.left() + (bar + 0.4) * area.width() / 4, area.bottom() - high * area.height())

    assert colour_at(grid, at(0, 0.8)) == theme().plot.series[0]
    assert colour_at(grid, at(1, 0.2)) == theme().plot.series[0]
    assert colour_at(grid, at(2, 0.7)) == theme().heat.not_finite.fill
    assert grid.describe(at(3, 0.5)) == "3 · 0.5"


def test_what_is_left_out_of_a_grid_is_said(qtbot):
    grid = ImageGrid("Maps")
    qtbot.addWidget(grid)
    grid.set_picture(Picture("tiles", np.ones((2, 3, 3), np.uint8), 0.0, 1.0, (512, 3, 3), 512))
    assert grid.aside == "512 × 3 × 3 · 2 of 512"


def test_a_histogram_shows_the_bins_that_hold_something(shown):
    plot = shown(HistogramPlot("All"))
    plot.set_histogram(histogram(100_000, zeros=3, bad=2))
    assert "3 zeros" in plot.aside
    assert "2 not finite" in plot.aside
    bars, edges = bars_of(histogram(100_000))
    assert bars.sum() == 100_000 // 48 * 48
    assert len(edges) == len(bars) + 1
    assert edges[0] <= (40 - 64) / 64 * 2
    plot.set_histogram(None)
    assert plot.describe(plot.room().center()) == ""


def test_few_elements_are_drawn_in_few_bars():
    assert together(1_000_000, 128) == 1
    assert together(100, 128) == 8
    bars, _ = bars_of(histogram(480))
    assert len(bars) < 48
    assert bars.sum() == 480


def test_sizes_are_counted_in_powers_of_two():
    bars, edges = bars_of(histogram(400), by_size=True)
    assert bars.tolist() == [100] * 4
    np.testing.assert_allclose(edges[1:] / edges[:-1], 2)


@pytest.mark.parametrize("style", ["heat", "ridge"])
@pytest.mark.parametrize("by_size", [False, True])
def test_distributions_over_time_are_painted_in_both_styles(shown, style, by_size):
    log = SpreadLog()
    for step in range(40):
        log.append(step * 10, histogram(1000, exponent=step % 3))
    plot = shown(SpreadPlot("Weights"))
    empty = plot.grab().toImage()
    plot.set_log(log, style=style, by_size=by_size)
    assert plot.grab().toImage() != empty
    words = plot.describe(plot.area().center())
    assert words.startswith("step 2") == (style == "heat")


def test_points_of_a_scatter_have_the_colours_of_their_classes(shown):
    places = np.array([[0, 0], [1, 1], [0, 1], [1, 0]], np.float32)
    plot = shown(Scatter("Samples"))
    plot.set_embedding(Embedding(places, np.array([0, 1, 0, 1]), (0.6, 0.3), Spot((), "out")))
    points = plot.points()
    assert plot.classes() == [0, 1]
    assert colour_at(plot, points[0]) == theme().plot.series[0]
    assert colour_at(plot, points[1]) == theme().plot.series[1]
    assert "60 % and 30 %" in plot.aside
    plot.grab()
    assert plot.describe(points[1]) == "sample 1 · class 1"


def test_a_plot_that_is_not_seen_makes_nothing(qtbot, session):  # noqa: F811
    plot = SpreadPlot("Weights")
    qtbot.addWidget(plot)
    log = SpreadLog()
    log.append(1, histogram())
    plot.set_log(log, style="heat")
    assert plot._image.isNull()


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (1.0, "1"), (-1.33333, "−1.33"), (1.2e-5, "1.2e-5"), (float("nan"), "NaN"), (float("inf"), "∞")],
)
def test_numbers_are_written_in_few_figures(value, words):
    assert number(value) == words


@pytest.mark.parametrize("style", ["heat", "ridge"])
def test_a_distribution_that_grew_is_painted_as_it_was_until_it_is_brought_up_to_date(shown, style):
    log = SpreadLog()
    for step in (1, 2):
        log.append(step, histogram())
    plot = shown(SpreadPlot("Weights"))
    plot.set_log(log, style=style)
    before = plot.grab().toImage()
    log.append(3, histogram(exponent=2))
    assert plot.grab().toImage() == before
    plot.set_log(log, style=style)
    assert plot.grab().toImage() != before
