"""The words of a help page as HTML, all from a layer's declaration."""

from __future__ import annotations

import re
from html import escape
from inspect import cleandoc
from typing import Any

from engine.kinds import Bool, Either, Ints, Kind, Optional
from engine.layers.base import Layer, Port
from engine.layers.related import related, torch_page
from engine.spec import Param
from gui.panels.palette import heading_of
from gui.theme import font, metrics, theme
from gui.widgets import unbroken

INNER = frozenset({"block", "args", "node", "source", "data", "ports"})  # set by gestures, explained by their effect
OPEN = "layer:"
_WORDS = frozenset({"Input", "Output", "Code", "Block", "Size", "Number"})  # words of the language first of all
_SHAPES = ("Input shape:", "Output shape:")
_PORT_KINDS = {"optional": "optional", "many": "any number of wires"}


def about(layer: type[Layer]) -> str:
    """What the layer does, a paragraph each."""
    parts = cleandoc(layer.__doc__ or "").split("\n\n")
    said = [escape(" ".join(part.split())) for part in parts if not part.startswith(_SHAPES)]
    return _paragraphs(said)


def body(layer: type[Layer]) -> str:
    """When to take it, its shapes, ports and options."""
    parts = (
        ("When to take it", f"<p style='margin: 0'>{linked(layer.use, layer)}</p>" if layer.use else ""),
        ("Shapes and ports", shapes(layer)),
        ("Options", options(layer)),
    )
    return "".join(_heading(title, first=not i) + text for i, (title, text) in enumerate(p for p in parts if p[1]))


def tail(layer: type[Layer]) -> str:
    """What to read on, and the words that find the layer."""
    similar = " · ".join(f"<a href='{OPEN}{other.key}'>{other.title}</a>" for other in related(layer))
    said = [found_as(layer)] if layer.aliases else []
    if address := torch_page(layer):
        said.append(f"<a href='{address}'>{escape(layer.target)} in PyTorch's manual</a>")
    return (_heading("See also", first=True) + f"<p style='margin: 0'>{similar}</p>" if similar else "") + "".join(
        f"<p style='margin: {metrics().space.m}px 0 0 0'>{part}</p>" for part in said
    )


def _heading(title: str, first: bool = False) -> str:
    face, space = font("heading"), metrics().space
    above = 0 if first else space.l
    return (
        f"<p style='margin: {above}px 0 {space.s}px 0; font-size: {face.pixelSize()}px; "
        f"font-weight: {face.weight().value}'>{title}</p>"
    )


def _paragraphs(said: list[str]) -> str:
    return "".join(
        f"<p style='margin: {metrics().space.s if i else 0}px 0 0 0'>{part}</p>" for i, part in enumerate(said)
    )


def subtitle(layer: type[Layer]) -> str:
    """The kind and the name in torch: "Convolution · nn.Conv2d"."""
    return f"{heading_of(layer.category)} · {layer.target}" if layer.target else heading_of(layer.category)


def shapes(layer: type[Layer]) -> str:
    """What goes in and what comes out, and what the ports are for."""
    lines = [line for line in cleandoc(layer.__doc__ or "").splitlines() if line.startswith(_SHAPES)]
    rows = [_row(label.strip(), shape.strip()) for label, _, shape in (line.partition(" shape:") for line in lines)]
    example = layer()
    for ports in (example.ports_in(), example.ports_out()):
        rows += [_port(port) for port in ports if port.help or port.kind != "required"]
    return (
        f"<table width='100%' cellspacing='0' style='margin-top: {metrics().space.xs}px'>{''.join(rows)}</table>"
        if rows
        else ""
    )


def _row(label: str, text: str) -> str:
    space = metrics().space
    style = f"padding: 0 {space.m}px {space.xs}px 0"
    return (
        f"<tr><td style='{style}; white-space: pre'>{_muted(label)}</td>"
        f"<td width='100%' style='padding-bottom: {space.xs}px'>{escape(unbroken(text))}</td></tr>"
    )


def _port(port: Port) -> str:
    kind = _PORT_KINDS.get(port.kind, "")
    text = " ".join(filter(None, (port.help, f"({kind})" if kind else "")))
    return _row(port.name, text)


def options(layer: type[Layer]) -> str:
    """Every option with its kind, range, default and help; the rarer ones at the end."""
    shown = sorted((p for p in layer.params.values() if p.name not in INNER), key=lambda p: p.advanced)
    return "".join(_option(p) for p in shown)


def _option(declared: Param) -> str:
    space = metrics().space
    facts = ", ".join(
        filter(None, (kind_words(declared), range_words(declared), f"default\u00a0{default_words(declared)}"))
    )
    return (
        f"<p style='margin: 0 0 {space.s}px 0'>{_code(declared.name)}&nbsp;&nbsp;{_muted(facts)}<br>"
        f"{escape(declared.help)}</p>"
    )


def kind_words(declared: Param) -> str:
    """What may be written there: "whole number", "same", "valid" or whole numbers."""
    return _kind_words(declared.kind)


def _kind_words(kind: Kind) -> str:
    if isinstance(kind, Optional):
        return f"{_kind_words(kind.inner)} or {kind.none}"
    if isinstance(kind, Either):
        return f"{_listed(kind.words)} or {_kind_words(kind.inner)}"
    if isinstance(kind, Ints):
        many = "whole numbers" if kind.length is None else f"{kind.length} of them"
        return "whole numbers" if not kind.single else f"whole number or {many}" if kind.length != 1 else "whole number"
    if kind.choices and not isinstance(kind, Bool):
        return _listed(kind.choices)
    return {"int": "whole number", "float": "number", "bool": "yes or no", "value": "text"}.get(kind.name, kind.name)


def _listed(choices: tuple[Any, ...]) -> str:
    """Words and numbers with an "or" before the last."""
    said = [f'"{c}"' if isinstance(c, str) else str(c) for c in choices]
    return " or ".join(filter(None, (", ".join(said[:-1]), said[-1])))


def range_words(declared: Param) -> str:
    """The limits: "1 or more", "0 to 1"."""
    least, most = declared.least, declared.most
    if least is not None and most is not None:
        return f"{least:g} to {most:g}"
    if least is not None:
        return f"{least:g} or more"
    return f"{most:g} or less" if most is not None else ""


def default_words(declared: Param) -> str:
    """The default as a person would type it."""
    if isinstance(declared.default, bool):
        return "yes" if declared.default else "no"
    return escape(declared.show(declared.default)) or "empty"


def found_as(layer: type[Layer]) -> str:
    """The other words that find it."""
    return _muted(escape(f"Also found as {', '.join(layer.aliases)}."))


def _code(text: str) -> str:
    return f"<code style=\"font-family: '{font('mono').families()[0]}'\">{escape(text)}</code>"


def _muted(text: str) -> str:
    return f"<span style='color: {theme().text.secondary.name()}'>{text}</span>"


def linked(sentence: str, layer: type[Layer]) -> str:
    """A sentence in which the names of other layers are links."""
    parts = re.split(r"\b([A-Z][A-Za-z0-9]+)\b", sentence)
    others = {part for part in parts if part in Layer.registry and part != layer.key and part not in _WORDS}
    return "".join(f"<a href='{OPEN}{part}'>{part}</a>" if part in others else escape(part) for part in parts)
