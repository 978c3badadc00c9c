"""Colours and fonts as a style sheet spells them."""

from __future__ import annotations

from PySide6.QtGui import QColor

from gui.theme import Role, font


def css(colour: QColor) -> str:
    """A colour as a style sheet spells it."""
    return f"rgba({colour.red()}, {colour.green()}, {colour.blue()}, {colour.alphaF():.3f})"


def type_rule(role: Role, weight: int | None = None) -> str:
    """Family, size and weight of a role of type."""
    face = font(role, weight)
    families = ", ".join(f'"{name}"' for name in face.families())
    return f"font-family: {families}; font-size: {face.pixelSize()}px; font-weight: {face.weight().value};"
