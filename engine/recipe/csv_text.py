"""The code that reads a table: words of the user's stand in constants on top, nowhere else."""

from __future__ import annotations

from collections.abc import Iterable

from engine.recipe.base import Text
from engine.recipe.csv_file import DELIMITERS, HOLES, Table
from engine.recipe.source_text import assigned, listed, quoted

_NUMBERS = '''def numbers(rows: list[dict[str, str]], names: list[str]) -> Tensor:
    """Columns of numbers, side by side."""
    return torch.tensor([[float(row[name]) for name in names] for row in rows])'''

_CLASSES = '''def classes(rows: list[dict[str, str]], name: str) -> Tensor:
    """The place of every row's word among all words of its column."""
    place = {word: index for index, word in enumerate(WORDS[name])}
    return torch.tensor([place[row[name]] for row in rows])'''


def table_text(table: Table, path: str, delimiter: str, header: bool, holes: str) -> Text:
    """The function `load_data`, what it calls, and the constants that it reads."""
    words = [c for c in (*table.inputs, *table.targets) if c.words]
    has_numbers = len(words) < len(table.inputs) + len(table.targets)
    functions = [_NUMBERS] if has_numbers else []
    functions += [_CLASSES] if words else []
    body = [*_reading(delimiter, header, holes), *_filling(table), *_features(table), *_targets(table)]
    load = 'def load_data() -> tuple[Tensors, Tensors]:\n    """The rows of a table."""\n' + "\n".join(body)
    imports = ["import csv", "import torch"]
    imports += ["from torch.nn.functional import one_hot"] if any(c.words for c in table.inputs) else []
    return Text("\n\n\n".join([*functions, load]), tuple(imports), _constants(table, path, header, holes))


def _constants(table: Table, path: str, header: bool, holes: str) -> str:
    inputs = (*table.inputs, *table.targets) if holes == "drop" else table.targets
    words = [c for c in (*table.inputs, *table.targets) if c.words]
    filled = [f"{quoted(c.name)}: {quoted(c.fill)}" for c in table.inputs if c.fill]
    found = [assigned("PATH", path)]
    if not header:
        found.append(_names("COLUMNS", table.names))
    found.append(_names("NUMBERS", (c.name for c in table.inputs if not c.words)))
    found.append(_names("KINDS", (c.name for c in table.inputs if c.words)))
    found.append(_names("TARGETS", (c.name for c in table.targets)))
    if words:
        rows = (listed(f"{quoted(c.name)}: [", map(quoted, c.words), "],", "    ") for c in words)
        found.append("WORDS = {\n" + "\n".join(rows) + "\n}")
    if holes != "refuse":
        found += [listed("HOLES = {", map(quoted, HOLES), "}"), _names("NEEDED", (c.name for c in inputs))]
    if filled:
        found.append(listed("MIDDLES = {", filled, "}"))
    return "\n".join(line for line in found if not line.endswith(("NUMBERS = []", "KINDS = []")))


def _names(constant: str, names: Iterable[str]) -> str:
    return listed(f"{constant} = [", map(quoted, names), "]")


def _reading(delimiter: str, header: bool, holes: str) -> list[str]:
    given = ["file"] if header else ["file", "COLUMNS"]
    given += [] if delimiter == "comma" else [f"delimiter={quoted(DELIMITERS[delimiter])}"]
    lines = [
        '    with open(PATH, newline="", encoding="utf-8-sig") as file:',
        listed("table = csv.DictReader(", [*given, "skipinitialspace=True"], ")", " " * 8),
        "        rows = [{name: row[name].strip() for name in row} for row in table]",
    ]
    if holes == "refuse":
        return lines
    return [*lines, "    rows = [row for row in rows if HOLES.isdisjoint(row[name] for name in NEEDED)]"]


def _filling(table: Table) -> list[str]:
    if not any(c.fill for c in table.inputs):
        return []
    return [
        "    for row in rows:",
        "        row |= {name: MIDDLES[name] for name in MIDDLES if row[name] in HOLES}",
    ]


def _features(table: Table) -> list[str]:
    kinds = "one_hot(classes(rows, name), len(WORDS[name])) for name in KINDS"
    if not any(c.words for c in table.inputs):
        return ["    features = numbers(rows, NUMBERS)"]
    if all(c.words for c in table.inputs):
        return [f"    kinds = [{kinds}]", "    features = torch.cat(kinds, dim=1).float()"]
    return [
        f"    kinds = [{kinds}]",
        "    features = torch.cat([numbers(rows, NUMBERS), *kinds], dim=1)",
    ]


def _targets(table: Table) -> list[str]:
    value = "numbers(rows, [name]).squeeze(1)"
    if all(c.words for c in table.targets):
        return ["    return (features,), tuple(classes(rows, name) for name in TARGETS)"]
    if not any(c.words for c in table.targets):
        return [f"    targets = [{value} for name in TARGETS]", "    return (features,), tuple(targets)"]
    return [
        "    targets = []",
        "    for name in TARGETS:",
        "        if name in WORDS:",
        "            targets.append(classes(rows, name))",
        "        else:",
        f"            targets.append({value})",
        "    return (features,), tuple(targets)",
    ]
