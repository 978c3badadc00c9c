"""What takes longer than one waits for is taken in later: what is known of very many nodes, and courses of wires."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from engine.graph.graph import Edge, NodeId
from gui.canvas.handled import Handled
from gui.canvas.steps import Steps, parts, takes_longer

MANY_WIRES = 2000  # whose courses take longer to find than one waits for without noticing
MANY_LAID = 100  # wires that an edit touches, whose courses one waits for without noticing,
AT_ONCE, AT_FIRST = 0.006, 0.06  # no longer than so many seconds, nor than these when a network is opened


class Lasting(Handled):
    """A drawing that `settle` brings nearer to what is known, a few milliseconds at a time.

    is_settled: whether everything that is known shows, and every wire has its course.
    """

    def __init__(self) -> None:
        super().__init__()
        self._unseen: dict[NodeId, None] = {}
        self._steps: Steps[None] | None = None
        self.is_settled = True

    @abstractmethod
    def see(self, nodes: Iterable[NodeId]) -> None:
        """Show what is known of these nodes before that of others."""

    def settle(self) -> bool:
        """One more step of a few milliseconds towards showing all that is known. Returns: whether that is reached."""
        if self.is_settled:
            return True
        if self._steps is None:
            self._steps = self._settling()
        try:
            next(self._steps)
        except StopIteration:
            self._steps, self.is_settled = None, True
        return self.is_settled

    def _settling(self) -> Steps[None]:
        for some in parts(list(self._unseen)):
            self.see(some)
            yield
        yield from self.lay_anew()

    def lay_first(self) -> None:
        """Find a course for every wire, or draw all plainly where that takes longer, and find them by and by."""
        self.let_go()
        steps = self._settling()
        if len(self.graph.edges) > MANY_WIRES or takes_longer(steps, AT_FIRST):
            self.sketch()
            self._steps, self.is_settled = steps, False

    def lay_soon(self, edges: set[Edge]) -> None:
        """Find courses for these wires now, or by and by where that takes longer."""
        steps = self._laying(edges)
        if len(edges) <= MANY_LAID:
            if not takes_longer(steps, AT_ONCE):
                return
            if self.is_settled:
                self._steps = self._ending(steps)
        self.lay_later(edges)
        self.is_settled = False

    def _ending(self, steps: Steps[None]) -> Steps[None]:
        yield from steps
        self._changed()
