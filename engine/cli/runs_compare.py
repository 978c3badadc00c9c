"""`runs compare A B`: how two runs differ, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from engine.training.store import Store
from engine.training.store_columns import written
from engine.training.store_compare import BlockDifference, Difference, RunComparison, compare_runs


def compare(store: Store, a: str, b: str, *, is_json: bool) -> int:
    """Print the comparison. Raises: FileError."""
    found = compare_runs(store, a, b)
    if is_json:
        print(json.dumps(_as_json(found), indent=1, ensure_ascii=False))
        return 0
    print(f"a  {found.a.id}  {found.a.name}\nb  {found.b.id}  {found.b.name}")
    for title, lines in (
        ("runs", _table(found.facts)),
        ("options", _table(found.options) if found.options else ["the same"]),
        ("network", list(_network(found)) or ["the same"]),
        ("figures", _table(found.figures)),
        ("losses", [_losses(found)]),
    ):
        if lines:
            print(f"\n{title}")
            print("\n".join(f"  {line}" for line in lines))
    return 0


def _table(differences: Iterable[Difference]) -> list[str]:
    rows = [(d.name, _shown(d.a), _shown(d.b), _gain(d)) for d in differences]
    widths = [max((len(row[place]) for row in rows), default=0) for place in range(4)]
    return [_row(row, widths) for row in rows]


def _row(row: tuple[str, ...], widths: list[int]) -> str:
    name, a, b, gain = (cell.ljust(width) for cell, width in zip(row, widths))
    return f"{name}  {a} → {b}  {gain}".rstrip()


def _shown(value: Any) -> str:
    if value is None or value in ("", ()):
        return "–"
    return written(value)


def _gain(difference: Difference) -> str:
    a, b = difference.a, difference.b
    return f"{b - a:+.4g}" if isinstance(a, float) and isinstance(b, float) and a != b else ""


def _network(found: RunComparison) -> Iterator[str]:
    for block in found.blocks:
        lines = list(_block(block))
        yield f"{block.block}:"
        yield from (f"  {line}" for line in lines)
    yield from (f"block {name} is gone" for name in found.gone)


def _block(block: BlockDifference) -> Iterator[str]:
    yield from (f"+ {name} ({kind})" for name, kind in block.added.items())
    yield from (f"- {name} ({kind})" for name, kind in block.removed.items())
    yield from (f"~ {name}: {', '.join(words)}" for name, words in block.changed.items())
    yield from (f"+ {wire}" for wire in block.wired)
    yield from (f"- {wire}" for wire in block.unwired)
    yield from block.described


def _losses(found: RunComparison) -> str:
    a, b = found.steps
    if not a or not b:
        return "not kept of both"
    if found.is_same_curve:
        return f"the same at all {a:,} steps"
    if found.same_steps == min(a, b):
        return f"the same at the first {found.same_steps:,} steps; a has {a:,}, b {b:,}"
    return f"they differ from step {found.same_steps + 1:,} on"


def _as_json(found: RunComparison) -> dict[str, Any]:
    blocks = [
        {
            "block": block.block,
            "added": dict(block.added),
            "removed": dict(block.removed),
            "changed": {name: list(words) for name, words in block.changed.items()},
            "wired": list(block.wired),
            "unwired": list(block.unwired),
            "described": list(block.described),
        }
        for block in found.blocks
    ]
    return {
        "a": found.a.id,
        "b": found.b.id,
        "facts": _pairs(found.facts),
        "options": _pairs(found.options),
        "network": {"blocks": blocks, "gone": list(found.gone)},
        "figures": _pairs(found.figures),
        "losses": {"steps_a": found.steps[0], "steps_b": found.steps[1], "same_steps": found.same_steps},
    }


def _pairs(differences: Iterable[Difference]) -> list[dict[str, Any]]:
    return [{"name": d.name, "a": d.a, "b": d.b} for d in differences]
