"""The Layers tab, probes on wires, and what is looked at while a run goes on, by real hands on the real window."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from engine.document.block_edits import SetRecipe
from engine.document.files import dumps, loads
from engine.document.probes import probes_of, toggled
from engine.document.project import Probe
from engine.training.looked import FIGURES
from gui.canvas.flag_paint import flag_rect
from gui.demo_hands import wait_until
from gui.panels.layers_sample import answer_words
from gui.window.bottom import LAYERS
from gui.xray.look_modes import GOES_BACK, LOOKS
from tests.gui.window_fixture import hands, open_example  # noqa: F401 - a fixture

LEFT = Qt.MouseButton.LeftButton


def node(hands, name):  # noqa: F811
    return hands.window.session.block.graph.by_name(name).id


def panel(hands):  # noqa: F811
    return hands.window.desk.bottom.page(LAYERS)


def look(hands, name):  # noqa: F811
    """Select a layer and press the key for looking; wait for what is seen."""
    session = hands.window.session
    session.select([node(hands, name)])
    before = session.looking.looks.last
    wait_until(lambda: not session.looking.why_not(), "it can be looked")
    hands.window.actions_.trigger("train.look")
    seen(hands, before)
    return session.looking.looks.last


def seen(hands, before):  # noqa: F811
    looking = hands.window.session.looking
    wait_until(lambda: looking.looks.last is not before and not looking.is_busy, "a look")
    wait_until(lambda: not panel(hands)._soon.isActive(), "what was seen is shown")


@pytest.fixture
def cnn(hands):  # noqa: F811
    open_example(hands)
    hands.window.desk.bottom.show_tab(LAYERS)
    return hands


def test_before_any_look_the_tab_offers_one_and_the_button_makes_it(cnn):
    tab = panel(cnn)
    assert tab.stack.currentWidget() is tab.empty
    cnn.window.session.select([node(cnn, "stem")])
    QTest.mouseClick(tab.empty.buttons[0], LEFT)
    seen(cnn, None)
    assert tab.stack.currentWidget() is not tab.empty
    assert "stem" in tab.name.whole_text()
    assert "before training" in tab.name.whole_text()


def test_values_of_the_selected_layer_are_those_that_were_seen(cnn):
    last = look(cnn, "stem")
    values = panel(cnn).views[0]
    assert values.maps.picture() is last.seen[0].picture
    assert "64 × 32 × 8 × 8" in values.facts.whole_text()
    assert len(values.maps.places()) == 32
    at = values.maps.places()[3].center()
    assert values.maps.describe(at).startswith("channel 3 · 4, 4 · ")


def test_another_layer_and_another_sample_are_looked_at_by_themselves(cnn):
    before = look(cnn, "stem")
    cnn.window.session.select([node(cnn, "relu")])
    seen(cnn, before)
    looks, relu = cnn.window.session.looking.looks, node(cnn, "relu")
    wait_until(lambda: looks.last.seen and looks.last.seen[0].spot.path[-1][1] == relu, "the other layer is seen")
    last = looks.last
    chooser = panel(cnn).sample
    QTest.mouseClick(chooser.next, LEFT)
    seen(cnn, last)
    sample = cnn.window.session.looking.looks.last.sample
    assert sample.index == 1 == chooser.index.value()
    assert chooser.label.whole_text() == f"target {sample.target}"
    assert chooser.answer.whole_text() == answer_words(sample)
    assert chooser.index.maximum() == sample.count - 1


def test_every_view_shows_what_belongs_to_it_or_says_why_not(cnn):
    look(cnn, "stem")
    tab = panel(cnn)
    for name, is_there in (("Filters", True), ("Attention", False)):
        tab.show_view(name)
        assert (tab.view.stack.currentIndex() == 0) == is_there
    tab.show_view("Embedding")
    scatter = tab.view.scatter
    wait_until(scatter.classes, "the embedding is shown")
    assert scatter.classes() == list(range(10))
    assert len(scatter.points()) == 256
    assert all(scatter.area().contains(point) for point in scatter.points())


def test_what_is_asked_for_while_a_look_is_on_its_way_is_looked_at_next(cnn):
    look(cnn, "stem")
    looking, relu = cnn.window.session.looking, node(cnn, "relu")
    looking.look_now()
    assert looking.is_busy
    cnn.window.session.select([relu])
    looking._send()  # the moment at which it would be sent: it has to wait for the look that goes on
    looking._soon.stop()
    wait_until(
        lambda: looking.looks.last.seen and looking.looks.last.seen[0].spot.path[-1][1] == relu, "it is seen", 20
    )


def test_attention_of_every_repeat_can_be_seen(hands):  # noqa: F811
    open_example(hands, "digits-transformer")
    hands.window.desk.bottom.show_tab(LAYERS)
    hands.window.session.enter(node(hands, "encoder"))
    last = look(hands, "attention")
    tab = panel(hands)
    tab.show_view("Attention")
    assert [tab.view.which.itemText(i) for i in range(tab.view.which.count())] == ["repeat 0", "repeat 1"]
    tab.view.which.setCurrentIndex(1)
    tab.view.which.activated.emit(1)
    assert tab.view.grid.picture() is last.attention[1]
    assert tab.view.grid.describe(tab.view.grid.places()[2].center()).startswith("head 2 · ")


def test_a_probe_is_put_on_a_wire_and_taken_away_by_key_and_kept_with_the_project(cnn):
    window, session = cnn.window, cnn.window.session
    canvas = window.desk.canvas
    relu = node(cnn, "relu")
    wire = next(e for e in session.block.graph.edges if e.source == relu and e.target == node(cnn, "proj"))
    canvas.choose(wire=wire)
    cnn.shortcut("P")
    assert [probe for _, probe in probes_of(session.project)] == [Probe(relu, "out")]
    assert canvas.picture.flags[relu, "out"].words == "no look yet"
    assert loads(dumps(session.project)) == session.project
    look(cnn, "stem")
    flag = canvas.picture.flags[relu, "out"]
    assert flag.words.startswith("0 to ")
    assert flag.bars.sum() == 64 * 32 * 8 * 8
    canvas.choose(wire=wire)
    cnn.shortcut("P")
    assert probes_of(session.project) == []
    assert canvas.picture.flags == {}
    window.actions_.trigger("edit.undo")
    assert [probe for _, probe in probes_of(session.project)] == [Probe(relu, "out")]


def test_a_probe_is_in_the_menu_of_its_wire_and_in_the_list(cnn):
    window, session, canvas = cnn.window, cnn.window.session, cnn.window.desk.canvas
    stem = node(cnn, "stem")
    wire = next(e for e in session.block.graph.edges if e.source == stem)
    canvas.choose(wire=wire)
    window.context_menu.open(canvas, QPoint(0, 0))
    actions = [action for action in window.context_menu.menu.actions() if action.text() == "Probe"]
    window.context_menu.menu.close()
    assert len(actions) == 1
    actions[0].trigger()
    tab = panel(cnn)
    tab.show_view("Probes")
    look(cnn, "stem")
    (card,) = tab.view.cards.values()
    assert card.name.text() == "stem.out"
    assert card.facts.whole_text().startswith("float32 64 × 32 × 8 × 8")
    QTest.mouseClick(card.remove, LEFT)
    assert probes_of(session.project) == []
    assert tab.view.cards == {}


def test_flags_change_no_geometry_and_stand_on_their_wire(cnn):
    session, canvas = cnn.window.session, cnn.window.desk.canvas
    before = {n: canvas.drawing.rect(n) for n in canvas.drawing.faces}
    session.apply(toggled(session.project, session.block_id, [Probe(node(cnn, "stem"), "out")]))
    assert {n: canvas.drawing.rect(n) for n in canvas.drawing.faces} == before
    rect = flag_rect(canvas.drawing, node(cnn, "stem"), "out")
    assert not canvas.drawing.nodes_in(rect)
    assert flag_rect(canvas.drawing, node(cnn, "stem"), "nothing").isEmpty()


def test_a_probe_inside_a_block_shows_the_first_repeat_and_every_repeat_is_seen(cnn):
    session, canvas = cnn.window.session, cnn.window.desk.canvas
    session.enter(node(cnn, "stage"))
    conv = node(cnn, "conv1")
    session.select([conv])
    cnn.shortcut("P")
    last = look(cnn, "conv1")
    probed = [s for s in last.seen if s.spot.path[-1][1] == conv]
    assert [s.spot.module for s in probed] == ["stage.0", "stage.1", "stage.2"]
    assert canvas.picture.flags[conv, "out"].bars.sum() == np.prod(probed[0].shape)


def test_while_training_the_tab_follows_and_a_frozen_one_does_not(hands):  # noqa: F811
    open_example(hands, "mlp-moons")
    window, session = hands.window, hands.window.session
    session.apply(SetRecipe("epochs", 100_000))
    hands.settle()
    layer = list(session.block.graph.nodes)[1]
    session.select([layer])
    window.actions_.trigger("train.start")
    window.desk.bottom.show_tab(LAYERS)
    panel(hands).show_view("Over time")
    looks = lambda: session.runner.history.looks  # noqa: E731
    wait_until(lambda: looks().last is not None and looks().last.step > 0, "a look in the run")
    path = looks().last.layer
    wait_until(lambda: ("weight", "updates") in looks().spreads(path), "a round of distributions")
    tab = panel(hands)
    tab.show_look()
    assert not tab.view.plots["updates"].isHidden()
    assert "after step" in tab.name.whole_text()
    tab.view.style_.click()
    tab.view.scale.click()
    QTest.mouseClick(tab.freeze, LEFT)
    assert session.looking.is_frozen
    wait_until(lambda: session.looking._sent is None, "the run is told")
    window.actions_.trigger("train.stop")
    wait_until(lambda: not session.runner.active, "the run has ended")


def test_modes_of_the_canvas_read_the_last_look(cnn):
    session = cnn.window.session
    last = look(cnn, "stem")
    readings = LOOKS["std"].read(session.looking.history)
    path = next(s.path for s in last.spots if s.path[-1][1] == node(cnn, "stem"))
    value = last.figures[[s.path for s in last.spots].index(path), FIGURES.index("std")]
    assert [r.value for r in readings if r.path == path] == [pytest.approx(float(value))]
    stage = [r.name for r in readings if r.path == ((session.block_id, node(cnn, "stage")),)]
    assert len(stage) == 1
    assert all(mode.read(session.looking.history) for key, mode in LOOKS.items() if key not in GOES_BACK)
    assert not any(LOOKS[key].read(session.looking.history) for key in GOES_BACK)


def test_a_network_that_cannot_be_looked_into_says_why(hands):  # noqa: F811
    open_example(hands, "mlp-moons")
    session = hands.window.session
    hands.window.desk.bottom.show_tab(LAYERS)
    last = list(session.block.graph.nodes.values())[-2]
    hands.window.session.select([last.id])
    hands.window.desk.canvas.delete_selection()
    hands.settle()
    session.looking.look_now()
    wait_until(lambda: not session.looking.is_busy, "an answer")
    assert session.looking.problem
    assert not panel(hands).card.isHidden()


def test_no_look_is_made_while_nobody_looks(hands):  # noqa: F811
    open_example(hands, "mlp-moons")
    session = hands.window.session
    session.apply(SetRecipe("epochs", 3))
    hands.settle()
    hands.window.actions_.trigger("train.start")
    wait_until(lambda: session.runner.history.over is not None, "the run has ended")
    assert session.runner.history.looks.last is None


def test_grids_and_histograms_say_what_is_under_the_pointer(cnn):
    last = look(cnn, "head")
    values = panel(cnn).views[0]
    area = values.maps.room()
    words = values.maps.describe(QPointF(area.left() + area.width() * 0.05, area.center().y()))
    assert words.startswith("0 · ")
    bars = values.histogram.room()
    assert " to " in values.histogram.describe(bars.center())
    assert values.histogram.describe(QPointF(-1, -1)) == ""
    assert last.seen[0].histogram.count == 640
