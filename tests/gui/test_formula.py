"""Formulas: every one that a layer declares is typeset, and reads well as a line of text until it is."""

import pytest
from PySide6.QtGui import QImage

from engine.layers import catalogue
from gui.formula import FormulaView, plain
from gui.formula.typeset import lines_of, typeset

TALLEST = 4.5  # in sizes of type: a fraction of sums


def declared() -> list[str]:
    return sorted({layer.formula for layer in catalogue() if layer.formula})


def test_every_formula_of_a_layer_is_typeset() -> None:
    wrong = [latex for latex in declared() if typeset(latex) is None]
    assert wrong == []
    tall = [latex for latex in declared() for part in typeset(latex) or () if part.above + part.below > TALLEST]
    assert tall == []


def test_every_formula_of_a_layer_reads_as_text() -> None:
    assert [latex for latex in declared() if set(plain(latex)) & set("\\$")] == []


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\frac{x}{1 + |x|}", "x / (1 + |x|)"),
        (r"y = x W^{\top} + b", "y = x Wᵀ + b"),
        (r"h_{t-1}", "hₜ₋₁"),
        (r"\sum_{i=1}^{n} x_i^2", "Σᵢ₌₁ⁿ xᵢ²"),
        (r"\mathrm{softmax}\left( \frac{Q K^{\top}}{\sqrt{d}} \right) V", "softmax( (Q Kᵀ) / √d) V"),
        (r"\mathrm{negative\_slope} \cdot x", "negative_slope · x"),
        (r"\unknown{x}", "unknownx"),
        ("x_{", "x"),
        ("", ""),
    ],
)
def test_a_formula_reads_as_a_line_of_text(latex: str, text: str) -> None:
    assert plain(latex) == text


def test_parts_with_room_between_them_may_stand_in_lines_of_their_own() -> None:
    assert lines_of(r"a = b, \quad c \qquad d") == ("a = b,", "c", "d")


def test_what_is_no_formula_is_left_as_text() -> None:
    assert typeset(r"\frac{a}{") is None


def picture(view: FormulaView) -> QImage:
    return view.grab().toImage()


def test_a_formula_is_text_first_and_mathematics_as_soon_as_it_is_there(qtbot) -> None:  # type: ignore[no-untyped-def]
    view = FormulaView()
    qtbot.addWidget(view)
    view.resize(300, 80)
    view.show_text(r"\frac{a}{b}")
    assert view.accessibleName() == "Formula: a / b"
    assert not view.is_typeset
    before = picture(view)
    view.show_outlines(typeset(r"\frac{a}{b}") or ())
    assert view.is_typeset
    assert picture(view) != before


def test_a_long_formula_takes_more_lines_where_it_is_narrow(qtbot) -> None:  # type: ignore[no-untyped-def]
    view = FormulaView()
    qtbot.addWidget(view)
    latex = r"c_t = f_t \odot c_{t-1} + i_t \odot g_t, \quad h_t = o_t \odot \tanh(c_t)"
    view.show_text(latex)
    view.show_outlines(typeset(latex) or ())
    assert view.heightForWidth(260) > view.heightForWidth(900)
