"""The manual against the window: its keys, its menus, and the first network played as it is told."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QKeySequence, QTextDocument, QTextTable
from PySide6.QtTest import QTest

from engine.document.paths import set_by_path
from gui.demo_hands import wait_until
from gui.dialogs.manual import PAGES, ManualDialog, pages
from gui.dialogs.shortcuts import IN_THE_CODE
from gui.theme import in_colours
from tests.gui.window_fixture import hands  # noqa: F401

FIRST = (PAGES / "first-network.md").read_text(encoding="utf-8")
CANVAS = (PAGES / "canvas.md").read_text(encoding="utf-8")
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
# B, T, H and their like are sizes.
KEY = re.compile(r"`((?:Ctrl|Shift|Alt)\+\S+?|F\d+|Del|Home|(?![BDEHKLNST])[A-Z0-9\[\]])`")
STEPS = re.findall(r"^\| `([^`]+)` \|", FIRST, re.MULTILINE)


def plain(text: str) -> str:
    return text.rstrip("…")


def test_the_keys_in_the_manual_are_those_of_the_window(hands):  # noqa: F811
    taken = {QKeySequence(key) for command in hands.window.actions_.commands.values() for key in command.keys}
    taken |= {QKeySequence(key) for _, keys in IN_THE_CODE for key in keys}
    for _, page in pages():
        named = KEY.findall(page.read_text(encoding="utf-8"))
        assert [key for key in named if QKeySequence(key) not in taken] == [], page.name


def test_the_manual_names_a_key_of_every_command_that_has_one(hands):  # noqa: F811
    named = {QKeySequence(key) for key in KEY.findall(CANVAS)}
    commands = hands.window.actions_.commands
    missing = [n for n, c in commands.items() if c.keys and not named & {QKeySequence(key) for key in c.keys}]
    assert [name for name in missing if name != "view.last_area"] == []


def test_the_menus_that_are_named_exist(hands):  # noqa: F811
    commands = hands.window.actions_.commands.values()
    known = {(c.menu, plain(part)) for c in commands for part in (c.text, f"{c.submenu} → {c.text}")}
    for text in (README, *(path.read_text(encoding="utf-8") for _, path in pages())):
        named = re.findall(r"\*\*(\w+) → ([^*]+)\*\*", text)
        assert [place for place in named if (place[0], plain(place[1])) not in known] == []


def test_every_page_opens_and_its_links_lead_to_others(hands):  # noqa: F811
    dialog = ManualDialog("", hands.window)
    for row, (title, path) in enumerate(dialog.pages):
        dialog.list.setCurrentRow(row)
        assert dialog.text.toPlainText().startswith(title)
        links = re.findall(r"\]\(([\w-]+\.md)\)", path.read_text(encoding="utf-8"))
        assert set(links) <= {page.name for _, page in dialog.pages}


def test_a_table_of_the_manual_is_as_wide_as_the_page(hands):  # noqa: F811
    dialog = ManualDialog("canvas", hands.window)
    dialog.show()
    tables = [f for f in dialog.text.document().rootFrame().childFrames() if isinstance(f, QTextTable)]
    assert tables
    assert dialog.text.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_picture_of_a_gesture_is_shown_in_the_colours_of_the_window(hands, scheme):  # noqa: F811
    with in_colours(scheme):
        text = ManualDialog("canvas", hands.window).text.document()
    kind, name = QTextDocument.ResourceType.ImageResource.value, QUrl(f"pictures/search-{scheme}.png")
    image = text.resource(kind, name)
    assert image.deviceIndependentSize().width() == 600
    assert name.toString() in text.toHtml()


def draw_and_mend(hands) -> None:  # noqa: F811
    """What the manual says to type, and the button it says to press."""
    for query in STEPS:
        hands.canvas.surface.setFocus()
        QTest.keyClick(hands.canvas.surface, Qt.Key.Key_Tab)
        hands.write(query)
        hands.key("Return")
        hands.settle()
    problem = next(p for p in hands.session.analysis.problems if p.severity == "error")
    title = re.search(r"\*\*(Insert .+?)\*\*", FIRST)[1]
    hands.session.apply(next(repair.edit for repair in problem.repairs if repair.title == title))
    hands.settle()


def test_the_first_network_comes_out_as_the_manual_tells(hands):  # noqa: F811
    draw_and_mend(hands)
    assert hands.session.analysis.is_valid
    hands.session.undo()
    hands.settle()
    shapes = re.findall(r"^\| `[^`]+` \|[^|]*\| (B [^|]+) \|", FIRST, re.MULTILINE)
    graph, analysis = hands.session.block.graph, hands.session.analysis
    found = [str(spec) for node in graph.order() for spec in analysis.node(node, "main").outputs.values()]
    assert found == [shape.strip() for shape in shapes]


def test_the_readme_and_the_manual_tell_of_the_same_network():
    typed = re.search(r"press Tab, type, press Enter: (.+?)\.", README, re.DOTALL)[1]
    assert re.findall(r"`([^`]+)`", typed) == STEPS


def test_the_recipe_of_the_manual_trains_what_it_promises(hands):  # noqa: F811
    draw_and_mend(hands)
    epochs, rate = re.search(r"Set `epochs` to (\d+) and `lr`[^.]*? to ([\d.]+)\.", FIRST).groups()
    for text in (f"recipe.epochs={epochs}", f"recipe.optimizer.lr={rate}"):
        hands.session.apply(set_by_path(hands.session.project, text))
    hands.settle()
    hands.window.actions_.trigger("train.start")
    runner = hands.session.runner
    wait_until(lambda: runner.state in ("ended", "failed"), "the run ends")
    wait_until(lambda: len(runner.history.evaluations) == int(epochs), "all epochs are told")
    assert runner.history.evaluations[-1].figures["val_accuracy"] > 0.96
