"""Pictures of layers: each layer has one, it is told by what the layer is, and it follows its options."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from engine.analysis.plotted import curve
from engine.errors import EngineError
from engine.expr import Expr
from engine.layers import Layer, catalogue
from engine.tensor import TensorSpec
from gui.diagrams import DiagramView, Known, diagram
from gui.diagrams.ports import Ports
from gui.panels.help_facts import known_about
from gui.theme import set_scheme, theme
from tests.laws.option_values import small_values

L = Layer.registry
WITHOUT_FAMILY = {
    "io": "a tensor and nothing more",
    "code": "whatever is written there",
    "block": "whatever is drawn there",
}
"""Kinds that are drawn by their ports alone, and why."""
WIDTH = 346


@pytest.fixture(scope="module")
def known_of_all() -> dict[str, Known]:
    """What the help pages know of every layer."""
    return {layer.key: known_about(layer()) for layer in catalogue()}


def picture(view: DiagramView) -> QImage:
    view.resize(WIDTH, view.sizeHint().height())
    return view.grab().toImage()


def shown(qtbot: Any, layer: Layer, known: Known | None = None) -> QImage:
    view = DiagramView()
    qtbot.addWidget(view)
    view.show_diagram(diagram(layer, known or Known()))
    return picture(view)


def colours(image: QImage) -> set[int]:
    return {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_every_layer_has_a_picture_with_the_colour_of_its_kind_in_it(  # type: ignore[no-untyped-def]
    qtbot, qapp: QApplication, known_of_all: dict[str, Known], scheme
) -> None:
    set_scheme(scheme)
    for layer in catalogue():
        made, known = layer(), known_of_all[layer.key]
        solid = theme().category(layer.category).solid
        near = [QColor(pixel) for pixel in colours(shown(qtbot, made, known))]
        assert any(abs(c.hue() - solid.hue()) < 12 or solid.saturation() < 40 for c in near), layer.key
        assert len(near) > 3, layer.key
        assert re.fullmatch(r"[A-Z0-9].*\.", diagram(made, known).words), layer.key
    set_scheme("system")


def test_a_picture_of_ports_alone_is_for_kinds_that_have_no_other(
    qapp: QApplication, known_of_all: dict[str, Known]
) -> None:
    alone = [layer for layer in catalogue() if isinstance(diagram(layer(), known_of_all[layer.key]), Ports)]
    others = [layer.key for layer in alone if layer.category not in WITHOUT_FAMILY]
    assert len(others) <= len(catalogue()) // 10, others


@settings(max_examples=150)
@given(data=st.data())
def test_a_picture_is_drawn_whatever_the_options_are(qapp: QApplication, data: Any) -> None:
    kind = data.draw(st.sampled_from(catalogue()))
    try:
        layer = kind(**{n: data.draw(small_values(p.kind), label=n) for n, p in kind.params.items()})
    except EngineError:
        return
    view = DiagramView()
    view.show_diagram(diagram(layer, Known()))
    assert not picture(view).isNull()
    view.deleteLater()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (L["Conv2d"](), L["Conv2d"](kernel_size=5)),
        (L["Conv2d"](), L["Conv2d"](padding=0, stride=2)),
        (L["Conv2d"](padding=0), L["Conv2d"](padding=0, dilation=2)),
        (L["Dropout"](p=0.2), L["Dropout"](p=0.8)),
        (L["LSTM"](), L["LSTM"](bidirectional=True)),
        (L["AdaptiveAvgPool2d"](), L["AdaptiveAvgPool2d"](output_size=3)),
        (L["Upsample"](), L["Upsample"](mode="bilinear")),
        (L["TransformerEncoderLayer"](), L["TransformerEncoderLayer"](norm_first=True)),
    ],
    ids=lambda layer: layer.key,
)
def test_a_picture_follows_the_options(qtbot, one: Layer, other: Layer) -> None:  # type: ignore[no-untyped-def]
    assert shown(qtbot, one) != shown(qtbot, other)


def test_an_option_that_is_an_expression_is_drawn_at_some_size(qtbot) -> None:  # type: ignore[no-untyped-def]
    assert not shown(qtbot, L["Conv2d"](kernel_size=Expr("width + 1"))).isNull()


def test_the_curve_of_an_activation_is_that_of_its_own_text() -> None:
    found = curve(L["LeakyReLU"](negative_slope=0.2))
    assert found is not None
    assert found.x[0] == -4.0
    assert found.y[0] == pytest.approx(-0.8)
    assert found.slope[0] == pytest.approx(0.2)
    assert found.slope[-1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("layer", "x", "y"),
    [
        (L["MSELoss"](), 3.0, 9.0),
        (L["L1Loss"](), -3.0, 3.0),
        (L["HuberLoss"](delta=2.0), 3.0, 4.0),
        (L["BCEWithLogitsLoss"](), 0.0, 0.693),
        (L["CrossEntropyLoss"](), 0.0, 0.693),
    ],
    ids=lambda value: value.key if isinstance(value, Layer) else "",
)
def test_the_curve_of_a_loss_is_that_of_its_own_text(layer: Layer, x: float, y: float) -> None:
    found = curve(layer)
    assert found is not None
    place = min(range(len(found.x)), key=lambda i: abs(found.x[i] - x))
    assert found.y[place] == pytest.approx(y, abs=0.01)


@pytest.mark.parametrize("key", ["Softmax", "LayerNorm", "Noise", "Linear", "Add", "GLU", "Mean"])
def test_a_layer_that_mixes_numbers_or_draws_them_has_no_curve(key: str) -> None:
    assert curve(L[key]()) is None


@pytest.mark.parametrize(
    ("layer", "before", "after", "links"),
    [
        (L["Flatten"](), ("B", 16, 8, 8), ("B", 1024), (((0,), (0,)), ((1, 2, 3), (1,)))),
        (L["Unflatten"](), ("B", 64), ("B", 1, 8, 8), (((0,), (0,)), ((1,), (1, 2, 3)))),
        (L["Permute"](dims=(0, 2, 1)), ("B", 12, 32), ("B", 32, 12), (((0,), (0,)), ((2,), (1,)), ((1,), (2,)))),
        (L["Transpose"](), ("B", 8, 8), ("B", 8, 8), (((0,), (0,)), ((1,), (2,)), ((2,), (1,)))),
        (L["Select"](dim=1), ("B", 12, 32), ("B", 32), (((0,), (0,)), ((2,), (1,)), ((1,), ()))),
        (L["Unsqueeze"](dim=1), ("B", 8), ("B", 1, 8), (((0,), (0,)), ((1,), (2,)), ((), (1,)))),
        (L["Reshape"](shape=(6, 64)), ("B", 12, 32), ("B", 6, 64), (((0,), (0,)), ((1, 2), (1, 2)))),
    ],
    ids=lambda value: value.key if isinstance(value, Layer) else "",
)
def test_axes_are_followed_through_a_change_of_shape(layer: Layer, before: Any, after: Any, links: Any) -> None:
    known = Known((("x", TensorSpec(before)),), (("out", TensorSpec(after)),))
    assert diagram(layer, known).links == links  # type: ignore[attr-defined]
