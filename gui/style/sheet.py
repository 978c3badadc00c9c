"""The style sheet: how every standard widget looks, written over the theme's names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

from PySide6.QtGui import QColor

from gui.metrics import TypeScales
from gui.style.css import css, type_rule
from gui.style.panel_sheet import panel_rules
from gui.theme import Theme

SignUrl = Callable[[str, QColor], str]


def sheet(t: Theme, sign: SignUrl) -> str:
    """The whole sheet for a theme; `sign(name, colour)` is the url of a small picture."""
    parts = (_grounds, _labels, _buttons, _fields, _choices, _bars, _menus, _tabs, _lists, _docks, _scrolling, _rest)
    return "\n".join([*(part(t, sign) for part in parts), panel_rules(t)])


def _grounds(t: Theme, sign: SignUrl) -> str:
    names = ("window", "panel", "raised", "overlay", "field", "canvas")
    rules = "\n".join(f'*[ground="{name}"] {{ background: {css(getattr(t.bg, name))}; }}' for name in names)
    return f"""
    * {{ outline: 0; }}
    QWidget:disabled {{ color: {css(t.text.disabled)}; }}
    QMainWindow, QDialog, QMessageBox {{ background: {css(t.bg.panel)}; }}
    QMainWindow {{ background: {css(t.bg.window)}; }}
    {rules}
    QFrame[line="true"] {{ background: {css(t.border.subtle)}; border: none; }}
    QFrame[line="horizontal"] {{ background: {css(t.border.subtle)}; border: none; max-height: 1px; min-height: 1px; }}
    QFrame[line="vertical"] {{ background: {css(t.border.subtle)}; border: none; max-width: 1px; min-width: 1px; }}
    """


def _labels(t: Theme, sign: SignUrl) -> str:
    tones = {
        "primary": t.text.primary,
        "secondary": t.text.secondary,
        "muted": t.text.muted,
        "link": t.text.link,
        "accent": t.accent.base,
        "danger": t.status.danger,
        "warn": t.status.warn,
        "ok": t.status.ok,
        "info": t.status.info,
    }
    roles = "\n".join(f'QLabel[role="{f.name}"] {{ {type_rule(f.name)} }}' for f in fields(TypeScales))  # type: ignore[arg-type]
    return roles + "\n".join(f'QLabel[tone="{name}"] {{ color: {css(colour)}; }}' for name, colour in tones.items())


def _buttons(t: Theme, sign: SignUrl) -> str:
    m, edge = t.metrics, t.metrics.line.border
    inner, dense = m.control.height - 2 * edge, m.control.height_small - 2 * edge
    return f"""
    QPushButton {{
        {type_rule("body_strong")} color: {css(t.text.primary)}; background: {css(t.bg.raised)};
        border: {edge}px solid {css(t.border.default)}; border-radius: {m.radius.button}px;
        min-height: {inner}px; padding: 0 {m.space.m}px;
    }}
    QPushButton:hover {{ background: {css(t.bg.hover)}; border-color: {css(t.border.strong)}; }}
    QPushButton:pressed, QPushButton:open {{ background: {css(t.bg.pressed)}; }}
    QPushButton:checked {{ background: {css(t.accent.soft)}; border-color: {css(t.accent.base)}; }}
    QPushButton:disabled {{ color: {css(t.text.disabled)}; border-color: {css(t.border.subtle)}; }}
    QPushButton[dense="true"] {{ min-height: {dense}px; padding: 0 {m.space.s}px; {type_rule("small", 500)} }}
    QPushButton[kind="primary"] {{
        color: {css(t.accent.on)}; background: {css(t.accent.base)}; border-color: {css(t.accent.base)};
        font-weight: 600;
    }}
    QPushButton[kind="primary"]:hover {{ background: {css(t.accent.hover)}; border-color: {css(t.accent.hover)}; }}
    QPushButton[kind="primary"]:pressed {{
        background: {css(t.accent.pressed)}; border-color: {css(t.accent.pressed)};
    }}
    QPushButton[kind="primary"]:disabled {{
        color: {css(t.text.disabled)}; background: {css(t.bg.pressed)}; border-color: {css(t.bg.pressed)};
    }}
    QPushButton[kind="danger"] {{
        background: {css(t.status.danger_soft)}; border-color: {css(t.status.danger)}; font-weight: 600;
    }}
    QPushButton[kind="danger"]:hover, QPushButton[kind="danger"]:pressed {{ background: {css(t.bg.hover)}; }}
    QPushButton[kind="danger"]:disabled {{
        background: {css(t.bg.raised)}; border-color: {css(t.border.subtle)};
    }}
    QPushButton[kind="plain"] {{ background: transparent; border-color: transparent; padding: 0 {m.space.s}px; }}
    QPushButton[kind="plain"]:hover {{ background: {css(t.bg.hover)}; }}
    QPushButton[kind="plain"]:pressed {{ background: {css(t.bg.pressed)}; }}
    QPushButton[kind="link"] {{
        background: transparent; border-color: transparent; padding: 0; text-align: left; color: {css(t.text.link)};
    }}
    QPushButton[kind="link"]:hover {{ text-decoration: underline; }}
    QPushButton::menu-indicator {{
        image: {sign("caret-down", t.text.secondary)}; subcontrol-origin: padding;
        subcontrol-position: right center; right: {m.space.s}px;
    }}
    QPushButton[kind="status"] {{
        background: transparent; border: none; padding: 0 {m.space.xs}px; {type_rule("caption")}
        min-height: {m.control.icon}px; color: {css(t.text.secondary)};
    }}
    QPushButton[kind="status"]:hover {{ background: {css(t.bg.hover)}; }}
    QPushButton[kind="status"][tone="danger"] {{ color: {css(t.status.danger)}; font-weight: 600; }}
    QPushButton[kind="status"][tone="warn"] {{ color: {css(t.status.warn)}; font-weight: 600; }}
    QToolButton {{
        color: {css(t.text.secondary)}; background: transparent; border: {edge}px solid transparent;
        border-radius: {m.radius.button}px; min-width: {inner}px; min-height: {inner}px; padding: 0;
    }}
    QToolButton[dense="true"] {{ min-width: {dense}px; min-height: {dense}px; }}
    QToolButton:hover {{ background: {css(t.bg.hover)}; color: {css(t.text.primary)}; }}
    QToolButton:pressed, QToolButton:open {{ background: {css(t.bg.pressed)}; }}
    QToolButton:checked {{ background: {css(t.accent.soft)}; color: {css(t.accent.base)}; }}
    QToolButton::menu-indicator {{ image: none; }}
    """


def _fields(t: Theme, sign: SignUrl) -> str:
    m, edge = t.metrics, t.metrics.line.border
    inner, dense = m.control.height - 2 * edge, m.control.height_small - 2 * edge
    all_fields = "QLineEdit, QAbstractSpinBox, QComboBox, QKeySequenceEdit"

    def each(state: str) -> str:
        return ", ".join(f"{name}{state}" for name in ("QLineEdit", "QAbstractSpinBox", "QComboBox", "QTextEdit"))

    return f"""
    {all_fields} {{
        color: {css(t.text.primary)}; background: {css(t.bg.field)};
        border: {edge}px solid {css(t.border.default)}; border-radius: {m.radius.field}px;
        min-height: {inner}px; padding: 0 {m.space.s}px;
        selection-background-color: {css(t.accent.base)}; selection-color: {css(t.accent.on)};
        placeholder-text-color: {css(t.text.muted)};
    }}
    {each('[dense="true"]')} {{ min-height: {dense}px; }}
    {each(":hover")} {{ border-color: {css(t.border.strong)}; }}
    {each(":focus")} {{ border-color: {css(t.accent.base)}; }}
    {each(":disabled")} {{ color: {css(t.text.disabled)}; border-color: {css(t.border.subtle)}; }}
    {each('[wrong="true"]')} {{ border-color: {css(t.status.danger)}; }}
    QLineEdit > QToolButton {{ min-width: 0; min-height: 0; border: none; background: transparent; padding: 0; }}
    QLineEdit[flat="true"] {{ border: none; background: transparent; padding: 0; }}
    QLineEdit[mono="true"], QAbstractSpinBox[mono="true"], QComboBox[mono="true"] {{ {type_rule("mono")} }}
    QComboBox QLineEdit, QAbstractSpinBox QLineEdit {{ border: none; background: transparent; padding: 0; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
    QComboBox {{ padding-right: 0; }}
    QComboBox::drop-down {{ border: none; width: {m.control.height_small}px; }}
    QComboBox::down-arrow {{ image: {sign("caret-down", t.text.secondary)}; width: {m.control.icon}px; }}
    QComboBox::down-arrow:disabled {{ image: {sign("caret-down", t.text.disabled)}; }}
    QComboBox QAbstractItemView {{
        background: {css(t.bg.overlay)}; border: {edge}px solid {css(t.border.default)}; padding: {m.space.xs}px;
    }}
    QPlainTextEdit, QTextEdit, QTextBrowser, Reading {{
        color: {css(t.text.primary)}; background: {css(t.bg.panel)}; border: none;
        selection-background-color: {css(t.accent.soft)}; selection-color: {css(t.text.primary)};
    }}
    QTextEdit[field="true"], QPlainTextEdit[field="true"] {{
        background: {css(t.bg.field)}; border: {edge}px solid {css(t.border.default)};
        border-radius: {m.radius.field}px;
    }}
    """


def _choices(t: Theme, sign: SignUrl) -> str:
    side, edge = t.metrics.widget.check - 2 * t.metrics.line.border, t.metrics.line.border
    boxes = (
        "QCheckBox::indicator, QTreeView::indicator, QListView::indicator, QTableView::indicator, QGroupBox::indicator"
    )

    def each(state: str) -> str:
        return ", ".join(f"{box.strip()}{state}" for box in boxes.split(","))

    return f"""
    QCheckBox, QRadioButton {{ spacing: {t.metrics.space.s}px; min-height: {t.metrics.control.target_min}px; }}
    {each("")} {{
        width: {side}px; height: {side}px; border: {edge}px solid {css(t.border.strong)};
        border-radius: {t.metrics.radius.field}px; background: {css(t.bg.field)};
    }}
    {each(":hover")} {{ border-color: {css(t.text.secondary)}; }}
    {each(":checked")}, {each(":indeterminate")} {{
        background: {css(t.accent.base)}; border-color: {css(t.accent.base)}; image: {sign("check", t.accent.on)};
    }}
    {each(":indeterminate")} {{ image: {sign("dash", t.accent.on)}; }}
    {each(":disabled")} {{ border-color: {css(t.border.default)}; background: transparent; }}
    {each(":checked:disabled")} {{ image: {sign("check", t.text.disabled)}; }}
    QRadioButton::indicator {{
        width: {side}px; height: {side}px; border: {edge}px solid {css(t.border.strong)};
        border-radius: {t.metrics.widget.check // 2}px; background: {css(t.bg.field)};
    }}
    QRadioButton::indicator:checked {{
        border-color: {css(t.accent.base)};
        background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
            stop: 0 {css(t.accent.base)}, stop: 0.55 {css(t.accent.base)}, stop: 0.65 {css(t.bg.field)});
    }}
    QSlider::groove:horizontal {{
        height: {t.metrics.widget.progress}px; border-radius: {t.metrics.widget.progress // 2}px;
        background: {css(t.border.default)};
    }}
    QSlider::sub-page:horizontal {{
        background: {css(t.accent.base)}; border-radius: {t.metrics.widget.progress // 2}px;
    }}
    QSlider::handle:horizontal {{
        width: {side}px; height: {side}px; margin: -{side // 2 - 2}px 0; border-radius: {side // 2}px;
        background: {css(t.accent.base)};
    }}
    """


def _bars(t: Theme, sign: SignUrl) -> str:
    m, layout = t.metrics, t.metrics.layout.large
    return f"""
    QMenuBar {{
        background: {css(t.bg.window)}; color: {css(t.text.primary)}; padding: {m.space.xs // 2}px 0; spacing: 0;
    }}
    QMenuBar::item {{ background: transparent; padding: {m.space.xs}px 10px; border-radius: {m.radius.field}px; }}
    QMenuBar::item:selected {{ background: {css(t.bg.hover)}; }}
    QMenuBar::item:pressed {{ background: {css(t.bg.pressed)}; }}
    QToolBar {{
        background: {css(t.bg.window)}; border: none; spacing: {m.space.xs}px; padding: {m.space.xs + 1}px;
        border-bottom: {m.line.hairline}px solid {css(t.border.subtle)};
    }}
    QToolBar:vertical {{ padding: {m.space.s}px 0; border-bottom: none; }}
    QToolBar::separator:horizontal {{
        background: {css(t.border.default)}; width: {m.line.hairline}px; margin: {m.space.s + 2}px {m.space.xs}px;
    }}
    QToolBar::separator:vertical {{
        background: {css(t.border.default)}; height: {m.line.hairline}px; margin: {m.space.xs}px {m.space.s}px;
    }}
    QStatusBar {{
        background: {css(t.bg.window)}; color: {css(t.text.secondary)}; {type_rule("caption")}
        min-height: {layout.status - 1}px; max-height: {layout.status - 1}px;
        border-top: {m.line.hairline}px solid {css(t.border.subtle)};
    }}
    QStatusBar::item {{ border: none; }}
    QStatusBar QCheckBox {{ {type_rule("small")} min-height: {m.control.icon}px; color: {css(t.text.secondary)}; }}
    QStatusBar QLabel {{ {type_rule("caption")} color: {css(t.text.secondary)}; padding: 0 {m.space.xs}px; }}
    QProgressBar {{
        background: {css(t.border.default)}; border: none; border-radius: {m.widget.progress // 2}px;
        min-height: {m.widget.progress}px; max-height: {m.widget.progress}px; color: transparent;
    }}
    QProgressBar::chunk {{ background: {css(t.accent.base)}; border-radius: {m.widget.progress // 2}px; }}
    """


def _menus(t: Theme, sign: SignUrl) -> str:
    m = t.metrics
    return f"""
    QMenu {{
        background: {css(t.bg.overlay)}; color: {css(t.text.primary)}; padding: {m.space.xs}px;
        border: {m.line.border}px solid {css(t.border.default)}; border-radius: {m.radius.popup}px;
    }}
    QMenu::item {{
        padding: 5px {m.space.xl}px 5px {m.space.s}px; border-radius: {m.radius.field}px; background: transparent;
    }}
    QMenu::item:selected {{ background: {css(t.accent.soft)}; }}
    QMenu::item:disabled {{ color: {css(t.text.disabled)}; background: transparent; }}
    QMenu::icon {{ padding-left: {m.space.s}px; }}
    QMenu::separator {{
        height: {m.line.hairline}px; background: {css(t.border.subtle)}; margin: {m.space.xs}px {m.space.s}px;
    }}
    QMenu::indicator {{ width: {m.control.icon}px; height: {m.control.icon}px; left: {m.space.s}px; }}
    QMenu::indicator:checked {{ image: {sign("check", t.accent.base)}; }}
    QMenu::right-arrow {{ image: {sign("caret-right", t.text.secondary)}; width: {m.control.icon}px; }}
    QToolTip {{
        background: {css(t.bg.overlay)}; color: {css(t.text.primary)}; {type_rule("small")}
        border: {m.line.border}px solid {css(t.border.default)}; padding: {m.space.xs}px {m.space.s}px;
    }}
    """


def _tabs(t: Theme, sign: SignUrl) -> str:
    m = t.metrics
    line = m.widget.tab_line
    return f"""
    QTabWidget::pane {{
        border: none; border-top: {m.line.hairline}px solid {css(t.border.subtle)}; background: {css(t.bg.panel)};
    }}
    QTabWidget::tab-bar {{ left: 0; }}
    QTabBar {{ background: {css(t.bg.window)}; qproperty-drawBase: 0; qproperty-elideMode: ElideNone; }}
    QTabBar::tab {{
        {type_rule("small", 500)} color: {css(t.text.secondary)}; background: transparent; border: none;
        min-height: {m.control.tab - line}px; padding: 0 {m.space.l}px;
        border-bottom: {line}px solid transparent;
    }}
    QTabBar::tab:hover {{ color: {css(t.text.primary)}; }}
    QTabBar::tab:selected {{
        color: {css(t.text.primary)}; font-weight: 600; background: {css(t.bg.panel)};
        border-bottom-color: {css(t.accent.base)};
    }}
    QTabBar::tab:disabled {{ color: {css(t.text.disabled)}; }}
    QTabBar::close-button {{ image: {sign("cross", t.text.secondary)}; }}
    QTabBar QToolButton {{ background: {css(t.bg.window)}; min-width: {m.space.l}px; }}
    """


def _lists(t: Theme, sign: SignUrl) -> str:
    m = t.metrics
    views = ("QListView", "QTreeView", "QTableView", "QListWidget", "QTreeWidget", "QTableWidget")

    def each(part: str) -> str:
        return ", ".join(f"{view}{part}" for view in views)

    return f"""
    {each("")} {{
        background: {css(t.bg.panel)}; color: {css(t.text.primary)}; border: none;
        alternate-background-color: {css(t.bg.panel)}; gridline-color: {css(t.border.subtle)};
        selection-background-color: {css(t.accent.soft)}; selection-color: {css(t.text.primary)};
    }}
    {each("::item")} {{ min-height: {m.control.height_small}px; padding: 0 {m.space.xs}px; border: none; }}
    {each("::item:hover")} {{ background: {css(t.bg.hover)}; }}
    {each("::item:selected")} {{ background: {css(t.accent.soft)}; color: {css(t.text.primary)}; }}
    QTreeView::branch {{ background: transparent; }}
    QTreeView::branch:has-children:closed {{ image: {sign("caret-right", t.text.secondary)}; }}
    QTreeView::branch:has-children:open {{ image: {sign("caret-down", t.text.secondary)}; }}
    QHeaderView {{ background: {css(t.bg.panel)}; border: none; }}
    QHeaderView::section {{
        {type_rule("caption_strong")} color: {css(t.text.secondary)}; background: {css(t.bg.panel)};
        border: none; border-bottom: {m.line.hairline}px solid {css(t.border.subtle)};
        padding: {m.space.xs}px {m.space.s}px; text-align: left;
    }}
    /* Over the words, which need all the width. */
    QHeaderView::up-arrow, QHeaderView::down-arrow {{
        width: {m.space.m}px; height: {m.space.m}px; subcontrol-origin: margin; subcontrol-position: top center;
    }}
    QHeaderView::up-arrow {{ image: {sign("caret-up", t.accent.base)}; }}
    QHeaderView::down-arrow {{ image: {sign("caret-down", t.accent.base)}; }}
    QTableCornerButton::section {{ background: {css(t.bg.panel)}; border: none; }}
    """


def _docks(t: Theme, sign: SignUrl) -> str:
    m = t.metrics
    return f"""
    QMainWindow::separator {{
        background: {css(t.border.subtle)}; width: {m.line.hairline}px; height: {m.line.hairline}px; margin: 0;
    }}
    QMainWindow::separator:hover {{ background: {css(t.accent.base)}; }}
    QDockWidget {{ border: none; {type_rule("small", 600)} color: {css(t.text.primary)}; }}
    QDockWidget::title {{
        background: {css(t.bg.window)}; padding: {m.space.s}px {m.space.m}px; border: none; text-align: left;
    }}
    QSplitter::handle {{ background: {css(t.border.subtle)}; }}
    QSplitter::handle:horizontal {{ width: {m.widget.splitter}px; }}
    QSplitter::handle:vertical {{ height: {m.widget.splitter}px; }}
    QSplitter::handle:hover {{ background: {css(t.accent.base)}; }}
    """


def _scrolling(t: Theme, sign: SignUrl) -> str:
    wide, least = t.metrics.widget.scrollbar, t.metrics.widget.scrollbar_min
    return f"""
    QAbstractScrollArea {{ border: none; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
    QScrollBar {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ width: {wide}px; }}
    QScrollBar:horizontal {{ height: {wide}px; }}
    QScrollBar::handle {{ background: {css(t.border.default)}; border-radius: {wide // 2 - 2}px; margin: 2px; }}
    QScrollBar::handle:vertical {{ min-height: {least}px; }}
    QScrollBar::handle:horizontal {{ min-width: {least}px; }}
    QScrollBar::handle:hover {{ background: {css(t.border.strong)}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; border: none; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QAbstractScrollArea::corner {{ background: transparent; border: none; }}
    """


def _rest(t: Theme, sign: SignUrl) -> str:
    m = t.metrics
    return f"""
    QGroupBox {{ {type_rule("heading")} border: none; margin-top: {m.space.xl}px; }}
    QGroupBox::title {{ subcontrol-origin: margin; subcontrol-position: top left; padding: 0; }}
    QDialogButtonBox {{ button-layout: 0; dialogbuttonbox-buttons-have-icons: 0; }}
    KeyCap {{
        {type_rule("caption", 500)} color: {css(t.text.primary)}; background: {css(t.bg.field)};
        border: {m.line.border}px solid {css(t.border.default)}; border-radius: {m.radius.field}px;
        padding: 0 5px;
    }}
    """
