"""Every kind of option has an editor that shows it, takes what its declaration allows, and loses nothing typed."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.expr import Expr
from engine.kinds import Bool, Choice, Float, Int, Optional, Text
from engine.layers import Layer
from engine.layers.activation import ReLU
from engine.layers.chosen import LayerKind
from engine.layers.convolution import Conv2d
from engine.layers.linear import Linear
from engine.layers.normalization import BatchNorm2d, GroupNorm
from engine.recipe.base import Dataset, Loss, Metric, Optimizer, Schedule, Transform
from engine.recipe.optimizers import SGD, AdamW
from engine.recipe.recipe import Recipe
from engine.spec import Param, Spec, param
from gui.editors import Editor, FieldEditor, Form, editor_for
from gui.editors.choices import BoolEditor, ChoiceEditor, EitherEditor, QuietComboBox
from gui.editors.layer_kind import LayerEditor
from gui.editors.members import MemberEditor, MembersEditor
from gui.editors.texts import CodeEditor
from gui.style import apply
from gui.theme import metrics

# Said by Qt's offscreen platform of any window that has a least size.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

FAMILIES: tuple[type[Spec], ...] = (Layer, Dataset, Transform, Loss, Metric, Optimizer, Schedule)
SPECS = [spec for family in FAMILIES for spec in family.registry.values()] + [Recipe]
OPTIONS = [(spec, option) for spec in SPECS for option in spec.params.values()]


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> None:
    apply(qapp)


def made(qtbot: Any, editor: Editor) -> Editor:
    """Put away afterwards, with what a form would show below it."""
    qtbot.addWidget(editor)
    if editor.tail is not None:
        qtbot.addWidget(editor.tail)
    return editor


def shown(qtbot: Any, editor: Editor) -> Editor:
    made(qtbot, editor).show()
    return editor


def option(spec: type[Spec], name: str) -> Param:
    return spec.params[name]


@pytest.mark.parametrize(("spec", "declared"), OPTIONS, ids=[f"{s.__name__}.{p.name}" for s, p in OPTIONS])
def test_every_option_has_an_editor_that_shows_its_default(qtbot, spec, declared) -> None:  # type: ignore[no-untyped-def]
    editor = made(qtbot, editor_for(declared, spec.title))
    assert editor.value == declared.default
    assert editor.accessibleName() == declared.name
    if isinstance(editor, FieldEditor):
        assert editor.field.text() == declared.show(declared.default)
        edited: list[Any] = []
        editor.value_edited.connect(edited.append)
        editor.take()
        assert not edited, "showing a value and taking it back is no change"


@pytest.mark.parametrize(("spec", "declared"), OPTIONS, ids=[f"{s.__name__}.{p.name}" for s, p in OPTIONS])
def test_what_an_editor_gives_is_what_its_declaration_allows(qtbot, spec, declared) -> None:  # type: ignore[no-untyped-def]
    editor = made(qtbot, editor_for(declared, spec.title))
    given: list[Any] = []
    editor.value_edited.connect(given.append)
    if isinstance(editor, ChoiceEditor):
        for index in range(editor.combo.count()):
            editor.combo.setCurrentIndex(index)
            editor.combo.activated.emit(index)
        assert len(given) >= len(declared.kind.choices) - 1
    elif isinstance(editor, BoolEditor):
        editor.check.click()
        assert given == [not declared.default]
    elif isinstance(editor, MemberEditor):
        editor.combo.activated.emit(editor.combo.count() - 1)
    elif isinstance(editor, FieldEditor):
        for text in ("3", "0.5", "7, 7", "rate", ""):
            editor.field.setText(text)
            editor.take()
            assert editor.error() or editor.value == declared.parse(text, spec.title)
    for value in given:
        assert declared.check(value, spec.title) == value


def test_text_that_cannot_be_read_stays_with_the_reason_under_it(qtbot) -> None:  # type: ignore[no-untyped-def]
    editor = shown(qtbot, editor_for(option(Conv2d, "out_channels"), "Conv2d"))
    assert isinstance(editor, FieldEditor)
    edited: list[Any] = []
    editor.value_edited.connect(edited.append)
    editor.field.setText("many")
    QTest.keyClick(editor.field, Qt.Key.Key_Return)
    assert editor.field.text() == "many"
    assert "whole number" in editor.error()
    assert editor.field.property("wrong")
    assert not edited
    QTest.keyClick(editor.field, Qt.Key.Key_Escape)
    assert editor.field.text() == "32"
    assert not editor.error()


def test_a_block_parameter_can_be_typed_into_a_number_and_shows_its_value(qtbot) -> None:  # type: ignore[no-untyped-def]
    editor = shown(qtbot, editor_for(option(Linear, "out_features"), "Linear", {"width": 32}))
    assert isinstance(editor, FieldEditor)
    editor.field.setText("width * 4")
    editor.take()
    assert editor.value == Expr("width * 4")
    assert editor.field.property("expression")
    assert editor.field.toolTip() == "= 128"


def test_an_expression_over_unknown_names_is_refused(qtbot) -> None:  # type: ignore[no-untyped-def]
    editor = shown(qtbot, editor_for(option(Linear, "out_features"), "Linear", {"width": 32}))
    assert isinstance(editor, FieldEditor)
    editor.field.setText("height * 4")
    editor.take()
    assert editor.error()
    assert editor.value == option(Linear, "out_features").default


def test_arrow_keys_change_a_number_as_one_gesture_and_stop_at_its_limit(qtbot) -> None:  # type: ignore[no-untyped-def]
    editor = shown(qtbot, editor_for(Param("n", Int(1, 4), 2, 2, "A number."), "Test"))
    assert isinstance(editor, FieldEditor)
    given: list[tuple[int, int]] = []
    editor.value_edited.connect(lambda value: given.append((value, editor.gesture)))
    for _ in range(4):
        QTest.keyClick(editor.field, Qt.Key.Key_Up)
    assert [value for value, _ in given] == [3, 4]
    assert len({gesture for _, gesture in given}) == 1
    assert given[0][1] != 0


def test_a_drag_over_a_number_changes_it(qtbot) -> None:  # type: ignore[no-untyped-def]
    editor = shown(qtbot, editor_for(Param("n", Int(), 10, 10, "A number."), "Test"))
    assert isinstance(editor, FieldEditor)
    editor.resize(160, 24)
    start = QPoint(20, 10)
    QTest.mousePress(editor.field, Qt.MouseButton.LeftButton, pos=start)
    editor.field.clearFocus()
    QTest.mouseMove(editor.field, start + QPoint(40, 0))
    QTest.mouseRelease(editor.field, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 0))
    assert editor.value > 10


def test_escape_in_a_drag_over_a_number_brings_it_back_as_part_of_the_same_gesture(qtbot) -> None:  # type: ignore[no-untyped-def]
    editor = shown(qtbot, editor_for(Param("n", Int(), 10, 10, "A number."), "Test"))
    assert isinstance(editor, FieldEditor)
    editor.resize(160, 24)
    given: list[tuple[int, int]] = []
    editor.value_edited.connect(lambda value: given.append((value, editor.gesture)))
    start = QPoint(20, 10)
    QTest.mousePress(editor.field, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(editor.field, start + QPoint(40, 0))
    QTest.keyClick(editor.field, Qt.Key.Key_Escape)
    QTest.mouseMove(editor.field, start + QPoint(60, 0))
    QTest.mouseRelease(editor.field, Qt.MouseButton.LeftButton, pos=start + QPoint(60, 0))
    assert editor.value == 10
    assert editor.field.text() == "10"
    assert given[-1][0] == 10
    assert len({gesture for _, gesture in given}) == 1


def test_a_word_can_be_picked_where_a_number_is_asked_for(qtbot) -> None:  # type: ignore[no-untyped-def]
    editor = shown(qtbot, editor_for(option(Conv2d, "padding"), "Conv2d"))
    assert isinstance(editor, EitherEditor)
    editor.button.menu().actions()[-1].trigger()
    assert editor.value == "valid"
    editor.field.setText("2")
    editor.take()
    assert editor.value == 2


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Int(), 3), (Float(), 0.5), (Bool(), True), (Text(), "x"), (Choice(("a", "b")), "b"), (Optional(Int()), None)],
    ids=lambda x: type(x).__name__,
)
def test_several_values_are_shown_as_mixed_until_one_is_chosen(qtbot, kind, value) -> None:  # type: ignore[no-untyped-def]
    editor = shown(qtbot, editor_for(Param("x", kind, value, value, "Anything."), "Test"))
    given: list[Any] = []
    editor.value_edited.connect(given.append)
    editor.set_mixed(value)
    if isinstance(editor, FieldEditor):
        assert (editor.field.text(), editor.field.placeholderText()) == ("", "mixed")
        editor.take()
        assert not given
        editor.field.setText(editor.declared.show(value) or "none")
        editor.take()
    elif isinstance(editor, ChoiceEditor):
        editor.combo.activated.emit(1)
    elif isinstance(editor, BoolEditor):
        assert editor.check.checkState() == Qt.CheckState.PartiallyChecked
        editor.check.click()
    assert given == [value], "the value of the first one can be chosen for all"


def test_another_kind_of_a_family_keeps_the_options_it_shares(qtbot) -> None:  # type: ignore[no-untyped-def]
    editor = shown(qtbot, editor_for(option(Recipe, "optimizer"), "Recipe"))
    assert isinstance(editor, MemberEditor)
    editor.set_value(AdamW(lr=0.25))
    editor.combo.activated.emit(editor.kinds.index(SGD))
    assert editor.value == SGD(lr=0.25)


def test_an_option_inside_a_family_changes_the_whole_value(qtbot) -> None:  # type: ignore[no-untyped-def]
    editor = shown(qtbot, editor_for(option(Recipe, "optimizer"), "Recipe"))
    assert isinstance(editor, MemberEditor)
    rate = editor.form.editors["lr"]
    assert isinstance(rate, FieldEditor)
    rate.field.setText("0.125")
    rate.take()
    assert editor.value.lr == 0.125


def test_members_are_added_and_removed(qtbot) -> None:  # type: ignore[no-untyped-def]
    editor = shown(qtbot, editor_for(option(Recipe, "losses"), "Recipe"))
    assert isinstance(editor, MembersEditor)
    editor.add.menu().actions()[0].trigger()
    assert len(editor.value) == 2
    assert len(editor.editors) == 2
    editor._remove(0)
    assert len(editor.value) == 1


def test_code_that_is_none_stays_with_the_reason(qtbot) -> None:  # type: ignore[no-untyped-def]
    editor = shown(qtbot, editor_for(Layer.registry["Code"].params["source"], "Code"))
    assert isinstance(editor, CodeEditor)
    given: list[Any] = []
    editor.value_edited.connect(given.append)
    editor.text.setPlainText("def half(x):\n    return x / 2\n")
    editor.take()
    assert given == ["def half(x):\n    return x / 2\n"]


class Sample(Spec, abstract=True):
    """Something with two options."""

    title = "Sample"
    size: int = param(4, min=1, help="How large.")
    name: str = param("", help="What it is called.")


def test_the_dot_of_a_changed_value_brings_its_default_back(qtbot) -> None:  # type: ignore[no-untyped-def]
    form = Form()
    qtbot.addWidget(form)
    form.show()
    form.show_spec(Sample(size=9))
    edited: list[tuple[str, Any]] = []
    form.edited.connect(lambda name, value: edited.append((name, value)))
    dot = form._dots["size"]
    assert dot.isVisible()
    assert not form._dots["name"].isVisible()
    QTest.mouseClick(dot, Qt.MouseButton.LeftButton)
    assert edited == [("size", 4)]
    assert not dot.isVisible()


def test_what_is_being_typed_stays_until_its_own_value_changes(qtbot) -> None:  # type: ignore[no-untyped-def]
    form = Form()
    qtbot.addWidget(form)
    form.show_spec(Sample(size=9), subject="one")
    size = form.editors["size"]
    assert isinstance(size, FieldEditor)
    size.field.setText("0")
    size.take()
    assert size.error()
    form.show_spec(Sample(size=9, name="other"), subject="one")
    assert size.field.text() == "0", "another option changed"
    form.show_spec(Sample(size=9), subject="two")
    assert size.field.text() == "9", "another one is shown"
    assert not size.error()


def test_a_form_that_is_held_has_no_rows_until_it_is_let_go_and_then_those_of_what_it_was_given_last(qtbot):
    form = Form()
    qtbot.addWidget(form)
    form.hold(True)
    form.show_spec(Sample(size=9), subject="one")
    form.show_spec(Sample(size=7), subject="two")
    assert not form.findChildren(FieldEditor)
    form.hold(False)
    assert [editor.field.text() for editor in form.findChildren(FieldEditor)] == ["7", ""]


def test_what_was_typed_for_one_is_gone_when_it_comes_back_after_another_that_nobody_saw(qtbot):
    form = Form()
    qtbot.addWidget(form)
    form.show_spec(Sample(size=9), subject="one")
    size = form.editors["size"]
    size.field.setText("0")
    size.take()
    form.hold(True)
    form.show_spec(Sample(size=9), subject="two")
    form.show_spec(Sample(size=9), subject="one")
    form.hold(False)
    assert size.field.text() == "9"


def test_a_kind_of_layer_is_chosen_among_those_with_the_same_ports(qtbot) -> None:  # type: ignore[no-untyped-def]
    declared = Param("norm", LayerKind(), BatchNorm2d(), BatchNorm2d(), "What normalises.")
    editor = shown(qtbot, editor_for(declared, "Stage", {"act": ReLU(), "width": 8}))
    assert isinstance(editor, LayerEditor)
    texts = [editor.combo.itemText(i) for i in range(editor.combo.count())]
    assert texts[0] == "act"
    assert {"BatchNorm2d", "GroupNorm", "Identity"} < set(texts)
    assert not {"LSTM", "Bilinear", "width"} & set(texts)
    with qtbot.waitSignal(editor.value_edited) as chosen:
        editor.combo.activated.emit(texts.index("GroupNorm"))
    assert chosen.args == [GroupNorm()]
    with qtbot.waitSignal(editor.value_edited) as chosen:
        editor.combo.activated.emit(0)
    assert chosen.args == [Expr("act")]


def test_names_of_a_family_can_be_read_whole_or_say_that_they_go_on(qtbot):
    form = Form(value_width=metrics().widget.recipe_value)
    qtbot.addWidget(form)
    form.show_spec(Recipe(), [Recipe.params[name] for name in ("dataset", "optimizer", "schedule", "losses")])
    form.setFixedWidth(metrics().widget.recipe_column)
    form.show()
    for name in ("dataset", "optimizer", "schedule"):
        combo = form.editors[name].combo
        for row in range(combo.count()):
            combo.setCurrentIndex(row)
            assert combo.said() == combo.currentText()
    (losses,) = form.editors["losses"].findChildren(QuietComboBox)[:1]
    losses.setCurrentText("TripletMarginWithDistanceLoss")
    losses.setFixedWidth(metrics().widget.recipe_value)
    assert losses.said().endswith("…")
    losses.showPopup()
    assert losses.view().width() >= losses.view().sizeHintForColumn(0)
    losses.hidePopup()
