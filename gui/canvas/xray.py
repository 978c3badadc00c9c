"""The X-ray on the canvas: colours of nodes and wires, the legend, and what hovering says of a node's parts."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.graph.graph import NodeId
from gui.canvas.heat import colours, number, plates
from gui.canvas.legend import Legend
from gui.canvas.overlays import Tip
from gui.canvas.stage import Stage
from gui.theme import metrics, theme_changed
from gui.xray.modes import Heat, Reading, badness

MOST_PARTS = 12  # that hovering lists


class XRay(QObject):
    """Paints what it is given. mode_chosen(key), sum_chosen(how), switched_off(): asked for on the legend.

    looked_at(bool): the pointer is over nodes, so that the scale should stand still, or has left them.
    """

    mode_chosen = Signal(str)
    sum_chosen = Signal(str)
    switched_off = Signal()
    looked_at = Signal(bool)

    def __init__(self, stage: Stage, tip: Tip) -> None:
        super().__init__(stage)
        self._stage, self._tip = stage, tip
        self.heat: Heat | None = None
        self._looks = False
        self.legend = Legend(stage)
        self.legend.mode_chosen.connect(self.mode_chosen)
        self.legend.sum_chosen.connect(self.sum_chosen)
        self.legend.switched_off.connect(self.switched_off)
        theme_changed.connect(self.redress)

    def show(self, heat: Heat | None) -> None:
        """Colour nodes and wires by what was measured; None switches the heat off. Nothing moves."""
        stage, before, self.heat = self._stage, self.heat, heat
        is_another = heat is None or before is None or heat.mode is not before.mode or heat.sum != before.sum
        if self._looks and (is_another or stage.marks.hover is None):
            self._tip.hide()  # what it says is of another quantity, or of a node of another block
        if heat is None or heat.why:
            stage.marks.plates, stage.picture.heat = {}, {}
        else:
            stage.marks.plates, stage.picture.heat = plates(stage.drawing, heat), colours(stage.drawing, heat)
        if heat is not None:
            self.legend.show_heat(heat, stage.session.runner.history)
            self.place()
        self.legend.setVisible(heat is not None)
        stage.scene.redraw()

    def redress(self) -> None:
        """The same in the colours of another theme."""
        self.show(self.heat)

    def place(self) -> None:
        """The legend stands at the lower left."""
        gap = metrics().canvas.overlay_gap
        self.legend.move(gap, self._stage.height() - gap - self.legend.height())

    def look_at(self, node: NodeId | None) -> str:
        """The pointer is over a node, or over none: what is said of it."""
        words = self.tip(node)
        if bool(words) != self._looks:
            self._looks = bool(words)
            self.looked_at.emit(self._looks)
        return words

    def tip(self, node: NodeId | None) -> str:
        """What is said of a node under the pointer: its value, and those of its repeats or parts, the worst first."""
        heat = self.heat
        parts = heat.parts.get(node, ()) if heat is not None and node is not None and not heat.why else ()
        if heat is None or node is None or not parts:
            return ""
        title = heat.mode.title
        if len(parts) == 1:
            return f"{title}  {_value(parts[0], heat)}"
        value = heat.values.get(node)
        said = "no value" if value is None else number(value, heat.mode.unit)
        worst = sorted(parts, key=lambda r: -badness(r.value, heat.mode.kind, heat.centre))
        listed = worst[:MOST_PARTS]
        lines = [f"{title}, {heat.sum} of {len(parts)}  {said}"]
        lines += [f"{_value(part, heat)}   {part.name}" for part in listed]
        if len(parts) > len(listed):
            lines.append(f"and {len(parts) - len(listed)} more")
        return "\n".join(lines)


def _value(part: Reading, heat: Heat) -> str:
    return "no value" if part.value != part.value else number(part.value, heat.mode.unit)
