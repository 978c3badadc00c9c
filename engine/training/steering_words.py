"""A change in a few words, for markers on curves and for toasts. Torch-free."""

from __future__ import annotations

from engine.document.project import Project
from engine.training.events import NodePath, Steered
from engine.training.steering_wish import COUNTS, WORDS, phase_of


def words_of(event: Steered, project: Project | None = None) -> str:
    """ "lr 3e-3 → 1e-3", "froze stem", "batch size 32 → 64"."""
    phase, option = phase_of(event.name)
    where = name_of(project, event.node)
    if option == "frozen":
        return f"{'froze' if event.after else 'unfroze'} {where or 'layers'}"
    called = "lr" if option == "lr" else WORDS.get(option, option)
    begin = " ".join(part for part in (phase, called, where) if part)
    return f"{begin} {_value(option, event.before)} → {_value(option, event.after)}"


def name_of(project: Project | None, node: NodePath) -> str:
    """The name of a layer, with those of the blocks that it is in; "" for all layers."""
    names = []
    for block, one in node:
        found = project.blocks.get(block) if project is not None else None  # type: ignore[call-overload]
        known = found.graph.nodes.get(one) if found is not None else None
        names.append(known.name if known is not None else one)
    return ".".join(names)


def _value(option: str, value: float) -> str:
    if option in COUNTS:
        return f"{int(value):,}"
    if option == "clip" and not value:
        return "off"
    if option == "lr" and value:
        mantissa, _, exponent = f"{value:.1e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return f"{value:g}"
