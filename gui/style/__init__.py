"""The application's style: palette, style sheet and focus ring, made from the theme and made anew when it changes.

What a widget says of itself by a property, `widget.setProperty(name, value)`:
- `kind` on a QPushButton: "primary" (filled, one per surface), "danger" (outline), "plain" (no outline).
- `role` on a QLabel: a role of type ("title", "small", "mono", ...); `tone` on it: "secondary", "muted", "accent",
  "link", "danger", "warn", "ok", "info".
- `ground` on a QWidget or QFrame: "window", "panel", "raised", "overlay", "field", "canvas".
- `dense` on a control: 24 high instead of 28. `flat` on a line edit: no edge, inside another field.
- `focusRing` on any widget: "none" (it draws its own) or "inside".
`restyle(widget)` after a change of a property that the style has seen already.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QMenu, QWidget

from gui.glyphs import blank_pixmap, paint_sign
from gui.style.focus_ring import FocusKeeper
from gui.style.sheet import sheet
from gui.theme import Theme, font, metrics, theme, theme_changed

SIGNS = {
    "check": ("M3.5 8.4 L6.7 11.6 L12.6 4.8", 2.0),
    "dash": ("M4 8 L12 8", 2.0),
    "caret-down": ("M4 6.2 L8 10.2 L12 6.2", 1.4),
    "caret-right": ("M6.2 4 L10.2 8 L6.2 12", 1.4),
    "caret-up": ("M4 9.8 L8 5.8 L12 9.8", 1.4),
    "cross": ("M4.5 4.5 L11.5 11.5 M11.5 4.5 L4.5 11.5", 1.4),
}
SIGN_SIDE = 16


def apply(app: QApplication) -> None:
    """Dress the application in the theme, now and whenever it changes. Called once, before the first window."""
    if not hasattr(app, "_netsmith_dress"):
        app.setStyle("Fusion")
        app._netsmith_dress = _Dress(app)  # type: ignore[attr-defined]  # lives as long as the application


def indent(box: QAbstractSpinBox) -> None:
    """Set a spin box's number where a field's text stands; a style sheet cannot reach the field within."""
    box.lineEdit().setTextMargins(metrics().space.s - metrics().line.border, 0, 0, 0)


def restyle(widget: QWidget) -> None:
    """Read the widget's properties anew."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


class _Dress:
    """Palette, font, style sheet and focus ring of the application."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self._focus = FocusKeeper(app)
        theme_changed.connect(self.put_on)
        self.put_on()

    def put_on(self) -> None:
        current = theme()
        self._app.setPalette(palette(current))
        self._app.setFont(font("body"))
        # Qt puts another sheet on a widget once for itself and once for each widget around it: seconds for a window
        # of many panels. Undressing all first and then dressing them does it once each.
        self._app.setStyleSheet("")
        self._app.setStyleSheet(sheet(current, _sign_url))
        self._focus.renew()


def palette(current: Theme) -> QPalette:
    """The theme as Qt's own roles, for whatever the style sheet does not reach."""
    bg, text = current.bg, current.text
    colours = {
        QPalette.ColorRole.Window: bg.panel,
        QPalette.ColorRole.WindowText: text.primary,
        QPalette.ColorRole.Base: bg.field,
        QPalette.ColorRole.AlternateBase: bg.raised,
        QPalette.ColorRole.ToolTipBase: bg.overlay,
        QPalette.ColorRole.ToolTipText: text.primary,
        QPalette.ColorRole.PlaceholderText: text.muted,
        QPalette.ColorRole.Text: text.primary,
        QPalette.ColorRole.Button: bg.raised,
        QPalette.ColorRole.ButtonText: text.primary,
        QPalette.ColorRole.BrightText: current.status.danger,
        QPalette.ColorRole.Highlight: current.accent.soft,
        QPalette.ColorRole.HighlightedText: text.primary,
        QPalette.ColorRole.Link: text.link,
        QPalette.ColorRole.LinkVisited: text.link,
        QPalette.ColorRole.Light: bg.raised,
        QPalette.ColorRole.Midlight: current.border.subtle,
        QPalette.ColorRole.Mid: current.border.default,
        QPalette.ColorRole.Dark: current.border.default,
        QPalette.ColorRole.Shadow: bg.canvas,
        QPalette.ColorRole.Accent: current.accent.base,
    }
    result = QPalette()
    for role, colour in colours.items():
        result.setColor(role, colour)
    faint = (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)
    for role in faint:
        result.setColor(QPalette.ColorGroup.Disabled, role, text.disabled)
    return result


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Where the pictures lie that a style sheet can only name by a path; removed when the program ends."""
    return tempfile.TemporaryDirectory(prefix="netsmith-style-")


@cache
def _sign_file(sign: str, rgba: int) -> str:
    """A sign in a colour as picture files, one per pixel ratio; Qt finds the sharper ones by their names."""
    file = Path(_folder().name) / f"{sign}-{rgba:08x}.png"
    data, width = SIGNS[sign]
    for ratio in (1, 2):
        pixmap = blank_pixmap(SIGN_SIDE, ratio)
        painter = QPainter(pixmap)
        paint_sign(painter, QRectF(0, 0, SIGN_SIDE, SIGN_SIDE), data, QColor.fromRgba(rgba), width)
        painter.end()
        pixmap.save(str(file if ratio == 1 else file.with_stem(f"{file.stem}@{ratio}x")))
    return file.as_posix()


def _sign_url(sign: str, colour: QColor) -> str:
    return f'url("{_sign_file(sign, colour.rgba())}")'


def round_popup(menu: QMenu) -> QMenu:
    """Let the corners of a menu be round: without this they stand on a square ground. Returns: the menu."""
    menu.setWindowFlags(menu.windowFlags() | Qt.WindowType.FramelessWindowHint | Qt.WindowType.NoDropShadowWindowHint)
    menu.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
    return menu
