"""Generated text that knows which line belongs to which node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

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
        written = list(lines)
        places = {number: line.place for number, line in enumerate(written, 1) if line.place is not None}
        also = {number: line.others for number, line in enumerate(written, 1) if line.others}
        gives = {number: line.gives for number, line in enumerate(written, 1) if line.gives}
        return cls("".join(f"{line.text}\n" for line in written), places, imports, also=also, gives=gives)

    @classmethod
    def joined(cls, parts: Iterable[Source | str], between: str = "\n\n") -> Source:
        """Texts one below the other, by default two blank lines apart; empty ones are left out."""
        texts: list[str] = []
        places: dict[int, Place] = {}
        also: dict[int, tuple[Place, ...]] = {}
        gives: dict[int, tuple[Given, ...]] = {}
        above = 0
        for part in parts:
            text = part if isinstance(part, str) else part.text
            if not text:
                continue
            if texts:
                texts.append(between)
                above += between.count("\n")
            if isinstance(part, Source):
                places.update((number + above, place) for number, place in part.node_of_line.items())
                also.update((number + above, others) for number, others in part.also.items())
                gives.update((number + above, given) for number, given in part.gives.items())
            texts.append(text)
            above += text.count("\n")
        return cls("".join(texts), places, also=also, gives=gives)

    @cached_property
    def _lines(self) -> dict[Place, tuple[int, ...]]:
        found: dict[Place, list[int]] = {}
        for number, place in self.node_of_line.items():
            for each in (place, *self.also.get(number, ())):
                found.setdefault(each, []).append(number)
        return {place: tuple(sorted(numbers)) for place, numbers in found.items()}

    def lines_of(self, block: BlockId | str, node: NodeId | str) -> tuple[int, ...]:
        """The lines written for a node, counted from 1."""
        return self._lines.get((BlockId(block), NodeId(node)), ())
