"""Generated text that knows which line belongs to which node."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, count
from operator import itemgetter
from typing import Any, NamedTuple

from engine.codegen.import_lines import modules_in
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


class Run:
    """A few lines one below the other that stay together from edit to edit: joined, searched and indexed once."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.lines = tuple(lines)

    def __reduce__(self) -> tuple[Any, ...]:
        """The lines alone: what is found of them takes room, and hashes are others in another process."""
        return Run, (self.lines,)

    @cached_property
    def text(self) -> str:
        """Without a line break at its end."""
        return "\n".join(map(itemgetter(0), self.lines))

    @cached_property
    def modules(self) -> frozenset[str]:
        """The import lines of modules that are named in it."""
        return frozenset(modules_in(self.text))

    @cached_property
    def bits(self) -> int:
        """Those of all nodes that its lines belong to: a node that has others is not among them."""
        return bits_of(place for line in self.lines for place in (line.place, *line.others) if place)

    def lines_at(self, places: frozenset[Place]) -> Iterator[int]:
        """The lines that belong to any of these nodes, the first counted as 0."""
        yield from compress(count(), map(places.__contains__, map(itemgetter(1), self.lines)))
        yield from (n for n, line in enumerate(self.lines) if line.others and not places.isdisjoint(line.others))


def bits_of(places: Iterable[Place]) -> int:
    """A bit for each place. Several may share one, so that all of a run take half a kilobyte."""
    found = 0
    for place in places:
        found |= 1 << hash(place) % _BITS
    return found


_BITS = 4096
BLANK = Run((Line(""),))
GAP = Run((Line(""), Line("")))
"""Stands between classes."""


class Numbered(Mapping[int, Any]):
    """What stands at the lines of a text, counted from 1.

    rows: the number before the first of some lines, and those lines. field: which of a line's values it is.
    """

    def __init__(self, rows: Sequence[tuple[int, Run]], field: int) -> None:
        self.rows, self._field = tuple(rows), field

    def __getitem__(self, number: int) -> Any:
        row = bisect_left(self.rows, number, key=itemgetter(0)) - 1
        if row >= 0:
            above, run = self.rows[row]
            if number - above <= len(run.lines) and (found := run.lines[number - above - 1][self._field]):
                return found
        raise KeyError(number)

    def items(self) -> Any:
        """All of them, counted now."""
        return self._found().items()

    def __iter__(self) -> Iterator[int]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())

    def _found(self) -> dict[int, Any]:
        field = self._field
        found: dict[int, Any] = {}
        for above, run in self.rows:
            found.update((n, line[field]) for n, line in enumerate(run.lines, above + 1) if line[field])
        return found


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
    def of_lines(cls, lines: Iterable[Line]) -> Source:
        """The text of these lines, ended by a line break."""
        return cls.of_runs([Run(lines)])

    @classmethod
    def of_runs(cls, runs: Iterable[Run]) -> Source:
        """The text of these lines, ended by a line break."""
        written = [run for run in runs if run.lines]
        rows, above = [], 0
        for run in written:
            rows.append((above, run))
            above += len(run.lines)
        text = "\n".join([*[run.text for run in written], ""])  # one look at all letters, which are a million
        return cls(text, Numbered(rows, 1), also=Numbered(rows, 2), gives=Numbered(rows, 3))

    @classmethod
    def joined(cls, parts: Iterable[Source | str], between: str = "\n\n") -> Source:
        """Texts one below the other, by default two blank lines apart; empty ones are left out."""
        texts: list[str] = []
        rows: list[tuple[int, Run]] = []
        above = 0
        for part in parts:
            text = part if isinstance(part, str) else part.text
            if not text:
                continue
            if texts:
                texts.append(between)
                above += between.count("\n")
            if isinstance(part, Source):
                rows += [(above + number, run) for number, run in part.rows]
            texts.append(text)
            above += text.count("\n")
        return cls("".join(texts), Numbered(rows, 1), also=Numbered(rows, 2), gives=Numbered(rows, 3))

    @property
    def rows(self) -> Sequence[tuple[int, Run]]:
        """The lines, and the number before the first of each run of them."""
        written = self.node_of_line
        return written.rows if isinstance(written, Numbered) else ((0, self._as_lines()),)

    def _as_lines(self) -> Run:
        texts = self.text.split("\n")
        places, others, gives = self.node_of_line, self.also, self.gives
        return Run(Line(t, places.get(n), others.get(n, ()), gives.get(n, ())) for n, t in enumerate(texts, 1))

    def lines_of(self, block: BlockId | str, node: NodeId | str) -> tuple[int, ...]:
        """The lines written for a node, counted from 1."""
        return self.lines_at([(BlockId(block), NodeId(node))])

    def lines_at(self, places: Iterable[Place]) -> tuple[int, ...]:
        """The lines written for any of these nodes, counted from 1."""
        wanted = frozenset(places)
        if not wanted:
            return ()
        found, bits = set[int](), bits_of(wanted)
        for above, run in self.rows:
            if run.bits & bits:
                found.update(above + 1 + number for number in run.lines_at(wanted))
        return tuple(sorted(found))
