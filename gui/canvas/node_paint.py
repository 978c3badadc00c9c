"""A node at the full level of detail, painted from its face and its look, in its own coordinates."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF

from gui.canvas import texts
from gui.canvas.face import Face, Row, Spot
from gui.canvas.look import Look, Marks, Plate
from gui.canvas.port_paint import paint_port
from gui.canvas.shadow import node_shadow
from gui.glyphs import paint_mark, paint_sign, paint_tile
from gui.theme import Role, Theme, faded, metrics, theme

LINK = "M6.6 9.4 L9.4 6.6 M7 4.6 L8.4 3.2 C11 .8 15.2 5 12.8 7.6 L11.4 9 M9 11.4 L7.6 12.8 C5 15.2 .8 11 3.2 8.4 L4.6 7"
CROSSED_EYE = (
    "M1.5 8 C4 4 12 4 14.5 8 C12 12 4 12 1.5 8 M8 6.2 C10.4 6.2 10.4 9.8 8 9.8 C5.6 9.8 5.6 6.2 8 6.2 M3 13.5 L13 2.5"
)
NAMES: tuple[tuple[Role, int | None], ...] = (("heading", None), ("small", 600), ("caption", 600))
"""How a name is written, the more it needs the smaller; only then is it cut."""
SNOWFLAKE = (
    "M8 1.6 L8 14.4 M2.5 4.8 L13.5 11.2 M13.5 4.8 L2.5 11.2 M6.4 2.9 L8 4.5 L9.6 2.9 M6.4 13.1 L8 11.5 L9.6 13.1 "
    "M2.5 6.9 L4.6 6.3 L4.1 4.1 M13.5 6.9 L11.4 6.3 L11.9 4.1 "
    "M2.5 9.1 L4.6 9.7 L4.1 11.9 M13.5 9.1 L11.4 9.7 L11.9 11.9"
)
SHIELD = (
    "M8 1.8 L13.4 3.8 L13.4 7.6 C13.4 11 11 13.2 8 14.4 C5 13.2 2.6 11 2.6 7.6 L2.6 3.8 Z M8 5 L8 8.4 M8 10.8 L8 10.9"
)


def paint_node(painter: QPainter, face: Face, look: Look, marks: Marks) -> None:
    """Everything of the node. The painter's origin is the node's top left corner."""
    rect = QRectF(0, 0, face.width, face.height)
    painter.save()
    painter.setOpacity(opacity(look) * painter.opacity())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    node_shadow(painter, rect, look.dragged)
    _rings(painter, rect, look)
    if face.repeat > 1:
        _cards(painter, rect, face, look)
    _ground(painter, face, look)
    _title(painter, face, look)
    for row in face.rows:
        _row(painter, row, face, look)
    if face.has_footer:
        _footer(painter, face, look)
    _bar(painter, face, look)
    _edge(painter, rect, look)
    for spot in (*face.inlets, *face.outlets):
        if spot.labelled:
            _label(painter, spot, face.width)
        paint_port(painter, spot, marks.port((face.id, spot.side, spot.port.name)))
    if look.muted:
        painter.setOpacity(1.0)
        _way_through(painter, face)
    if look.severity in ("error", "warning"):
        _problem(painter, face, look)
    painter.restore()


def opacity(look: Look) -> float:
    """How strongly a node is drawn."""
    c = metrics().canvas
    if look.ghost:
        return c.ghost
    return c.removed if look.diff == "removed" else theme().node.muted_opacity if look.muted else 1.0


def diff_colour(look: Look) -> QColor:
    """What marks a node that is new, or that is another one than before."""
    return theme().status.ok if look.diff == "added" else theme().status.warn


def _bar(painter: QPainter, face: Face, look: Look) -> None:
    """At the left edge of a node that is new or different."""
    if look.diff in ("added", "changed"):
        painter.save()
        painter.setClipRect(QRectF(0, 0, metrics().canvas.diff_bar, face.height), Qt.ClipOperation.IntersectClip)
        painter.fillPath(_body(face.width, face.height, metrics().radius.node), diff_colour(look))
        painter.restore()


def _way_through(painter: QPainter, face: Face) -> None:
    """What comes in goes out along the lower edge of the header."""
    into = next((s for s in face.inlets if s.wires), None)
    if into is None or not face.outlets:
        return
    m, y, out = metrics(), metrics().node.header, face.outlets[0]
    bend = m.space.s
    path = QPainterPath(QPointF(0, into.y))
    path.cubicTo(QPointF(bend, into.y), QPointF(0, y), QPointF(2 * bend, y))
    path.lineTo(face.width - 2 * bend, y)
    path.cubicTo(QPointF(face.width, y), QPointF(face.width - bend, out.y), QPointF(face.width, out.y))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(dashed(theme().wire.rest, m.line.wire, m.wire.dash_muted))
    painter.drawPath(path)


def dashed(colour: QColor, width: float, dashes: tuple[int, ...]) -> QPen:
    """A pen with dashes of these lengths, in pixels of the scene."""
    pen = QPen(colour, width, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([d / width for d in dashes])
    return pen


@lru_cache(maxsize=1024)
def _body(width: float, height: float, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(0, 0, width, height), radius, radius)
    return path


@lru_cache(maxsize=1024)
def _top(width: float, height: float, radius: float, full: bool) -> QPainterPath:
    """The header's ground: round above, straight below unless it is the whole node."""
    if full:
        return _body(width, height, radius)
    path = QPainterPath()
    path.moveTo(0, height)
    path.lineTo(0, radius)
    path.arcTo(QRectF(0, 0, 2 * radius, 2 * radius), 180, -90)
    path.lineTo(width - radius, 0)
    path.arcTo(QRectF(width - 2 * radius, 0, 2 * radius, 2 * radius), 90, -90)
    path.lineTo(width, height)
    path.closeSubpath()
    return path


@lru_cache(maxsize=1024)
def _bottom(width: float, top: float, height: float, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.moveTo(0, top)
    path.lineTo(width, top)
    path.lineTo(width, height - radius)
    path.arcTo(QRectF(width - 2 * radius, height - 2 * radius, 2 * radius, 2 * radius), 0, -90)
    path.lineTo(radius, height)
    path.arcTo(QRectF(0, height - 2 * radius, 2 * radius, 2 * radius), 270, -90)
    path.closeSubpath()
    return path


def _rings(painter: QPainter, rect: QRectF, look: Look) -> None:
    """Selection with its halo, and the keyboard's focus, both outside the border."""
    t, m = theme(), metrics()
    radius = m.radius.node
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if look.selected:
        halo, outset = m.node.halo_outset, m.node.selection_outset
        painter.setPen(QPen(faded(t.accent.base, m.node.halo_alpha), halo))
        painter.drawRoundedRect(
            rect.adjusted(-halo / 2, -halo / 2, halo / 2, halo / 2), radius + halo / 2, radius + halo / 2
        )
        painter.setPen(QPen(t.accent.base, m.line.selection))
        grown = outset - m.line.selection / 2
        painter.drawRoundedRect(rect.adjusted(-grown, -grown, grown, grown), radius + grown, radius + grown)
    if look.focused and not look.selected:
        pen = QPen(t.focus.ring, m.line.focus)
        pen.setDashPattern([d / m.line.focus for d in m.canvas.focus_dash])
        painter.setPen(pen)
        grown = m.canvas.focus_outset
        painter.drawRoundedRect(rect.adjusted(-grown, -grown, grown, grown), radius + grown, radius + grown)


def _cards(painter: QPainter, rect: QRectF, face: Face, look: Look) -> None:
    """The cards behind a block that repeats; in accent when it is the same weights every time."""
    t, n, m = theme(), metrics().node, metrics()
    painter.setPen(QPen(t.accent.base if face.is_shared else t.node.border, m.line.border))
    painter.setBrush(t.category(face.category).header)
    for i in range(m.canvas.stack_cards, 0, -1):
        card = rect.adjusted(n.stack_inset * i, -n.stack_dy * i, -n.stack_inset * i, -n.stack_dy * i)
        card.setHeight(n.header)
        painter.drawRoundedRect(card, m.radius.node, m.radius.node)


def _ground(painter: QPainter, face: Face, look: Look) -> None:
    t, m = theme(), metrics()
    radius, header = m.radius.node, m.node.header
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(t.node.fill)
    painter.drawPath(_body(face.width, face.height, radius))
    top = _top(face.width, min(header, face.height), radius, face.height <= header)
    painter.setBrush(t.category(face.category).header)
    painter.drawPath(top)
    if face.is_code and not look.trusted:
        painter.save()
        painter.setClipPath(top, Qt.ClipOperation.IntersectClip)
        painter.setBrush(faded(t.status.warn, m.canvas.stripe_alpha))
        step = m.canvas.stripe
        for i in range(int((face.width + header) / (2 * step)) + 1):
            x = 2 * i * step
            painter.drawPolygon(
                QPolygonF(
                    [
                        QPointF(x, 0),
                        QPointF(x + step, 0),
                        QPointF(x + step - header, header),
                        QPointF(x - header, header),
                    ]
                )
            )
        painter.restore()


def _title(painter: QPainter, face: Face, look: Look) -> None:
    t, n, m = theme(), metrics().node, metrics()
    paint_tile(painter, QRectF(n.tile_inset, n.tile_inset, n.tile, n.tile), face.category)
    right = _badges(painter, face, look)
    room = right - n.title_x - m.space.xs
    if look.editing != "name":
        role, weight = next((way for way in NAMES if texts.width(face.name, *way) <= room), NAMES[-1])
        texts.draw_cut(painter, n.title_x, n.title_baseline, face.name, room, t.text.primary, role, weight)
    if look.plate is not None and look.plate.fill is not None and not face.has_footer:
        _value(painter, look.plate, room)
        return
    kind = texts.elided(face.kind, room, "caption")
    texts.draw(painter, n.title_x, n.kind_baseline, kind, t.text.secondary, "caption")


def _value(painter: QPainter, plate: Plate, room: float) -> None:
    """What a layer without a footer measures, on its colour in place of its kind: as much as there is room for."""
    n, m = metrics().node, metrics()
    room -= 2 * m.space.xs
    figure, _, _ = plate.value.partition(" ")  # its unit stands on the legend too
    ways = (f"{plate.label} {plate.value}", plate.value, figure)
    words = texts.longest(ways, room, "mono_small")
    width = texts.width(words, "mono_small") + 2 * m.space.xs
    box = QRectF(n.title_x, n.header - m.space.xs / 2 - m.space.l, width, m.space.l)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(plate.fill or theme().node.row_field)
    painter.drawRoundedRect(box, m.radius.field, m.radius.field)
    inside = box.adjusted(m.space.xs, 0, 0, 0)
    texts.draw_in(painter, inside, words, plate.on or theme().text.primary, "mono_small", 500)


def _badges(painter: QPainter, face: Face, look: Look) -> float:
    """The badges at the header's right end. Returns: where they begin."""
    t, n, m = theme(), metrics().node, metrics()
    right = face.width - m.space.s
    if face.pill:
        pill = face.pill_rect
        painter.setPen(QPen(t.accent.base if face.is_shared else t.border.strong, m.line.border))
        painter.setBrush(t.node.fill)
        painter.drawRoundedRect(pill, n.chip_h / 2, n.chip_h / 2)
        texts.draw_in(painter, pill, face.pill, t.text.primary, "caption", 600, Qt.AlignmentFlag.AlignHCenter)
        right = pill.left() - m.space.xs
    if look.iced:
        box = QRectF(right - n.problem_badge, (n.header - n.problem_badge) / 2, n.problem_badge, n.problem_badge)
        paint_ice(painter, box)
        right = box.left() - m.space.xs
    for sign, colour in _signs(face, look):
        box = QRectF(right - n.badge, (n.header - n.badge) / 2, n.badge, n.badge)
        paint_sign(painter, box, sign, colour, t.glyph_stroke)
        right = box.left() - m.space.xs
    return right


def _signs(face: Face, look: Look) -> list[tuple[str, QColor]]:
    """The strokes and the colours of the badges, from the right."""
    t = theme()
    signs = [(SNOWFLAKE, t.status.info)] if face.is_frozen else []
    signs += [(LINK, t.accent.base)] if face.is_shared else []
    signs += [(CROSSED_EYE, t.text.secondary)] if look.muted else []
    signs += [(SHIELD, t.status.warn)] if face.is_code and not look.trusted else []
    return signs


def is_name_cut(face: Face, look: Look) -> bool:
    """Whether a name has no room for the whole of it."""
    n, m = metrics().node, metrics()
    right = face.pill_rect.left() - m.space.xs if face.pill else face.width - m.space.s
    right -= (n.problem_badge + m.space.xs) * look.iced + (n.badge + m.space.xs) * len(_signs(face, look))
    return texts.width(face.name, *NAMES[-1]) > right - n.title_x - m.space.xs


def paint_ice(painter: QPainter, box: QRectF) -> None:
    """A snowflake on a disc: frozen in the run, where one without a disc is frozen in the project."""
    t, inset = theme(), metrics().line.selection
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(t.status.info)
    painter.drawEllipse(box)
    paint_sign(painter, box.adjusted(inset, inset, -inset, -inset), SNOWFLAKE, t.status.on, t.glyph_stroke)


def _row(painter: QPainter, row: Row, face: Face, look: Look) -> None:
    t, n, m, field = theme(), metrics().node, metrics(), row.field
    label = QRectF(n.row_pad, row.y, field.left() - n.row_pad - m.space.xs, n.row)
    texts.draw_in(painter, label, row.name, t.text.secondary, "caption")
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(t.node.row_field)
    painter.drawRoundedRect(field, m.radius.field, m.radius.field)
    if look.editing == row.name:
        if look.scrub is None:
            return
        filled = QRectF(field)
        filled.setWidth(field.width() * look.scrub)
        painter.setBrush(t.accent.soft)
        painter.drawRoundedRect(filled, m.radius.field, m.radius.field)
        painter.setPen(QPen(t.accent.base, m.line.border))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(field, m.radius.field, m.radius.field)
    colour = t.accent.base if row.is_expression else t.text.primary
    inside = field.adjusted(m.space.xs, 0, -m.space.xs, 0)
    texts.draw_in(painter, inside, row.value, colour, "mono_small", 500, Qt.AlignmentFlag.AlignHCenter)


def _footer(painter: QPainter, face: Face, look: Look) -> None:
    t, n, m = theme(), metrics().node, metrics()
    rect, plate = face.footer, look.plate
    inside = rect.adjusted(n.row_pad, 0, -n.row_pad, 0)
    if plate.fill is not None or plate.hatched:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(plate.fill or QBrush(t.border.default, Qt.BrushStyle.BDiagPattern))
        painter.drawPath(_bottom(face.width, rect.top(), face.height, m.radius.node))
        on = plate.on or t.text.secondary
        room = QRectF(inside)
        value = texts.width(plate.value, "mono_small", 500)
        texts.draw_in(painter, inside, plate.value, on, "mono_small", 500, Qt.AlignmentFlag.AlignRight)
        room.setWidth(max(0.0, inside.width() - value - m.space.s))
        ways = plate.label, plate.label.partition(" ")[0]  # what is measured stands on the legend too
        texts.draw_in(painter, room, texts.longest(ways, room.width(), "caption", 600), on, "caption", 600)
        return
    painter.fillRect(QRectF(0, rect.top(), face.width, m.line.hairline), t.node.divider)
    texts.draw_in(painter, inside, plate.label, t.text.secondary, "caption")


def _edge(painter: QPainter, rect: QRectF, look: Look) -> None:
    t, m = theme(), metrics()
    colour, width = (t.border.strong if look.hover else t.node.border), float(m.line.border)
    if look.severity in ("error", "warning"):
        colour, width = severity_colour(t, look.severity), m.canvas.problem_pen
    is_dashed = look.muted or look.diff == "removed"
    painter.setPen(dashed(colour, width, m.canvas.muted_border) if is_dashed else QPen(colour, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = m.line.border / 2
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), m.radius.node - half, m.radius.node - half)


def severity_colour(t: Theme, severity: str | None) -> QColor:
    """Danger, warn or info."""
    return {"error": t.status.danger, "warning": t.status.warn}.get(severity or "", t.status.info)


def _label(painter: QPainter, spot: Spot, width: float) -> None:
    n = metrics().node
    rect = QRectF(n.row_pad, spot.y - n.row / 2, width - 2 * n.row_pad, n.row)
    side = Qt.AlignmentFlag.AlignLeft if spot.side == "in" else Qt.AlignmentFlag.AlignRight
    texts.draw_in(painter, rect, spot.port.name, theme().text.secondary, "caption", None, side)


def _problem(painter: QPainter, face: Face, look: Look) -> None:
    """The badge on the top right corner, over a ring of canvas."""
    n, c = metrics().node, metrics().canvas
    side = n.problem_badge
    box = QRectF(face.width - side * 0.7, -side * 0.5, side, side)
    paint_badge(painter, box, look.severity or "error", c.badge_ring)


def paint_badge(painter: QPainter, box: QRectF, severity: str, ring: float) -> None:
    """A problem's mark over a ring of canvas colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().bg.canvas)
    if severity == "error":
        painter.drawEllipse(box.adjusted(-ring, -ring, ring, ring))
    else:
        corners = [QPointF(box.center().x(), box.top() - ring), QPointF(box.right() + 1.5 * ring, box.bottom() + ring)]
        painter.drawPolygon(QPolygonF([*corners, QPointF(box.left() - 1.5 * ring, box.bottom() + ring)]))
    paint_mark(painter, box, "danger" if severity == "error" else "warn")
