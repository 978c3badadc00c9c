"""The X-ray: what is chosen is shown, summed up as was asked, inside of blocks too, and nothing moves."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.document.block_edits import SetRecipe
from engine.layers import Layer
from engine.training.events import Norms, Started
from engine.training.history import History
from gui.canvas import texts
from gui.demo_hands import wait_until
from gui.plots.heat import HeatScale
from gui.xray.modes import BEFORE, GRADIENT, MODES, RATIO, WEIGHT, Heat, Mode, Reading, by_node, summed
from tests.engine.test_tied import network, tied
from tests.gui.canvas_driver import has_colour, shot
from tests.gui.conftest import chain
from tests.gui.window_fixture import hands, open_example  # noqa: F401

NAN, INF = math.nan, math.inf
L = Layer.registry
NODE = (("main", "n1"),)


def history_of(**quantities):
    """A run of two layers in a repeated block and a head, each with a weight and a bias, after one step."""
    stage = (("main", "n2"), ("stage", "n5"))
    names = ("stage.0.conv.weight", "stage.0.conv.bias", "stage.1.conv.weight", "stage.1.conv.bias", "head.weight")
    history = History()
    history.extend([Started("run", names, (stage,) * 4 + ((("main", "n3"),),), 1, 10, 32, "cpu")])
    history.extend([Norms(name, np.array([1]), np.array([row], np.float32)) for name, row in quantities.items()])
    return history


def test_a_layer_measures_what_its_tensors_measure_as_one():
    readings = GRADIENT.read(history_of(gradient=[3, 4, 6, 8, 1]))
    assert [(r.name, r.value) for r in readings] == [("stage.0.conv", 5), ("stage.1.conv", 10), ("head", 1)]


def test_the_ratio_of_a_layer_is_that_of_its_tensors_as_one():
    history = history_of(ratio=[1e-3, 1e-2, 1e-3, 1e-3, 0], weight=[3, 4, 1, 1, 2])
    first, second, head = (r.value for r in RATIO.read(history))
    assert first == pytest.approx(math.hypot(3e-3, 4e-2) / 5, rel=1e-5)
    assert second == pytest.approx(1e-3, rel=1e-5)
    assert head == 0


def test_blocks_and_repeats_are_gathered_under_the_node_on_screen():
    readings = WEIGHT.read(history_of(weight=[1, 0, 2, 0, 3]))
    assert {n: [r.value for r in found] for n, found in by_node(readings, ()).items()} == {"n2": [1, 2], "n3": [3]}
    inside = by_node(readings, (("main", "n2"),))
    assert {n: [r.name for r in found] for n, found in inside.items()} == {"n5": ["stage.0.conv", "stage.1.conv"]}


@pytest.mark.parametrize(
    ("values", "how", "kind", "expected"),
    [
        ([1e-3, 1e-5, 1e-2], "worst", "ratio", 1e-5),
        ([1e-3, 1.0], "worst", "ratio", 1.0),
        ([1e-4, 1e-2], "mean", "ratio", 1e-3),
        ([1.0, 100.0, 10.0], "worst", "size", 100.0),
        ([0.1, 0.9], "worst", "share", 0.9),
        ([0.1, 0.9], "mean", "share", 0.5),
        ([-2.0, 1.0], "worst", "signed", -2.0),
        ([1.0, INF, NAN], "mean", "size", INF),
        ([1.0, 0.0], "worst", "size", 0.0),
        ([NAN, 2.0], "worst", "size", 2.0),
    ],
)
def test_parts_are_summed_up_by_the_worst_or_the_mean(values, how, kind, expected):
    assert summed(values, how, kind) == pytest.approx(expected)


def test_of_nothing_there_is_no_sum():
    assert math.isnan(summed([NAN, NAN], "worst", "size"))


def test_what_was_not_clipped_says_so():
    assert BEFORE.why_not(history_of(gradient=[1] * 5))
    assert not BEFORE.why_not(history_of(gradient=[1] * 5, before=[1] * 5))
    assert not BEFORE.why_not(History()), "nothing is known before a run"


def hover(canvas, pos):
    QTest.mouseMove(canvas.surface.viewport(), pos - QPoint(3, 0))
    QTest.mouseMove(canvas.surface.viewport(), pos)


@pytest.fixture
def trained(hands, qtbot):  # noqa: F811
    """The window after some steps of a residual network."""
    open_example(hands)
    window, runner = hands.window, hands.window.session.runner
    window.actions_.trigger("train.start")
    qtbot.waitUntil(lambda: "ratio" in runner.history.norm_log.quantities)
    window.actions_.trigger("train.stop")
    qtbot.waitUntil(lambda: runner.history.over is not None)
    window.xray.heat.tell()
    return window


def test_modes_are_chosen_by_menu_by_arrow_keys_and_on_the_legend_and_remembered(trained, qtbot):
    canvas, legend = trained.desk.canvas, trained.desk.canvas.xray.legend
    rects = {n: canvas.drawing.rect(n) for n in canvas.drawing.faces}
    assert legend.isVisible()
    assert legend.mode.text() == "Gradient norm"
    trained.actions_.trigger("view.heat.ratio")
    assert legend.mode.text() == "Update / weight"
    assert trained.preferences.heat_mode == "ratio"
    legend.mode.setFocus()
    QTest.keyClick(legend.mode, Qt.Key.Key_Left)
    assert legend.mode.text() == "Weight norm"
    QTest.keyClick(legend.mode, Qt.Key.Key_Left)
    assert legend.mode.text() == "Gradient norm", "what is not clipped is passed over"
    legend._fill()
    entry = next(a for a in legend.menu.actions() if a.text() == "Weight norm")
    entry.trigger()
    assert canvas.xray.heat.mode is WEIGHT
    assert {n: canvas.drawing.rect(n) for n in canvas.drawing.faces} == rects
    QTest.mouseClick(legend.off, Qt.MouseButton.LeftButton)
    assert not legend.isVisible()
    assert not trained.preferences.heat
    trained.actions_.trigger("view.heat")
    assert legend.isVisible()


def test_a_repeated_block_tells_each_repeat_when_hovered_and_is_coloured_inside(trained, qtbot):
    session, canvas = trained.session, trained.desk.canvas
    stage = next(n.id for n in session.block.graph.nodes.values() if n.name == "stage")
    parts = canvas.xray.heat.parts[stage]
    assert len({part.name.split(".")[1] for part in parts}) == session.block.graph.nodes[stage].layer.repeat
    canvas.surface.look_at(canvas.drawing.rect(stage).center(), 1.0)
    hover(canvas, canvas.node_point(stage))
    words = canvas.tip.text
    assert words.splitlines()[0].startswith(f"Gradient norm, worst of {len(parts)}")
    assert "stage.0" in words
    shown = canvas.xray.heat.values[stage]
    trained.actions_.trigger("view.heat.weight")
    assert canvas.tip.text == "", "what was said is of another quantity"
    trained.actions_.trigger("view.heat.gradient")
    trained.actions_.trigger("view.heat_sum.mean")
    assert canvas.xray.heat.values[stage] != shown
    hover(canvas, canvas.node_point(stage))
    session.enter(stage)
    assert canvas.tip.text == "", "what was said is of another block"
    assert set(canvas.marks.plates) <= set(canvas.drawing.faces)
    assert any(plate.fill is not None for plate in canvas.marks.plates.values())


def test_the_scale_stands_still_while_one_looks(trained):
    canvas, heat = trained.desk.canvas, trained.xray.heat
    node = next(iter(canvas.xray.heat.values))
    canvas.surface.look_at(canvas.drawing.rect(node).center(), 1.0)
    hover(canvas, canvas.node_point(node))
    before = canvas.xray.heat.scale
    history = trained.session.runner.history
    width = len(history.started.parameters)
    history.extend([Norms("gradient", np.array([10_000]), np.full((1, width), 1e6, np.float32))])
    heat.tell()
    assert canvas.xray.heat.scale == before
    hover(canvas, QPoint(canvas.width() - 3, 3))
    heat.tell()
    assert canvas.xray.heat.scale != before


def test_every_mode_and_sum_has_a_command_of_its_own(hands):  # noqa: F811
    ids = [command.id for command in hands.window.xray.commands()]
    assert len(set(ids)) == len(ids) == len(MODES) + 2


@pytest.mark.parametrize("key", list(MODES))
def test_every_mode_says_what_it_is(key):
    mode = MODES[key]
    assert mode.title
    assert mode.about.endswith(".")
    assert len(mode.label) <= 12
    heat = Heat(mode, {"n1": 0.5}, HeatScale.fitting(np.array([0.5]), mode.kind), {"n1": (Reading(NODE, "a", 0.5),)})
    assert heat.scale.label(0.0) != heat.scale.label(1.0)


def test_layers_that_share_weights_show_what_these_measure(hands):  # noqa: F811
    session = hands.window.session
    session.document.replace(tied(network()))
    hands.settle()
    history = History()
    history.extend([Started("run", ("table.weight",), ((("main", "n2"),),), 1, 10, 32, "cpu")])
    history.extend([Norms("gradient", np.array([1]), np.array([[0.5]], np.float32))])
    session.runner.history = history
    hands.window.xray.heat.tell()
    assert hands.canvas.xray.heat.values == {"n2": 0.5, "n3": 0.5}


def test_what_a_layer_without_parameters_measures_stands_in_its_header(hands):  # noqa: F811
    session, canvas = hands.window.session, hands.canvas
    session.document.replace(chain(L["Input"](shape=(4,)), L["ReLU"](), names=("x", "act")))
    hands.settle()
    rects = {n: canvas.drawing.rect(n) for n in canvas.drawing.faces}
    node = next(n.id for n in session.block.graph.nodes.values() if n.name == "act")
    canvas.surface.look_at(canvas.drawing.rect(node).center(), 1.0)
    part = Reading((("main", str(node)),), "act", 0.5)
    share = Mode("dead", "Dead units", "dead", "share", lambda history: [part])
    canvas.xray.show(Heat(share, {node: 0.5}, HeatScale(0.0, 1.0, "share"), {node: (part,)}))
    fill = canvas.marks.plates[node].fill
    corner = canvas.to_view(canvas.drawing.rect(node).topLeft())
    assert has_colour(shot(canvas), fill, corner + QPoint(50, 25), 6)
    assert {n: canvas.drawing.rect(n) for n in canvas.drawing.faces} == rects


def values_of(hands, key):  # noqa: F811
    """What the canvas shows, if it is in this mode."""
    heat = hands.canvas.xray.heat
    return heat.values if heat is not None and heat.mode.key == key else {}


def test_the_time_of_each_layer_is_shown_forward_backward_and_both_with_what_looking_costs(hands):  # noqa: F811
    open_example(hands)
    window, session = hands.window, hands.window.session
    session.apply(SetRecipe("epochs", 100_000))
    hands.settle()
    window.actions_.trigger("train.start")
    wait_until(lambda: session.runner.history.step > 0, "it trains")
    found = {}
    stem = hands.node("stem")
    for key in ("time", "time_back", "time_both"):
        window.actions_.trigger(f"view.heat.{key}")
        assert session.looking.look.times == (key != "time")
        wait_until(lambda key=key: stem in values_of(hands, key), f"{key} is shown")
        found[key] = values_of(hands, key)[stem]
        assert hands.canvas.xray.legend.cost.text().endswith("a look")
    assert min(found.values()) > 0
    window.actions_.trigger("view.heat.gradient")
    assert not session.looking.look.times
    assert not hands.canvas.xray.legend.cost.isVisible()
    window.actions_.trigger("train.stop")


def test_a_label_that_has_no_room_is_said_in_fewer_words(canvas):
    ways = "worst update", "worst"
    rooms = [texts.width(words, "caption", 600) for words in ways]
    assert [texts.longest(ways, room, "caption", 600) for room in (*rooms, 1.0)] == [*ways, "worst"]
