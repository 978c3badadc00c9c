"""Words are looked for in the code by real keys: all places are marked, and the keys lead from one to the next."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from engine.document.edits import SetParam
from engine.graph.graph import NodeId
from engine.layers import Layer
from gui.demo_hands import Hands, wait_until
from gui.dialogs.shortcuts import ShortcutsDialog
from gui.panels.code_view import CodeView
from gui.panels.text_find import Matches, letters_of
from gui.theme import theme
from gui.window.run_script import RunScript
from tests.gui.conftest import chain
from tests.gui.window_fixture import hands, open_example  # noqa: F401

L = Layer.registry
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def code(hands):  # noqa: F811
    """The code of a small network, with the focus in it."""
    ends = L["Input"](shape=(1, 8, 8)), L["Output"]()
    layers = L["Flatten"](), L["Linear"](out_features=32), L["ReLU"](), L["Linear"](out_features=10)
    names = "x", "flat", "hidden", "act", "head", "digit"
    hands.session.document.replace(chain(ends[0], *layers, ends[1], names=names))
    hands.settle()
    panel = hands.window.desk.code
    wait_until(panel.isVisible, "the code is shown", 10)
    panel.show_code()
    hands.take()
    hands.click(panel.model.viewport())
    hands.session.select(())
    assert panel.model.hasFocus()
    return panel


def look_for(hands: Hands, words: str) -> None:  # noqa: F811
    hands.key("Ctrl+F")
    hands.write(words)


def place(view: CodeView) -> tuple[int, str]:
    """The line of what is selected, and what that is."""
    return view.lines.of(view.anchor) + 1, view.selected


def lines_with(view: CodeView, words: str) -> list[int]:
    return [i + 1 for i, line in enumerate(view.toPlainText().split("\n")) for _ in range(line.count(words))]


def test_every_place_is_counted_and_the_keys_go_round_them(hands, code):  # noqa: F811
    view, bar = code.model, code.finder
    view.select(0, 0)
    look_for(hands, "self.h")
    lines = lines_with(view, "self.h")
    assert len(lines) == len(view.matches) == 4
    assert (place(view), bar.count.text()) == ((lines[0], "self.h"), "1 of 4")
    for key, number in (("Return", 1), ("F3", 2), ("Return", 3), ("Return", 0), ("Shift+Return", 3), ("Shift+F3", 2)):
        hands.key(key)
        assert (place(view), bar.count.text()) == ((lines[number], "self.h"), f"{number + 1} of 4")
    hands.click(bar.next)
    assert place(view)[0] == lines[3]
    hands.click(bar.last)
    assert place(view)[0] == lines[2]


def test_escape_closes_it_and_gives_the_focus_back_to_the_place_that_was_found(hands, code):  # noqa: F811
    look_for(hands, "head")
    found = place(code.model)
    hands.key("Escape")
    assert (code.finder.isVisible(), code.model.hasFocus(), place(code.model)) == (False, True, found)
    assert len(code.model.matches) == 0
    hands.key("F3")
    assert (code.finder.isVisible(), code.finder.field.text()) == (True, "head")
    code.model.setFocus()
    hands.key("Escape")
    assert not code.finder.isVisible()


def test_control_f_elsewhere_looks_for_layers(hands, code):  # noqa: F811
    hands.shortcut("Ctrl+F")
    assert hands.canvas.finder.list.isVisible()
    assert not code.finder.isVisible()
    hands.key("Escape")
    code.model.setFocus()
    hands.key("Ctrl+F")
    assert code.finder.isVisible()
    hands.key("Ctrl+F")
    assert not hands.canvas.finder.list.isVisible()


def test_what_is_selected_is_looked_for(hands, code):  # noqa: F811
    start = code.model.toPlainText().index("Linear")
    code.model.select(start, start + len("Linear"))
    hands.key("Ctrl+F")
    assert (code.finder.field.text(), code.finder.count.text()) == ("Linear", "1 of 2")


def test_capitals_count_when_they_are_told_to(hands, code):  # noqa: F811
    look_for(hands, "LINEAR")
    assert code.finder.count.text() == "1 of 2"
    hands.click(code.finder.exact)
    assert code.finder.count.text() == "None found"
    assert not code.finder.next.isEnabled()


def test_an_edit_is_looked_through_as_well_and_does_not_move_the_reader(hands, code):  # noqa: F811
    look_for(hands, "32")
    before = len(code.model.matches)
    hidden = next(n.id for n in hands.session.block.graph.nodes.values() if n.name == "hidden")
    hands.session.apply(SetParam(NodeId(hidden), "out_features", 48))
    hands.settle()
    wait_until(lambda: "48" in code.model.toPlainText(), "the code is written anew", 10)
    assert before > len(code.model.matches) == 0
    hands.session.undo()
    hands.settle()
    wait_until(lambda: len(code.model.matches) == before, "they are there again", 10)


def test_the_other_text_is_looked_through_when_its_tab_is_chosen(hands, code):  # noqa: F811
    look_for(hands, "import")
    code.tabs.setCurrentIndex(1)
    wait_until(lambda: "import" in code.script.toPlainText(), "the script is written", 10)
    assert len(code.script.matches) == len(lines_with(code.script, "import")) > len(code.model.matches) == 0
    hands.key("Return")
    assert code.script.selected == "import"


def test_all_places_are_marked_in_the_colours_of_the_theme(hands, code):  # noqa: F811
    look_for(hands, "Linear")
    image = code.model.viewport().grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert {theme().status.warn.name(), theme().accent.base.name()} <= colours


def test_the_script_of_a_run_is_looked_through_and_enter_leaves_it_open(hands, tmp_path):  # noqa: F811
    dialog = RunScript("a run", tmp_path / "script.py", "import torch\nimport math\n", hands.window)
    dialog.open()
    wait_until(dialog.isActiveWindow, "it is in front", 10)
    dialog.code.setFocus()
    look_for(hands, "import")
    hands.key("Return")
    assert (dialog.isVisible(), dialog.finder.count.text()) == (True, "2 of 2")
    hands.key("Escape")
    assert (dialog.isVisible(), dialog.code.hasFocus()) == (True, True)
    dialog.close()


def test_the_sheet_of_keys_and_the_edit_menu_say_it(hands, code):  # noqa: F811
    hands.window.actions_.trigger("edit.find_in_code")
    assert code.finder.field.hasFocus()
    hands.window.actions_.trigger("help.shortcuts")
    dialog = hands.dialog(ShortcutsDialog)
    assert "Find in the code" in [words.text() for words in dialog.findChildren(QLabel)]
    dialog.close()


@pytest.mark.parametrize(
    ("text", "query", "starts"),
    [
        ("aaaaa", "aa", [0, 2]),
        ("Ärger und ärger", "ärger", [0, 10]),
        ("x😀y😀", "😀", [1, 3]),
        ("İi", "i", [1]),
        ("abc", "abcd", []),
        ("", "a", []),
    ],
)
def test_places_are_counted_in_letters_and_do_not_overlap(text, query, starts):
    assert Matches(letters_of(text, False), letters_of(query, False)).starts.tolist() == starts


def test_places_are_those_that_python_finds():
    text = "".join(chr(97 + (i * i) % 3) for i in range(400))
    for query in ("a", "ab", "ba", "aab", "ca"):
        found, at = [], text.find(query)
        while at >= 0:
            found.append(at)
            at = text.find(query, at + len(query))
        assert Matches(letters_of(text, True), letters_of(query, True)).starts.tolist() == found
