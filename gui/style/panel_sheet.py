"""The part of the style sheet that belongs to the panels around the canvas."""

from __future__ import annotations

from gui.style.css import css, type_rule
from gui.theme import Theme


def panel_rules(t: Theme) -> str:
    """How the panels' own widgets look in a theme."""
    return "\n".join(part(t) for part in (_values, _rows, _tables, _tabs))


def _values(t: Theme) -> str:
    """A value that is an expression is the person's own word: accent, like everything that is theirs."""
    m = t.metrics
    dense = m.control.height_small - 2 * m.line.border
    return f"""
    QLabel[strong="true"] {{ font-weight: 600; }}
    QLineEdit[expression="true"] {{ color: {css(t.text.link)}; }}
    QLineEdit[title="true"] {{
        {type_rule("title")} min-height: {m.control.height_small}px; max-height: {m.control.height_small}px;
    }}
    QLineEdit[title="true"]:hover {{ background: {css(t.bg.hover)}; border-radius: {m.radius.field}px; }}
    QLineEdit[title="true"]:focus {{ background: {css(t.bg.field)}; border-radius: {m.radius.field}px; }}
    QLineEdit[dense="true"], QComboBox[dense="true"] {{ min-height: {dense}px; max-height: {dense}px; }}
    QComboBox[mixed="true"] {{ color: {css(t.text.muted)}; }}
    QCheckBox[dense="true"] {{ min-height: {m.control.height_small}px; max-height: {m.control.height_small}px; }}
    """


def _rows(t: Theme) -> str:
    """A row of the problems: the current one on the accent's ground, with a bar at its left."""
    bar = t.metrics.widget.tab_line
    return f"""
    QWidget[row="plain"] {{ background: transparent; border-left: {bar}px solid transparent; }}
    QWidget[row="plain"]:hover {{ background: {css(t.bg.hover)}; }}
    QWidget[row="current"] {{ background: {css(t.accent.soft)}; border-left: {bar}px solid {css(t.accent.base)}; }}
    """


def _tables(t: Theme) -> str:
    """A table of many figures: small, with room at its right end."""
    high, room = t.metrics.control.height_small, t.metrics.space.xs
    return f"""
    QTreeView[dense="true"] {{ {type_rule("small")} padding-right: {room}px; }}
    QTreeView[dense="true"]::item {{ min-height: {high}px; padding: 0 {room}px; }}
    QTableView[dense="true"] {{ {type_rule("small")} }}
    QTableView[dense="true"]::item {{ padding: 0 {t.metrics.space.s}px; }}
    """


def _tabs(t: Theme) -> str:
    """A tab bar inside a panel: words alone, the current one underlined."""
    m = t.metrics
    return f"""
    QWidget[side="front"] {{ background: {css(t.accent.base)}; }}
    QWidget[side="back"] {{ background: {css(t.border.subtle)}; }}
    QToolBar[projects="true"] {{ padding: 0; spacing: 0; }}
    QTabBar[projects="true"] {{ qproperty-elideMode: ElideMiddle; }}
    QTabBar[projects="true"]::tab {{
        padding: 0 {m.space.s}px 0 {m.space.m}px; border-right: {m.line.hairline}px solid {css(t.border.subtle)};
    }}
    QTabBar[projects="true"] QToolButton[dense="true"] {{ background: transparent; }}
    QTabBar[dense="true"] {{ background: transparent; }}
    QTabBar[dense="true"]::tab {{
        background: transparent; color: {css(t.text.secondary)}; {type_rule("small", 500)}
        min-height: {m.control.height_small - m.widget.tab_line}px; padding: 0 {m.space.s}px;
        border-bottom: {m.widget.tab_line}px solid transparent;
    }}
    QTabBar[dense="true"]::tab:selected {{
        color: {css(t.text.primary)}; border-bottom-color: {css(t.accent.base)};
    }}
    """
