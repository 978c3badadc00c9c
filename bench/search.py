"""Finding a layer: milliseconds of one keystroke, at the size of the catalogue now and at 400 layers."""

from __future__ import annotations

import time
from functools import partial
from statistics import median
from typing import Any

from engine.document import library
from engine.layers import Layer, catalogue, find, search
from engine.layers.convolution import Conv2d

QUERIES = ("c", "co", "conv", "batch norm", "global average pooling", "F.max_pool2d", "convlution", "re")
SIZE = 400
REPEATS = 9


def keystroke(query: str) -> float:
    """CPU time to find layers and ready blocks for a query that was not asked before."""
    search._found.cache_clear()
    search._score.cache_clear()
    start = time.process_time()
    library.with_ready(find(query), query)
    return (time.process_time() - start) * 1000


def slowest() -> tuple[str, float]:
    """The query that takes longest, and its median."""
    for query in QUERIES:
        keystroke(query)
    times = {query: median(keystroke(query) for _ in range(REPEATS)) for query in QUERIES}
    return max(times.items(), key=lambda item: item[1])


def filled_up() -> None:
    """More layers, each as long a name and as many words as a real one, until there are 400."""
    base: type[Layer] = Conv2d
    for place in range(len(catalogue()), SIZE):
        body = {
            "__doc__": base.__doc__,
            "__module__": base.__module__,
            "aliases": (*base.aliases, f"other word {place}"),
        }
        type(f"Convolving{place}d", (base,), body)
    search._vocabulary.cache_clear()


def run() -> list[dict[str, Any]]:
    """A row for the catalogue as it is, and one for 400 layers."""
    rows = []
    for prepare in (partial(len, ()), filled_up):
        prepare()
        query, taken = slowest()
        what = f"{len(catalogue())} layers, slowest of {len(QUERIES)} queries ({query})"
        rows.append({"what": what, "value": taken, "unit": "ms", "target": 5.0})
    return rows
