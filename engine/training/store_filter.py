"""A line that chooses runs: words, #tags and comparisons, all of which must hold; "or" between lines of them.

    moons -failed #baseline lr<0.01 val_accuracy>=0.9 or duration>2h

A word is looked for in name, id, state, group, tags, notes and the kinds that were chosen (AdamW). A minus turns a term
round. Numbers may end in k, M or G, durations in s, m, h or d. A name that is no column of a run matches nothing there.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.errors import EngineError
from engine.training.store_columns import meant, value_of
from engine.training.store_rows import RunRecord

_TERM = re.compile(
    r"""\s*(?P<minus>-?)(?:
        (?P<key>[A-Za-z_][\w.]*)\s*(?P<op><=|>=|!=|==|<|>|=)\s*(?:"(?P<text>[^"]*)"?|(?P<value>[^\s"]+))?
      | \#(?P<tag>[^\s"]+)
      | "(?P<quoted>[^"]*)"?
      | (?P<word>[^\s"-][^\s"]*)
    )""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"([-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)([a-zA-Z]?)\Z")
_SCALES = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "B": 1e9}
_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_OPERATORS = ("<=", ">=", "!=", "==", "<", ">", "=")


class FilterError(EngineError):
    """A line that cannot be read as a filter."""


@dataclass(frozen=True)
class Term:
    """One thing that must hold, or must not if `minus`.

    kind "word": `text` is found; "tag": it is one of the tags; else an operator between the column `key` and `text`.
    """

    kind: str
    text: str
    key: str = ""
    minus: bool = False

    def __str__(self) -> str:
        sign = "-" if self.minus else ""
        if self.kind == "tag":
            return f"{sign}#{self.text}"
        text = f'"{self.text}"' if not self.text or re.search(r"\s", self.text) or self._is_misread else self.text
        return f"{sign}{self.key}{self.kind if self.key else ''}{text}"

    @property
    def _is_misread(self) -> bool:
        """Whether its text without quotes would be read as something else."""
        if self.key:
            return self.text[0] == "="
        return self.text[0] in "-#" or self.text == "or" or any(op in self.text for op in _OPERATORS)


@dataclass(frozen=True)
class Filter:
    """Alternatives, each a row of terms; no alternative lets everything through."""

    alternatives: tuple[tuple[Term, ...], ...] = ()

    def __str__(self) -> str:
        return " or ".join(" ".join(map(str, terms)) for terms in self.alternatives)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns that are compared, as they were written."""
        return tuple(dict.fromkeys(t.key for terms in self.alternatives for t in terms if t.key))

    def check(self, keys: Sequence[str]) -> None:
        """Raises: FilterError for a name that means no column at all, with the nearest ones."""
        for name in self.names:
            if not meant(name, keys):
                tails = {key.removeprefix("metrics.").removeprefix("params.") for key in keys}
                near = difflib.get_close_matches(name, sorted(tails), 3)
                hint = f"There is {', '.join(near)}." if near else "Columns are listed under Columns."
                raise FilterError(f"No run has anything called {name}.", hint)

    def chosen(self, records: Sequence[RunRecord], keys: Sequence[str]) -> list[RunRecord]:
        """Those of the runs that pass, in their order; `keys` are the columns there are."""
        if not self.alternatives:
            return list(records)
        tests = [[_test(term, keys) for term in terms] for terms in self.alternatives]
        return [r for r in records if any(all(test(r) for test in row) for row in tests)]


def read_filter(line: str) -> Filter:
    """Raises: FilterError naming the term that cannot be read."""
    alternatives: list[tuple[Term, ...]] = []
    terms: list[Term] = []
    at = 0
    while line[at:].strip():
        match = _TERM.match(line, at)
        if match is None or match.end() == at:  # a minus with nothing behind it
            raise FilterError(f"{line[at:].strip()} says nothing.", "Write a word or a comparison such as lr<0.01.")
        at = match.end()
        term = _term(match)
        if term is None:
            alternatives += [tuple(terms)] if terms else []
            terms = []
        else:
            terms.append(term)
    return Filter((*alternatives, tuple(terms)) if terms else tuple(alternatives))


def _term(match: re.Match[str]) -> Term | None:
    """One term; None for the word that stands between alternatives."""
    minus = bool(match["minus"])
    if match["key"] is not None:
        text = match["text"] if match["text"] is not None else match["value"]
        if text is None:
            raise FilterError(f"{match['key']}{match['op']} needs a value.", f"Such as {match['key']}{match['op']}0.1.")
        return Term("=" if match["op"] == "==" else match["op"], text, match["key"], minus)
    if match["tag"] is not None:
        return Term("tag", match["tag"], minus=minus)
    if match["quoted"] is not None:
        return Term("word", match["quoted"], minus=minus)
    word = match["word"]
    if word == "or" and not minus:
        return None
    if word.startswith(("<", ">", "=", "!=")):
        raise FilterError(f"{word}: what is compared is missing.", f"Write its name before it, such as lr{word}.")
    return Term("word", word, minus=minus)


def _test(term: Term, keys: Sequence[str]) -> Callable[[RunRecord], bool]:
    if term.kind == "word":
        small = term.text.lower()
        found: Callable[[RunRecord], bool] = lambda r: small in r.words  # noqa: E731
    elif term.kind == "tag":
        tag = term.text.casefold()
        found = lambda r: any(t.casefold() == tag for t in r.tags)  # noqa: E731
    else:
        found = _comparison(term, meant(term.key, keys))
    return (lambda r: not found(r)) if term.minus else found


def _comparison(term: Term, columns: Sequence[str]) -> Callable[[RunRecord], bool]:
    numbers = {key: _number(term.text, _SECONDS if key == "duration" else _SCALES) for key in columns}

    def holds(record: RunRecord) -> bool:
        for key in columns:
            value = value_of(record, key)
            if value is not None:
                return _compared(value, term.kind, term.text, numbers[key])
        return term.kind == "!="

    return holds


def _compared(value: Any, op: str, text: str, number: float | None) -> bool:
    if isinstance(value, bool):
        is_same = text.casefold() in (("true", "yes", "1") if value else ("false", "no", "0"))
        return is_same == (op == "=") if op in ("=", "!=") else False
    if isinstance(value, int | float):
        return number is not None and _holds(float(value), op, number)
    if isinstance(value, tuple):
        return (text.casefold() in [str(v).casefold() for v in value]) == (op != "!=")
    return _holds(str(value).casefold(), op, text.casefold())


def _holds(value: Any, op: str, other: Any) -> bool:
    if op in ("=", "!="):
        both_nan = isinstance(value, float) and math.isnan(value) and math.isnan(other)
        return (value == other or both_nan) == (op == "=")
    return bool({"<": value < other, "<=": value <= other, ">": value > other, ">=": value >= other}[op])


def _number(text: str, scales: dict[str, float]) -> float | None:
    match = _NUMBER.match(text)
    if match is not None:
        scale = scales.get(match[2])
        return None if scale is None else float(match[1]) * scale
    try:
        return float(text)  # inf and nan
    except ValueError:
        return None
