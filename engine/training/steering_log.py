"""What of a run can be changed, what it is now, and what was changed so far. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping

from engine.training.events import Awaited, Evaluated, Event, NodePath, Planned, Started, Steerable, Steered


class SteeringLog:
    """Kept by the `History` of a run.

    values: by names as in `Steered`; refused: why others cannot be changed. awaited: what takes effect when the epoch
    ends. dropouts: the share that each layer leaves out now. changes: in their order. plan: how long the run goes on,
    where that was changed.
    """

    def __init__(self) -> None:
        self.values: dict[str, float] = {}
        self.refused: Mapping[str, tuple[str, str]] = {}
        self.awaited: dict[str, float] = {}
        self.dropouts: dict[NodePath, float] = {}
        self.changes: list[Steered] = []
        self.plan: Planned | None = None
        self.is_known = False
        self._learning: frozenset[NodePath] = frozenset()
        self._frozen: set[NodePath] = set()
        self._phases: tuple[str, ...] = ()

    def take(self, event: Event) -> None:
        """Take in what a run tells."""
        if isinstance(event, Started):
            self._learning = frozenset(node for node in event.nodes if node)
            self._phases = event.phases
        elif isinstance(event, Steerable):
            self.values, self.refused, self.is_known = dict(event.values), event.refused, True
            self.dropouts = {node: share for node, (_, share) in zip(event.nodes, event.dropouts) if node}
        elif isinstance(event, Awaited):
            self.awaited[event.name] = event.value
        elif isinstance(event, Planned):
            self.plan = event
        elif isinstance(event, Evaluated):
            self._take_rates(event.figures)
        elif isinstance(event, Steered):
            self._take_change(event)

    def is_frozen(self, node: NodePath) -> bool:
        """Whether everything that learns in a layer was frozen by hand."""
        inside = self._inside(node)
        return bool(inside) and inside <= self._frozen

    def frozen_in(self, way: NodePath, block: str) -> frozenset[str]:
        """The nodes of a block of which everything that learns was frozen by hand. way: down to this instance of it."""
        whole: dict[str, bool] = {}
        for path in self._learning if self._frozen else ():
            if path[: len(way)] == way and len(path) > len(way) and path[len(way)][0] == block:
                node = path[len(way)][1]
                whole[node] = whole.get(node, True) and path in self._frozen
        return frozenset(node for node, is_whole in whole.items() if is_whole)

    def learns(self, node: NodePath) -> bool:
        """Whether a layer, or anything in it, has parameters."""
        return bool(self._inside(node))

    @property
    def frozen(self) -> frozenset[NodePath]:
        """The layers with parameters that were frozen by hand."""
        return frozenset(self._frozen)

    @property
    def dropout(self) -> float | None:
        """The share that all layers leave out; None where they differ, or where there are none."""
        return self.dropout_of(())

    def dropout_of(self, node: NodePath) -> float | None:
        """The same of one layer, or of those in a block."""
        shares = set(self.dropouts_of(node).values())
        return shares.pop() if len(shares) == 1 else None

    def dropouts_of(self, node: NodePath) -> Mapping[NodePath, float]:
        """The share that each layer leaves out, of those in a block."""
        return {path: share for path, share in self.dropouts.items() if path[: len(node)] == node}

    def _inside(self, node: NodePath) -> set[NodePath]:
        return {path for path in self._learning if path[: len(node)] == node}

    def _take_change(self, event: Steered) -> None:
        self.changes.append(event)
        self.awaited.pop(event.name, None)
        if event.name == "frozen":
            inside = self._inside(event.node)
            self._frozen = self._frozen | inside if event.after else self._frozen - inside
        elif event.name == "dropout":
            chosen = [path for path in self.dropouts if path[: len(event.node)] == event.node]
            self.dropouts.update(dict.fromkeys(chosen, event.after))
        else:
            self.values[event.name] = event.after

    def _take_rates(self, figures: Mapping[str, float]) -> None:
        names = {f"{phase}_lr" if index else "lr": f"{phase}_lr" for index, phase in enumerate(self._phases)}
        for figure, name in (names or {"lr": "lr"}).items():
            if figure in figures:
                self.values[name] = figures[figure]
