"""The functions of torch that an Op node may call, with their arguments, as `resources/operations.json` lists them.

The file is made from the schemas of an installed torch by `python -m engine.analysis.operations`. A function that is
not in it is refused, whatever torch may have under that name.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[2] / "resources" / "operations.json"
REQUIRED = object()


@dataclass(frozen=True)
class Argument:
    """One argument: its type as in "int[]?", and its default, REQUIRED if there is none."""

    name: str
    type: str
    default: Any = REQUIRED
    keyword: bool = False

    @property
    def takes_tensors(self) -> bool:
        return self.type.startswith("Tensor")


@dataclass(frozen=True)
class Signature:
    """One way to call a function. results: names and types; a type "Tensor[]" is any number of tensors."""

    arguments: tuple[Argument, ...]
    results: tuple[tuple[str, str], ...]

    def bind(self, count: int, named: Mapping[str, Any]) -> str:
        """Why a call with so many plain arguments and these named ones does not fit; "" if it does."""
        plain = [a for a in self.arguments if not a.keyword]
        if count > len(plain) and not self._takes_rest():
            return f"takes {len(plain)} plain arguments, not {count}"
        given = {a.name for a in plain[:count]}
        by_name = {a.name for a in self.arguments}
        aliases = {"input": "self"}
        for name in named:
            real = aliases.get(name, name) if name not in by_name else name
            if real not in by_name:
                return f"has no argument {name}; it takes {', '.join(a.name for a in self.arguments)}"
            if real in given:
                return f"gets {name} twice"
            given.add(real)
        missing = [a.name for a in self.arguments if a.default is REQUIRED and a.name not in given]
        return f"needs {', '.join(missing)}" if missing else ""

    def _takes_rest(self) -> bool:
        """Whether numbers or tensors may stand one after another: x.permute(0, 2, 1), torch.einsum("ij,jk", a, b)."""
        plain = [a for a in self.arguments if not a.keyword]
        return bool(plain) and plain[-1].type.rstrip("?") in ("int[]", "Tensor[]")

    def arranged(self, plain: list[ast.expr], named: Mapping[str, ast.expr]) -> dict[str, ast.expr]:
        """What is given, by the names of the arguments."""
        order = [a.name for a in self.arguments if not a.keyword]
        single = self._takes_rest() and len(plain) == len(order) and self._is_single(plain[-1])
        if self._takes_rest() and (len(plain) > len(order) or single):
            rest = ast.Tuple(plain[len(order) - 1 :], ast.Load())
            plain = [*plain[: len(order) - 1], rest]
        first = {"self" if k == "input" and "input" not in order else k: v for k, v in named.items()}
        return {**dict(zip(order, plain)), **first}

    def _is_single(self, value: ast.expr) -> bool:
        """Whether one tensor stands where several may, as in torch.einsum("ii->i", x)."""
        return isinstance(value, ast.Name) and [a.name for a in self.arguments][:2] == ["equation", "tensors"]


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found


def functions() -> Mapping[str, list[str]]:
    """Every function by its name: "torch.cat", "F.pad", "torch.linalg.det", "Tensor.softmax"."""
    found: Mapping[str, list[str]] = _file()["functions"]
    return found


def torch_version() -> str:
    """The torch whose functions the list holds."""
    return str(_file()["torch"])


@cache
def signatures(function: str) -> tuple[Signature, ...]:
    """All ways to call a function; none for one that is not on the list."""
    return tuple(_parsed(line) for line in functions().get(function, ()))


def _parsed(line: str) -> Signature:
    left, _, right = line.rpartition(" -> ")
    arguments = []
    keyword = False
    for part in _split(left):
        if part == "*":
            keyword = True
            continue
        name, _, rest = part.partition(": ")
        kind, has_default, text = rest.partition(" = ")
        arguments.append(Argument(name, kind, _literal(text) if has_default else REQUIRED, keyword))
    results = []
    for part in right.split(", "):
        name, _, kind = part.rpartition(": ")
        results.append((name, kind))
    return Signature(tuple(arguments), tuple(results))


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None


def _split(text: str) -> list[str]:
    """The arguments of a line: commas inside brackets and quotes separate nothing."""
    parts, depth, start, quoted = [], 0, 0, False
    for place, letter in enumerate(text):
        quoted ^= letter == "'"
        depth += (letter in "([") - (letter in ")]") if not quoted else 0
        if text.startswith(", ", place) and not depth and not quoted:
            parts.append(text[start:place])
            start = place + 2
    return [part for part in (*parts, text[start:]) if part]
