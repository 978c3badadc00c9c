"""A node at the middle level of detail: its colour, its name and its shape, at a size that stays readable."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from gui.canvas import texts
from gui.canvas.face import Face
from gui.canvas.look import Look
from gui.canvas.node_paint import dashed, diff_colour, opacity, paint_badge, paint_ice, severity_colour
from gui.glyphs import paint_tile
from gui.theme import Role, faded, metrics, theme


def paint_compact(painter: QPainter, face: Face, look: Look, zoom: float) -> None:
    """The painter's origin is the node's top left corner; text and lines keep their size on the screen."""
    t, m, c = theme(), metrics(), metrics().canvas
    painter.save()
    painter.scale(1 / zoom, 1 / zoom)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(opacity(look) * painter.opacity())
    rect = QRectF(0, 0, face.width * zoom, face.height * zoom)
    _rings(painter, rect, look)
    radius = c.compact_radius
    colour, width = (t.border.strong if look.hover else t.node.border), float(m.line.border)
    if look.severity in ("error", "warning"):
        colour, width = severity_colour(t, look.severity), c.problem_pen
    if face.repeat > 1:
        painter.setPen(QPen(t.node.border, m.line.border))
        painter.setBrush(t.category(face.category).header)
        for i in range(c.stack_cards, 0, -1):
            inset, dy = m.node.stack_inset * i * zoom, m.node.stack_dy * i * zoom
            painter.drawRoundedRect(rect.adjusted(inset, -dy, -inset, -dy), radius, radius)
    plate = float(m.space.xs) if look.plate.fill is not None else 0.0
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(t.category(face.category).header)
    painter.drawRoundedRect(rect, radius, radius)
    if plate:
        painter.fillRect(QRectF(rect.left(), rect.bottom() - plate - 1, rect.width(), plate), look.plate.fill)
    _content(painter, rect, plate, face, look)
    if look.diff in ("added", "changed"):
        painter.fillRect(QRectF(rect.left(), rect.top(), c.diff_bar, rect.height()), diff_colour(look))
    is_dashed = look.muted or look.diff == "removed"
    painter.setPen(dashed(colour, width, c.muted_border) if is_dashed else QPen(colour, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = m.line.border / 2
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius, radius)
    if look.severity in ("error", "warning"):
        side = m.node.badge
        paint_badge(painter, QRectF(rect.right() - side * 0.6, -side * 0.5, side, side), look.severity, c.badge_ring)
    if look.iced:
        side = m.node.badge
        paint_ice(painter, QRectF(-side * 0.4, -side * 0.5, side, side))
    painter.restore()


def is_name_cut(face: Face, zoom: float) -> bool:
    """Whether a name has no room for the whole of it, small as it is, at this zoom."""
    m, c = metrics(), metrics().canvas
    pill_room = texts.width(face.pill, "caption") + c.compact_pad if face.pill else 0.0
    room = face.width * zoom - m.lod.compact_band - c.compact_pad - pill_room
    return texts.width(face.name, "caption", 600) > room


def _rings(painter: QPainter, rect: QRectF, look: Look) -> None:
    t, m = theme(), metrics()
    radius = m.canvas.compact_radius
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if look.selected:
        halo = m.node.halo_outset
        painter.setPen(QPen(faded(t.accent.base, m.node.halo_alpha), halo))
        painter.drawRoundedRect(
            rect.adjusted(-halo / 2, -halo / 2, halo / 2, halo / 2), radius + halo / 2, radius + halo / 2
        )
        painter.setPen(QPen(t.accent.base, m.line.selection))
        grown = m.line.selection
        painter.drawRoundedRect(rect.adjusted(-grown, -grown, grown, grown), radius + grown, radius + grown)
    elif look.focused:
        pen = QPen(t.focus.ring, m.line.focus)
        pen.setDashPattern([d / m.line.focus for d in m.canvas.focus_dash])
        painter.setPen(pen)
        grown = m.canvas.focus_outset
        painter.drawRoundedRect(rect.adjusted(-grown, -grown, grown, grown), radius + grown, radius + grown)


def _content(painter: QPainter, whole: QRectF, plate: float, face: Face, look: Look) -> None:
    """Tile or band, name, ×N and, where it is high enough, the shape, over a plate so high at the foot.

    A name is cut only once it is small.
    """
    t, m, c = theme(), metrics(), metrics().canvas
    rect, pill = whole.adjusted(0, 0, 0, -plate), face.pill
    pill_room = texts.width(pill, "caption") + c.compact_pad if pill else 0.0
    tile = m.lod.tile
    shows_shape = bool(look.shape) and rect.height() >= c.compact_shape_min
    shape_width = texts.width(look.shape, "caption")
    shows_shape = shows_shape and shape_width <= rect.width() - m.lod.compact_band - c.compact_pad - m.space.xs
    words = max(texts.width(face.name, "small", 600) + pill_room, shape_width if shows_shape else 0.0)
    need = c.compact_pad + tile + c.compact_pad + words + c.compact_pad
    has_tile = need <= rect.width() and rect.height() >= tile + 2
    if has_tile:
        paint_tile(painter, QRectF(c.compact_pad, (rect.height() - tile) / 2, tile, tile), face.category)
        left = float(c.compact_pad + tile + c.compact_pad)
    else:
        _band(painter, whole, face)
        left = float(m.lod.compact_band + c.compact_pad)
    room = QRectF(left, 0, rect.width() - left - m.space.xs, rect.height())
    line = texts.width("0", "small")
    name_y = room.center().y() - (line if shows_shape else 0)
    name_room = room.width() - pill_room
    role: Role = "small"
    if texts.width(face.name, role, 600) > name_room:
        role, name_room, left = "caption", name_room + m.space.xs, left - m.space.xs / 2
    y = texts.middle(name_y, role, 600)
    texts.draw_cut(painter, left, y, face.name, name_room, t.text.primary, role, 600)
    if pill:
        texts.draw(
            painter, rect.right() - pill_room, texts.middle(name_y, "caption"), pill, t.text.secondary, "caption"
        )
    if shows_shape:
        y = texts.middle(room.center().y() + line, "caption")
        texts.draw(painter, left, y, look.shape, t.text.secondary, "caption")


def _band(painter: QPainter, rect: QRectF, face: Face) -> None:
    """The kind's colour along the left edge, for a tile that has no room."""
    m = metrics()
    painter.save()
    painter.setClipRect(QRectF(0, 0, m.lod.compact_band, rect.height()), Qt.ClipOperation.IntersectClip)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().category(face.category).solid)
    radius = m.canvas.compact_radius
    painter.drawRoundedRect(QRectF(0, 0, 2 * m.lod.compact_band, rect.height()), radius, radius)
    painter.restore()
