"""Small widgets without data of their own, in the theme's dress."""

from gui.widgets.card import Card
from gui.widgets.combo import NamedComboBox
from gui.widgets.empty_state import EmptyState
from gui.widgets.flow import FlowLayout
from gui.widgets.labels import (
    ElidedLabel,
    GivingButton,
    KeyCap,
    Paragraph,
    StatusMark,
    SteadyLabel,
    hairline,
    label,
    unbroken,
)
from gui.widgets.search_field import SearchField
from gui.widgets.section_header import SectionHeader
from gui.widgets.toast import Toast, Toasts

__all__ = [
    "Card",
    "ElidedLabel",
    "EmptyState",
    "FlowLayout",
    "GivingButton",
    "KeyCap",
    "NamedComboBox",
    "Paragraph",
    "SearchField",
    "SectionHeader",
    "StatusMark",
    "SteadyLabel",
    "Toast",
    "Toasts",
    "hairline",
    "label",
    "unbroken",
]
