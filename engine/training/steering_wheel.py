"""Turns what a person wants of a run into wishes that its worker understands. Torch-free."""

from __future__ import annotations

from engine.document.project import Project
from engine.errors import TrainingError
from engine.training.events import Event, NodePath, Started, Steerable
from engine.training.steering_wish import Option, Wish

_PREPARING = "The run is still being prepared.", "Wait until its first step."


class Wheel:
    """Knows the layers of a run by what it has told. All of it may be called from any thread."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._started: Started | None = None
        self._steerable: Steerable | None = None

    def hear(self, event: Event) -> None:
        """Take in what the run tells."""
        if isinstance(event, Started):
            self._started = event
        elif isinstance(event, Steerable):
            self._steerable = event

    def wish(self, option: Option, value: float, *, phase: str = "", node: NodePath = ()) -> Wish:
        """What to ask of the worker.

        node: the layer to be frozen, or whose dropout is to change: all repeats of it, and everything in a block.
        Raises: TrainingError saying why it cannot be changed.
        """
        wish = Wish(option, float(value), phase, node)
        wish.check(self._project.recipe)
        if self._steerable is not None and (why := self._steerable.refused.get(wish.name)):
            raise TrainingError(*why)
        if option == "frozen" or node:
            return Wish(option, float(value), phase, node, self._names(option, node))
        return wish

    def _names(self, option: Option, node: NodePath) -> tuple[str, ...]:
        if self._started is None or self._steerable is None:
            raise TrainingError(*_PREPARING)
        called = self._called(node)
        if option == "frozen":
            pairs = list(zip(self._started.parameters, self._started.nodes))
            why = f"{called} has nothing that learns.", "Choose a layer with parameters."
        else:
            pairs = [(name, path) for (name, _), path in zip(self._steerable.dropouts, self._steerable.nodes)]
            why = f"{called} leaves nothing out.", "Choose a Dropout layer, or a block that holds one."
        found = tuple(name for name, path in pairs if path[: len(node)] == node)
        if not found:
            raise TrainingError(*why)
        return found

    def _called(self, node: NodePath) -> str:
        if not node:
            return "The network"
        block = self._project.blocks.get(node[-1][0])  # type: ignore[call-overload]
        found = block.graph.nodes.get(node[-1][1]) if block else None
        return found.name if found else "This layer"
