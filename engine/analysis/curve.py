"""How one size follows one free size: read from values alone, believed only where it holds at other values too."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from engine.analysis.line import Line, divided_text, sum_text
from engine.expr import Expr

Follow = Callable[[int], int]
"""The value for this value of the free size."""

_LARGEST_STRIDE = 512
_SURE = 20  # two runs are far enough apart for the slope of a smaller stride
_FAR = 262080  # a multiple of many, further than the square of the largest stride
_LARGEST_PERIOD = 12
_FACTORS = (0, 1, -1, 2, -2)


def fitted(name: str, follow: Follow, first: int, second: int) -> str:
    """A formula in `name`, "" where none fits: "2 * T - 1", "(T + 1) // 2", "T - 2 * ((T + 2) // 3)"."""
    slope = Fraction(follow(second) - follow(first), second - first).limit_denominator(_LARGEST_STRIDE)
    if slope.denominator > _SURE:
        slope = Fraction(follow(first + _FAR) - follow(first), _FAR).limit_denominator(_LARGEST_STRIDE)
    if not slope:
        return ""
    text = _straight(name, follow, first, slope) if slope.denominator == 1 else _divided(name, follow, first, slope)
    if text and _holds(text, name, follow, (first, second, first + 1, first + 3, second + 1)):
        return text
    return _stepped(name, follow, first, slope)


def _holds(text: str, name: str, follow: Follow, places: tuple[int, ...]) -> bool:
    return all(Expr(text).evaluate({name: place}) == follow(place) for place in places)


def _straight(name: str, follow: Follow, first: int, slope: Fraction) -> str:
    return sum_text({name: int(slope)}, follow(first) - int(slope) * first)


def _divided(name: str, follow: Follow, first: int, slope: Fraction) -> str:
    """(p * T + c) // q: every value halves what c can still be."""
    p, q = slope.numerator, slope.denominator
    if p < 0:
        return ""
    low, high, place = -(10**9), 10**9, first
    for _ in range(3 + _LARGEST_STRIDE.bit_length()):
        here = q * follow(place) - p * place
        low, high = max(low, here), min(high, here + q - 1)
        if low >= high:
            break
        middle = (low + high + 1) // 2
        place = next((x for x in range(first + 1, first + 1 + q) if (p * x + middle) % q == 0), first + 1)
    if low != high:
        return ""
    size = Line(name, p, low, q).size()
    return size if isinstance(size, str) else ""


def _stepped(name: str, follow: Follow, first: int, slope: Fraction) -> str:
    """a * T + k * ((T + c) // q) + d: what cutting into parts leaves for the last, and steps of several at a time."""
    found: dict[int, int] = {}

    def value(place: int) -> int:
        if place not in found:
            found[place] = follow(place)
        return found[place]

    for q in range(2, _LARGEST_PERIOD + 1):
        places = range(first, first + 2 * q)
        if value(first + q) - value(first) != slope * q:
            continue
        for a in _FACTORS:
            k = (slope - a) * q
            if not k or k.denominator != 1:
                continue
            for c in range(q):
                d = value(first) - a * first - int(k) * ((first + c) // q)
                if all(value(x) == a * x + k * ((x + c) // q) + d for x in places):
                    return sum_text({name: a, divided_text(sum_text({name: 1}, c), q): int(k)}, d)
    return ""
