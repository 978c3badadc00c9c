"""Small widgets: what they show, what they answer to, and that they can be seen in both themes."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QCursor, QEnterEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from gui import style
from gui import theme as look
from gui.panels.inspect_parts import Section
from gui.widgets import (
    Card,
    ElidedLabel,
    EmptyState,
    KeyCap,
    SearchField,
    SectionHeader,
    StatusMark,
    Toasts,
    hairline,
    label,
)

# Said by Qt's offscreen platform of any window that has a least size.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

MAKERS = {
    "card": lambda: Card("danger", "Inputs differ in size", "8 × 8 from proj, 4 × 4 from stage", ["Set stride to 2"]),
    "card on a node": lambda: Card("warn", "The learning rate is high", soft=False),
    "mark": lambda: StatusMark("danger"),
    "key": lambda: KeyCap("Tab"),
    "elided": lambda: ElidedLabel("stage.0.conv1"),
    "section": lambda: SectionHeader("Parameters", "2 changed"),
    "empty": lambda: EmptyState("play", "Train once to see it.", ["Train"]),
    "search": lambda: SearchField("Add layer or run command", "Tab"),
    "hairline": lambda: hairline(),
    "label": lambda: label("320 parameters", "small", "secondary"),
}


@pytest.fixture(autouse=True)
def dressed(qapp):
    style.apply(qapp)
    look.set_scheme("dark")
    yield
    look.set_scheme("dark")


@pytest.fixture
def shown(qtbot):
    def show(widget, width=320, height=120):
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        qtbot.waitExposed(widget)
        return widget

    return show


def colours_in(widget):
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).rgb() for x in range(image.width()) for y in range(image.height())}


@pytest.mark.parametrize("name", MAKERS)
def test_a_widget_is_repainted_in_the_other_theme(name, shown):
    widget = shown(MAKERS[name]())
    dark = colours_in(widget)
    look.set_scheme("light")
    light = colours_in(widget)
    assert dark != light
    assert name == "hairline" or len(light) > 1


@pytest.mark.parametrize("name", [name for name in MAKERS if name not in ("hairline", "label")])
def test_a_widget_has_a_name_for_those_who_hear_it(name, qtbot):
    widget = MAKERS[name]()
    qtbot.addWidget(widget)
    assert widget.accessibleName()


@pytest.mark.parametrize("status", ["danger", "warn", "ok", "info"])
def test_a_card_wears_the_colours_of_its_status(status, shown):
    card = shown(Card(status, "The inputs differ"))
    colours = look.theme().status
    assert {getattr(colours, f"{status}_soft").rgb(), getattr(colours, status).rgb()} <= colours_in(card)


def test_the_first_repair_is_primary_and_every_repair_tells_its_place(shown, qtbot):
    card = shown(Card("danger", "The inputs differ", "", ["Set stride to 2", "Pool to 4 × 4"]))
    assert [button.property("kind") for button in card.buttons()] == ["primary", None]
    with qtbot.waitSignal(card.repair_chosen) as told:
        qtbot.mouseClick(card.buttons()[1], Qt.MouseButton.LeftButton)
    assert told.args == [1]


def test_a_card_can_say_something_else(shown):
    card = shown(Card("danger", "The inputs differ", "Both need the same sizes.", ["Set stride to 2"]))
    card.show_problem("ok", "No problems. Every shape is known.")
    assert card.buttons() == []
    assert card.accessibleName() == "Fine: No problems. Every shape is known."
    assert look.theme().status.ok.rgb() in colours_in(card)


def test_a_card_shows_markup_in_a_name_as_it_is_written(shown):
    card = shown(Card("danger", "<b>stem</b> needs an image"))
    assert all(words.textFormat() == Qt.TextFormat.PlainText for words in card.findChildren(QLabel))


def test_a_long_message_makes_a_card_higher_not_wider(shown):
    card = Card("danger", "The inputs differ: " + "B × 64 × 8 × 8 from proj, " * 8)
    shown(card)
    assert card.heightForWidth(300) > card.heightForWidth(900)
    assert card.minimumSizeHint().width() < 300


def test_a_name_without_end_stays_within_its_card_and_is_told_whole(shown):
    name = "donaudampfschifffahrtsgesellschaftskapitaen" * 2
    card = shown(Card("danger", f"The inputs differ: {name}", "", [f"Set {name} stride to 2"]), 320, 200)
    (button,) = card.buttons()
    assert card.minimumSizeHint().width() <= 320
    assert card.rect().contains(button.geometry().translated(button.parentWidget().pos()))
    assert "…" in button.text()
    assert button.toolTip() == button.accessibleName() == f"Set {name} stride to 2"
    card.resize(1200, 200)
    assert button.text() == f"Set {name} stride to 2"
    assert not button.toolTip()


def test_text_without_room_is_shortened_and_told_whole(shown):
    words = shown(ElidedLabel("stage.0.conv1.weight.of.a.layer"), 80, 20)
    assert words.text().endswith("…")
    assert words.toolTip() == words.whole_text() == words.accessibleName()
    words.resize(600, 20)
    assert words.text() == words.whole_text()
    assert words.toolTip() == ""


def test_a_section_folds_its_body_by_mouse_and_key(shown, qtbot):
    whole = shown(QWidget())
    header, body = SectionHeader("Live", parent=whole), QWidget(whole)
    header.toggled.connect(body.setVisible)
    header.resize(200, 28)
    whole.show()
    header.show()
    qtbot.mouseClick(header, Qt.MouseButton.LeftButton)
    assert body.isHidden()
    qtbot.keyClick(header, Qt.Key.Key_Space)
    assert not body.isHidden()
    header.set_note("step 302")
    assert header.accessibleName() == "Live, step 302"


def test_a_section_can_be_closed_at_first(qtbot):
    section = Section("Live", QWidget(), open_at_first=False)
    qtbot.addWidget(section)
    assert section.inside.isHidden()
    section.header.click()
    assert not section.inside.isHidden()


def test_a_search_field_shows_its_key_only_while_it_is_empty(shown, qtbot):
    field = shown(SearchField("Add layer", "Tab"), 240, 28)
    key = field.findChild(KeyCap)
    assert key.isVisible()
    qtbot.keyClicks(field, "conv")
    assert not key.isVisible()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert key.isVisible()


def test_an_empty_state_tells_which_action_was_chosen(shown, qtbot):
    empty = shown(EmptyState("play", "Train once to see it.", ["Train", "Open an example"]), 400, 200)
    with qtbot.waitSignal(empty.chosen) as told:
        qtbot.mouseClick(empty.buttons[1], Qt.MouseButton.LeftButton)
    assert told.args == [1]


@pytest.fixture
def canvas(shown):
    QCursor.setPos(0, 0)  # a toast that comes up under the pointer would wait for it to leave
    return shown(QWidget(), 600, 300)


def test_a_toast_stands_at_the_bottom_right_and_stays_there(canvas):
    toast = Toasts(canvas).say("Saved")
    canvas.resize(700, 350)
    assert canvas.rect().contains(toast.geometry())
    assert canvas.rect().bottomRight().x() - toast.geometry().right() == look.metrics().space.l
    assert canvas.rect().bottom() - toast.geometry().bottom() == look.metrics().space.l


def test_at_most_two_toasts_are_shown_the_newest_lowest(canvas):
    toasts = Toasts(canvas)
    for text in ("One", "Two", "Three"):
        toasts.say(text)
    assert [toast.accessibleName() for toast in toasts.shown()] == ["Two", "Three"]
    older, newer = toasts.shown()
    assert older.geometry().bottom() < newer.geometry().top()


def test_a_toast_goes_when_its_time_is_over_but_not_under_the_pointer(canvas):
    toasts = Toasts(canvas)
    toast = toasts.say("Deleted 3 layers", "Undo", lambda: None)
    assert toast.timer.isActive()
    toast.enterEvent(QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
    assert not toast.timer.isActive()
    toast.leaveEvent(QEvent(QEvent.Type.Leave))
    assert toast.timer.isActive()
    toast.timer.timeout.emit()
    assert toasts.shown() == []


def test_a_toasts_action_is_done_once_and_the_toast_goes(canvas, qtbot):
    done, toasts = [], Toasts(canvas)
    toast = toasts.say("Deleted 3 layers", "Undo", lambda: done.append("undo"))
    qtbot.mouseClick(toast.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert done == ["undo"]
    assert toasts.shown() == []


def test_a_toast_says_all_that_it_has_to_say_in_as_many_lines_as_that_takes(canvas):
    toast = Toasts(canvas).say("Inputs and outputs alone make no block. " * 3)
    words = toast.words
    assert words.heightForWidth(words.width()) <= words.height()
    assert words.height() > words.fontMetrics().height()


def test_a_long_toast_is_no_wider_than_its_place(canvas):
    toast = Toasts(canvas).say("Model exported to " + "a/very/long/path/" * 10, "Show")
    assert toast.width() <= look.metrics().popup.toast_w_max
    canvas.resize(200, 200)
    assert canvas.rect().contains(toast.geometry())
