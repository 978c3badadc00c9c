"""What a block says of itself, read from plain data."""

from __future__ import annotations

import re
from typing import Any

from engine.document.plain import keys, rows, table, text, whole
from engine.errors import FileError
from engine.graph.about import About, Fit, Reference

FIT_PATTERN = r"(\w+)\[(-?\d{1,3})\](?: (\*|//) ([1-9]\d{0,3}))?"
_FIT = re.compile(FIT_PATTERN)


def read_about(raw: Any, place: str) -> About:
    """The tags, aliases, references and fits of a block. Raises: FileError naming the place."""
    data = keys(raw, place, need=(), may=("tags", "aliases", "references", "fits"))
    tags, aliases = (
        tuple(text(item, f"{place}.{key}[{i}]") for i, item in enumerate(rows(data.get(key, []), f"{place}.{key}")))
        for key in ("tags", "aliases")
    )
    listed = rows(data.get("references", []), f"{place}.references")
    references = tuple(_reference(item, f"{place}.references[{i}]") for i, item in enumerate(listed))
    fits = table(data.get("fits", {}), f"{place}.fits")
    return About(tags, aliases, references, tuple(_fit(p, raw, f"{place}.fits.{p}") for p, raw in fits.items()))


def _reference(raw: Any, place: str) -> Reference:
    data = keys(raw, place, need=("authors", "title", "year"), may=("arxiv",))
    words = {name: text(data.get(name, ""), f"{place}.{name}") for name in ("authors", "title", "arxiv")}
    return Reference(words["authors"], words["title"], whole(data["year"], f"{place}.year"), words["arxiv"])


def _fit(param: str, raw: Any, place: str) -> Fit:
    match = _FIT.fullmatch(text(raw, place))
    if match is None:
        raise FileError(
            f"{place}: {raw!r} names no size.", 'The second size of the input x reads "x[1]", half of it "x[1] // 2".'
        )
    number = {match[3]: int(match[4] or 1)}
    return Fit(param, match[1], int(match[2]), number.get("*", 1), number.get("//", 1))
