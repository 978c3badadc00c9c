"""What the table of runs can show: a column by its key, what people write for it, and in which order values lie.

Keys: a field ("duration"), an option by its path ("optimizer.lr"), a parameter of the main block ("params.width"), the
last value of a figure ("metrics.val_loss"), its least or greatest so far ("metrics.val_loss.min"), a version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.training.store_rows import RunRecord

FIELDS = (
    "name", "state", "created", "duration", "epochs", "planned", "steps", "parameters", "device", "seed", "tags",
    "notes", "group", "id", "parent", "message",
)  # fmt: skip
LEAST, MOST = ".min", ".max"
FIRST_OPTIONS = ("optimizer", "optimizer.lr", "batch_size", "dataset", "losses", "schedule", "clip", "precision")
FIRST_FIGURES = ("loss", "val_loss")


def keys_of(records: Iterable[RunRecord]) -> tuple[str, ...]:
    """Every column that some of these runs have a value in: fields, options, parameters, figures, versions."""
    options: dict[str, None] = {}
    figures: dict[str, None] = {}
    versions: dict[str, None] = {}
    for record in records:
        options.update(dict.fromkeys(record.options))
        figures.update(dict.fromkeys(record.metrics))
        figures.update(dict.fromkeys(record.extremes))
        versions.update(dict.fromkeys(record.versions))
    chosen = [name for name in FIRST_OPTIONS if name in options]
    chosen += [name for name in options if name not in FIRST_OPTIONS and not name.startswith("params.")]
    chosen += [name for name in options if name.startswith("params.")]
    shown = [n for n in FIRST_FIGURES if n in figures] + [n for n in figures if n not in FIRST_FIGURES]
    measured = [f"metrics.{name}{end}" for name in shown for end in ("", LEAST, MOST)]
    return (*FIELDS, *(k for k in chosen if k not in FIELDS), *measured, *(f"versions.{name}" for name in versions))


def value_of(record: RunRecord, key: str) -> Any:
    """What a run has in a column, None for nothing."""
    if key in FIELDS:
        return getattr(record, key)
    head, _, name = key.partition(".")
    if head == "metrics":
        return _figure(record, name)
    if head == "versions":
        return record.versions.get(name)
    return record.options.get(key)


def _figure(record: RunRecord, name: str) -> float | None:
    if name in record.metrics:
        return record.metrics[name]
    for end, place in ((LEAST, 0), (MOST, 1)):
        if name.endswith(end) and name.removesuffix(end) in record.extremes:
            return record.extremes[name.removesuffix(end)][place]
    return None


def meant(word: str, keys: Sequence[str]) -> tuple[str, ...]:
    """The columns that a word may mean, the likeliest first: "lr" is "optimizer.lr", "val_loss" "metrics.val_loss"."""
    small = word.casefold()
    exact = [key for key in keys if key.casefold() == small]
    return tuple(exact) or tuple(key for key in keys if key.casefold().endswith(f".{small}"))


def title_of(key: str) -> str:
    """What stands over a column."""
    head, _, name = key.partition(".")
    if head == "metrics":
        for end, word in ((LEAST, "least"), (MOST, "greatest")):
            if name.endswith(end):
                return f"{word} {name.removesuffix(end)}"
        return "last lr" if name == "lr" else name
    return name if head in ("params", "versions") else key


def written(value: Any) -> str:
    """A value in words: four figures of a number, tags with commas between them, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def clock(seconds: float) -> str:
    """A duration: 0:07, 3:05, 2:14:00."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def order(value: Any) -> tuple[Any, ...]:
    """A key to sort by: numbers before words, what is not a number or missing at the end."""
    if isinstance(value, bool | int | float):
        return (1, 0.0, "") if value != value else (0, float(value), "")
    if value is None or value == "" or value == ():
        return (3, 0.0, "")
    return (2, 0.0, written(value).casefold())


def ordered(records: Iterable[RunRecord], key: str, descending: bool = False) -> list[RunRecord]:
    """The runs sorted by a column; those with nothing in it are last either way, and equals stay as they were."""
    pairs = [(order(value_of(record, key)), record) for record in records]
    known = [pair for pair in pairs if pair[0][0] not in (1, 3)]
    rest = [pair for pair in pairs if pair[0][0] in (1, 3)]
    known.sort(key=lambda pair: pair[0], reverse=descending)
    return [record for _, record in known] + [record for _, record in sorted(rest, key=lambda pair: pair[0])]


def spread(values: Iterable[Any]) -> Mapping[str, float]:
    """Count, mean, standard deviation (of the sample, n - 1), min and max of the finite numbers among values."""
    numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool) and v - v == 0]
    if not numbers:
        return {}
    mean = sum(numbers) / len(numbers)
    variance = sum((n - mean) ** 2 for n in numbers) / (len(numbers) - 1) if len(numbers) > 1 else 0.0
    return {"count": len(numbers), "mean": mean, "std": variance**0.5, "min": min(numbers), "max": max(numbers)}
