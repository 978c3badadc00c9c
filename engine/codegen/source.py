"""Generated text that knows which line belongs to which node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from operator import itemgetter
from typing import Any, NamedTuple

from engine.graph.graph import BlockId, NodeId

Place = tuple[BlockId, NodeId]


RETURNED = ""
"""Stands for the variable of what is handed out at once: `return self.head(x)`."""


class Given(NamedTuple):
    """An output of a node, and the expression that holds it once the node's line was executed."""

    node: NodeId
    port: str
    variable: str


class Span(NamedTuple):
    """A schedule that is stretched over the whole run, and the statement that stretches it over another length.

    every: moves once in so many steps. statement: with SPAN for how many epochs or steps it has; "" if there is none.
    """

    schedule: str
    per: str
    every: int
    statement: str


class Line(NamedTuple):
    """One line of text, the node it was written for, others that it belongs to as well, and what it gives."""

    text: str
    place: Place | None = None
    others: tuple[Place, ...] = ()
    gives: tuple[Given, ...] = ()


class Numbered(Mapping[int, Any]):
    """What stands at the lines of a text, counted from 1; counted only when someone asks.

    rows: the number before the first of some lines, and those lines. field: which of a line's values it is.
    """

    def __init__(self, rows: Sequence[tuple[int, Sequence[Line]]], field: int) -> None:
        self.rows, self._field = tuple(rows), field
        self._found: dict[int, Any] | None = None

    @property
    def found(self) -> dict[int, Any]:
        """As a dictionary."""
        if self._found is None:
            field = self._field
            found: dict[int, Any] = {}
            for above, lines in self.rows:
                found.update((n, line[field]) for n, line in enumerate(lines, above + 1) if line[field])
            self._found = found
        return self._found

    def __getitem__(self, number: int) -> Any:
        return self.found[number]

    def __iter__(self) -> Iterator[int]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


@dataclass(frozen=True)
class Source:
    """Python text. `node_of_line` counts lines from 1; a `return` of several outputs has the others in `also`.

    imports: import lines that the text needs above it. main: the class of the main block.
    gives: what is known once a line is done, of the block whose `forward` it stands in.
    spans: of a script, its schedules that depend on how long it trains.
    """

    text: str
    node_of_line: Mapping[int, Place] = field(default_factory=dict)
    imports: tuple[str, ...] = ()
    main: str = ""
    also: Mapping[int, tuple[Place, ...]] = field(default_factory=dict)
    gives: Mapping[int, tuple[Given, ...]] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()

    @classmethod
    def of_lines(cls, lines: Iterable[Line], imports: tuple[str, ...] = ()) -> Source:
        """The text of these lines, ended by a line break."""
        written = tuple(lines)
        rows = ((0, written),)
        text = "\n".join(map(itemgetter(0), written))
        places, also, gives = (Numbered(rows, field) for field in (1, 2, 3))
        return cls(f"{text}\n" if written else "", places, imports, also=also, gives=gives)

    @classmethod
    def joined(cls, parts: Iterable[Source | str], between: str = "\n\n") -> Source:
        """Texts one below the other, by default two blank lines apart; empty ones are left out."""
        texts: list[str] = []
        rows: list[tuple[int, Sequence[Line]]] = []
        above = 0
        for part in parts:
            text = part if isinstance(part, str) else part.text
            if not text:
                continue
            if texts:
                texts.append(between)
                above += between.count("\n")
            if isinstance(part, Source) and isinstance(part.node_of_line, Numbered):
                rows += [(above + number, lines) for number, lines in part.node_of_line.rows]
            elif isinstance(part, Source):
                rows.append((above, part._as_lines()))
            texts.append(text)
            above += text.count("\n")
        return cls("".join(texts), Numbered(rows, 1), also=Numbered(rows, 2), gives=Numbered(rows, 3))

    def _as_lines(self) -> list[Line]:
        texts = self.text.split("\n")
        places, others, gives = self.node_of_line, self.also, self.gives
        return [Line(t, places.get(n), others.get(n, ()), gives.get(n, ())) for n, t in enumerate(texts, 1)]

    def lines_of(self, block: BlockId | str, node: NodeId | str) -> tuple[int, ...]:
        """The lines written for a node, counted from 1."""
        return self.lines_at([(BlockId(block), NodeId(node))])

    def lines_at(self, places: Iterable[Place]) -> tuple[int, ...]:
        """The lines written for any of these nodes, counted from 1: looked for in all, as each edit has a new text."""
        wanted = frozenset(places)
        if not wanted:
            return ()
        written = self.node_of_line
        rows = written.rows if isinstance(written, Numbered) else ((0, self._as_lines()),)
        found: set[int] = set()
        for above, lines in rows:  # no line of Python is run for each line of the text
            numbers = range(above + 1, above + 1 + len(lines))
            found.update(compress(numbers, map(wanted.__contains__, map(itemgetter(1), lines))))
            also = compress(zip(numbers, lines), map(itemgetter(2), lines))
            found.update(n for n, (_, _, others, _) in also if not wanted.isdisjoint(others))
        return tuple(sorted(found))
