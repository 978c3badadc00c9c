"""Sizes of the form (p * T + c) // q: what windows, strides and factors make of a free size, in one normal form."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from math import gcd

from engine.tensor import Dim


@dataclass(frozen=True)
class Line:
    """(p * name + c) // q, with p and q at least 1; a fixed size has no name and stands in c."""

    name: str
    p: int = 1
    c: int = 0
    q: int = 1

    def plus(self, number: int) -> Line:
        return Line(self.name, self.p, self.c + number * self.q, self.q)

    def times(self, number: int) -> Line | None:
        """The product, None where the rounding comes before it."""
        if self.q == 1:
            return Line(self.name, self.p * number, self.c * number)
        return self if number == 1 else None

    def over(self, number: int) -> Line:
        """Divided and rounded down: floors of floors are one floor."""
        return Line(self.name, self.p, self.c, self.q * number)

    def size(self) -> Dim:
        """As a number or as text, the same for equal lines."""
        if not self.name:
            return self.c // self.q
        shared = gcd(self.p, self.q)
        p, c, q = self.p // shared, self.c // shared, self.q // shared
        return sum_text({self.name: p}, c) if q == 1 else divided_text(sum_text({self.name: p}, c), q)


@lru_cache(maxsize=4096)
def line_of(size: Dim) -> Line | None:
    """A size as a line, None where it is of another form."""
    if isinstance(size, int):
        return Line("", 0, size)
    if size.isidentifier():
        return Line(size)
    return _read(ast.parse(size, mode="eval").body)


def _read(tree: ast.expr) -> Line | None:
    match tree:
        case ast.Constant(value=int() as number):
            return Line("", 0, number)
        case ast.Name(id=name):
            return Line(name)
        case ast.BinOp(left=left, op=op, right=right):
            return _combined(_read(left), op, _read(right))
    return None


def _combined(left: Line | None, op: ast.operator, right: Line | None) -> Line | None:
    if left is None or right is None:
        return None
    match op:
        case ast.Add() if not right.name:
            return left.plus(right.c)
        case ast.Sub() if not right.name:
            return left.plus(-right.c)
        case ast.Mult() if not left.name and left.c > 0:
            return right.times(left.c)
        case ast.FloorDiv() if not right.name and right.c > 0:
            return left.over(right.c)
    return None


def product_text(factor: int, factors: tuple[str, ...]) -> str:
    """ "16 * B * T"."""
    ordered = sorted(factors, key=rank)
    parts = [f if f.isidentifier() else f"({f})" for f in ordered]
    return " * ".join([str(factor), *parts] if factor != 1 else parts)


def sum_text(slopes: dict[str, int], rest: int) -> str:
    """ "2 * B + T - 1"."""
    text = ""
    for name, slope in sorted(slopes.items(), key=lambda item: rank(item[0])):
        shown = name if name.isidentifier() or (abs(slope) == 1 and slope > 0) else f"({name})"
        term = shown if abs(slope) == 1 else f"{abs(slope)} * {shown}"
        text += (" - " if slope < 0 else " + ") + term
    text = "-" + text[3:] if text.startswith(" - ") else text[3:]
    if rest:
        text += f" + {rest}" if rest > 0 else f" - {-rest}"
    return text


def exact_text(factor: int, text: str, rest: int) -> str:
    """A multiple of an exact quotient without the quotient, "" where that is not possible: 2 * (H / 2) is H."""
    match ast.parse(text, mode="eval").body:
        case ast.BinOp(left=whole, op=ast.Div(), right=ast.Constant(value=int() as divisor)) if factor % divisor == 0:
            return sum_text({ast.unparse(whole): factor // divisor}, rest)
    return ""


def divided_text(text: str, divisor: int) -> str:
    """ "(T + 1) // 2"."""
    return f"{text} // {divisor}" if text.isidentifier() else f"({text}) // {divisor}"


def rank(name: str) -> tuple[bool, str]:
    """The batch first, then by name."""
    return name != "B", name
