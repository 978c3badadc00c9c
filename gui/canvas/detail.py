"""How much of a layer is drawn at a zoom, and how far around it."""

from __future__ import annotations

from gui.theme import metrics


def level(zoom: float) -> str:
    """The level of detail at a zoom: "full", "compact" or "far"."""
    lod = metrics().lod
    return "full" if zoom >= lod.full else "compact" if zoom >= lod.compact else "far"


def reach(zoom: float) -> float:
    """How far around a layer something of it may be painted, in the scene: its shadow, and from far away, where much
    lies near by, no more than a ring and half a badge."""
    m = metrics()
    if level(zoom) != "far":
        return m.canvas.shadow_margin / min(zoom, 1.0)
    return max(m.node.selection_outset + m.line.selection, m.canvas.far_problem / 2 + m.canvas.badge_ring) / zoom
