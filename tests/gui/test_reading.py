"""A text that is read line by line behaves as Qt's own view of texts does, which keeps a kilobyte for each line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QTextCursor, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit

from gui.editors.highlighter import PythonHighlighter, coloured
from gui.panels.code_view import CodeView
from gui.panels.text_lines import Lines
from gui.theme import font

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
TEXT = '''import torch


class Model(nn.Module):
    """Says what it is,

    in some lines."""

    def forward(self, x):
        x = self.conv1(x)  # B × 16 × 8 × 8
        return self.head(x.flatten(1))
''' + "".join(f"        x = self.relu{i}(x)\n" for i in range(60))
NO, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
KEY = Qt.Key
LEFT = Qt.MouseButton.LeftButton
PIECES = st.sampled_from(['"""', "'''", "#", '"', "\\", "\n", "r", "x = 1", "def f(", "self", " "])


def shown(qtbot, view):
    qtbot.addWidget(view)
    view.resize(400, 260)
    view.show()
    return view


@pytest.fixture
def view(qtbot):
    made = shown(qtbot, CodeView("Code"))
    made.show_text(TEXT)
    return made


@pytest.fixture
def qts(qtbot):
    """Qt's own view of the same text."""
    made = QPlainTextEdit()
    made.setFont(font("mono"))
    made.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    made.setPlainText(TEXT)
    made.setReadOnly(True)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return shown(qtbot, made)


@pytest.mark.parametrize(
    ("key", "modifiers"),
    [
        *((key, mods) for key in (KEY.Key_Right, KEY.Key_Left, KEY.Key_Up, KEY.Key_Down) for mods in (NO, SHIFT)),
        *((key, mods) for key in (KEY.Key_Home, KEY.Key_End) for mods in (NO, SHIFT, CONTROL, CONTROL | SHIFT)),
        *((key, mods) for key in (KEY.Key_Right, KEY.Key_Left) for mods in (CONTROL, CONTROL | SHIFT)),
        (KEY.Key_A, CONTROL),
    ],
)
def test_keys_lead_where_they_lead_in_qts_own_view(view, qts, key, modifiers):
    for start in range(0, 330, 7):
        view.select(start, start)
        cursor = QTextCursor(qts.document())
        cursor.setPosition(start)
        qts.setTextCursor(cursor)
        QTest.keyClick(view, key, modifiers)
        QTest.keyClick(qts, key, modifiers)
        cursor = qts.textCursor()
        assert (view.anchor, view.place) == (cursor.anchor(), cursor.position()), repr(TEXT[start : start + 20])


def test_a_click_meets_the_letter_that_it_meets_in_qts_own_view(view, qts):
    for x in range(1, 250, 9):
        for line in (0, 4, 8, 9):
            point = QPoint(x, round(line * view.line_height + 10))
            assert view.place_at(point.toPointF()) == qts.cursorForPosition(point).position()


def test_dragging_selects_and_a_copy_is_what_is_selected(view):
    viewport, high = view.viewport(), round(view.line_height)
    told = []
    view.line_clicked.connect(told.append)
    QTest.mousePress(viewport, LEFT, NO, QPoint(5, high // 2))
    QTest.mouseMove(viewport, QPoint(5, 3 * high + high // 2))
    view.select(view.anchor, view.place_at(QPoint(5, 3 * high + high // 2).toPointF()))
    QTest.mouseRelease(viewport, LEFT, NO, QPoint(5, 3 * high + high // 2))
    assert view.selected == "import torch\n\n\n"
    assert told == []
    QTest.keyClick(view, KEY.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "import torch\n\n\n"
    QTest.mouseClick(viewport, LEFT, NO, QPoint(300, 8 * high + 10))
    assert view.selected == ""
    assert told == [9]


def test_two_clicks_select_a_word_and_three_a_line(view):
    viewport, place = view.viewport(), QPoint(12, round(3.5 * view.line_height))
    QTest.mouseDClick(viewport, LEFT, NO, place)
    assert view.selected == "class"
    QTest.mousePress(viewport, LEFT, NO, place)
    assert view.selected == "class Model(nn.Module):\n"
    QTest.mouseRelease(viewport, LEFT, NO, place)


def test_what_is_selected_stays_so_when_the_text_before_or_after_it_is_another(view):
    low = TEXT.index("self.head")
    view.select(low, low + 9)
    view.show_text(TEXT.replace("some lines", "a few lines more"))
    assert view.selected == "self.head"
    view.show_text(view.toPlainText() + "# the end\n")
    assert view.selected == "self.head"
    view.show_text("something else")
    assert view.selected == ""


@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_line_is_coloured_as_if_all_before_it_had_been(qapp, text):
    lines, state = Lines(text), -1
    for number, line in enumerate(text.split("\n")):
        assert lines.line(number) == line
        assert lines.state(number) == state
        state = coloured(line, state)[1]
    document = QTextDocument(text)
    highlighter = PythonHighlighter(document)
    highlighter.rehighlight()
    assert document.lastBlock().userState() == state


@given(st.text(alphabet="ab \n×𝄞", max_size=40))
def test_every_place_is_in_its_line(text):
    lines = Lines(text)
    assert len(lines) == text.count("\n") + 1
    for place in range(len(text) + 1):
        number = lines.of(place)
        assert number == text.count("\n", 0, place)
        assert lines.start(number) <= place <= lines.end(number)


def test_letters_of_two_units_are_met_and_marked_whole(view):
    view.show_text("# 𝄞𝄞 music\n")
    middle = view._layout_of(0).lineAt(0).cursorToX(4)[0]
    place = view.place_at(QPoint(round(middle), 3).toPointF())
    assert view.toPlainText()[:place] == "# 𝄞"
    view.select(2, 3)
    assert view._chosen(0, 2, 3).length == 2


def test_a_line_can_be_brought_into_view_from_anywhere(view):
    for line in (60, 3, 71, 1):
        view.reveal(line)
        assert line in [number for _, _, number in view.lines_in_view()]


def test_a_line_of_code_begins_at_the_left_whatever_its_first_letters_are(view):
    line = "شكل = self.block(x)"
    view.show_text(line)
    assert view.place_at(QPointF(400, 12)) == len(line)
