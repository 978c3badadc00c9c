"""The variables of a `forward`: what each holds, until where that is read, and which names were given to whom.

Every statement stands at a place, and sees what those above it did. What it was made from is kept beside it, so that it
is known of which statements another order, wire or name makes others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from engine.codegen.names import Namespace
from engine.graph.graph import NodeId

CHAIN = ("x", "y", "z")
"""Names that say nothing, for what is read soon."""
ALIKE = ("l", "O", "I")
"""Letters that are read as 1 and 0: no variable is called so (pycodestyle E741)."""
NOBODY, END = NodeId("<nobody>"), NodeId("<end>")
"""In the place of a last reader: there is none, or it is what is returned."""
State = tuple[NodeId, ...]
"""By whom below it each name of the chain is read last, somewhere between two statements."""
NOTHING_YET: State = (NOBODY,) * len(CHAIN)
NO_NAMES: frozenset[str] = frozenset()  # one for all: an empty set takes as much as a statement
NONE_HELD: Mapping[str, NodeId] = {}


class Told(NamedTuple):
    """What one statement did. values: variables by port. names: those it took. asked: those it wished for.

    held: last readers of variables that are no names of the chain. before, after: the state above and below it.
    """

    values: Mapping[str, str]
    names: frozenset[str]
    asked: frozenset[str]
    held: Mapping[str, NodeId]
    before: State
    after: State


class Variables(Namespace):
    """The variables of one method, as the statement sees them that is being written.

    place: of every node with a statement. values: the variable of every output.
    """

    def __init__(self, reserved: Iterable[str]) -> None:
        super().__init__(reserved)
        self.place: Mapping[NodeId, int] = {}
        self.values: dict[tuple[NodeId, str], str] = {}
        self.told: dict[NodeId, Told] = {}
        self._owner: dict[str, NodeId] = {}
        self._askers: dict[str, set[NodeId]] = {}
        self._held: dict[str, dict[NodeId, NodeId]] = {}
        self._start = NOTHING_YET
        self._node, self._before = NOBODY, NOTHING_YET
        self._links: dict[str, NodeId] = {}
        self._now: dict[str, NodeId] = {}
        self._mine: set[str] = set()
        self._asked: set[str] = set()

    def give(self, arguments: Mapping[str, NodeId]) -> set[str]:
        """Say who reads last what the method is given. Returns: of which that is another one than before."""
        self._start = tuple(arguments.get(name, NOBODY) for name in CHAIN)
        changed = {name for name, reader in arguments.items() if self._held.get(name, {}).get(NOBODY) != reader}
        for name in changed:
            self._held.setdefault(name, {})[NOBODY] = arguments[name]
        return changed

    def begin(self, node: NodeId, before: State) -> None:
        """Write a statement, once more or for the first time. before: the state above it."""
        self.forget(node)
        self._node, self._before = node, before
        self._links, self._now = dict(zip(CHAIN, before)), {}
        self._mine, self._asked = set(), set()

    def end(self, values: Mapping[str, str]) -> Told:
        """The statement is written. values: its variables by port."""
        node, here = self._node, self.place[self._node]
        after = tuple(reader if self.where(reader) > here else NOBODY for reader in self._links.values())
        mine, asked = (frozenset(names) if names else NO_NAMES for names in (self._mine, self._asked))
        told = Told(_alike(tuple(values.items())), mine, asked, self._now or NONE_HELD, self._before, after)
        for port, variable in values.items():
            self.values[node, port] = variable
        for name in told.asked:
            self._askers.setdefault(name, set()).add(node)
        for name in told.names:
            self._owner[name] = node
        for name, reader in told.held.items():
            self._held.setdefault(name, {})[node] = reader
        self.told[node] = told
        return told

    def forget(self, node: NodeId) -> None:
        """Whatever the statement of a node did is undone."""
        told = self.told.pop(node, None)
        if told is None:
            return
        for port in told.values:
            self.values.pop((node, port), None)
        for name in told.asked:
            self._askers[name].discard(node)
        for name in told.names:
            if self._owner.get(name) == node:
                del self._owner[name]
        for name in told.held:
            self._held[name].pop(node, None)

    def askers(self, names: Iterable[str]) -> Iterator[NodeId]:
        """Whose statements wished for one of these names."""
        for name in names:
            yield from self._askers.get(name, ())

    def after(self, node: NodeId | None) -> State:
        """The state below a statement; above all of them if there is none."""
        return self.told[node].after if node is not None else self._start

    def __contains__(self, name: str) -> bool:
        self._asked.add(name)
        if name in self.reserved or name in self._mine:
            return True
        owner = self._owner.get(name)
        return owner is not None and self.place[owner] < self.place[self._node]

    def add(self, wish: object, *others: str) -> str:
        name = self.free(wish, *others)
        self._mine.add(name)
        return name

    def hold(self, variable: str, reader: NodeId) -> None:
        """What a variable holds from here on is read last by this one."""
        (self._links if variable in self._links else self._now)[variable] = reader

    def reader(self, variable: str, otherwise: NodeId) -> NodeId:
        """Who reads last what a variable holds here; `otherwise` if nobody ever said."""
        found = self._links.get(variable) or self._now.get(variable)
        if found is not None:
            return found
        here, held = self.place[self._node], self._held.get(variable, {})
        above = [setter for setter in held if setter == NOBODY or self.place[setter] < here]
        return held[max(above, key=lambda setter: self.place.get(setter, -1))] if above else otherwise

    def where(self, reader: NodeId) -> int:
        """The place of a last reader: below all statements for what is returned, above them for nobody."""
        return self.place.get(reader, len(self.place)) if reader != NOBODY else -1

    def is_free(self, variable: str) -> bool:
        """Whether nothing below this statement reads what the variable holds."""
        return self.where(self.reader(variable, END)) <= self.place[self._node]


@lru_cache(maxsize=1024)
def _alike(values: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """One mapping, never changed, for all statements that assign the same variables."""
    return dict(values)
