"""Sizes that are left free: run as large primes, read back as expressions such as "B", "2 * B", "(T + 1) // 2".

One run cannot tell a vocabulary of 10,000 from B + 27, so nothing is read from one run alone: a size is constant when
it stays the same while every free size changes, and an expression is believed when it holds in another run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from itertools import combinations_with_replacement
from math import prod

from engine.expr import Expr
from engine.tensor import Dim, TensorSpec

Sizes = Mapping[str, int]
Shapes = tuple[tuple[int, ...], ...]
Observe = Callable[[Sizes], Shapes]

BATCH = "B"
# A prime, a number with many divisors, a prime: what rounds to even or fills up to a multiple shows itself.
# Far apart, so that the slope between two runs is exact for every stride a layer would have; small enough for loops.
_BATCHES = (9973, 20160, 29989)
_OTHERS = (
    (1009, 2016, 3001),
    (1013, 2520, 3011),
    (1019, 2640, 3019),
    (1021, 2688, 3023),
    (1031, 2772, 3037),
    (1033, 2880, 3041),
    (1039, 3024, 3049),
    (1049, 3120, 3061),
)
_LARGEST_STRIDE = 20
_MOST_FACTORS = 3


def names_in(specs: Iterable[TensorSpec]) -> tuple[str, ...]:
    """The free sizes that these shapes mention, the batch first."""
    found = {n for spec in specs for size in spec.shape if isinstance(size, str) for n in Expr(size).names()}
    return tuple(sorted(found, key=_rank))


def _rank(name: str) -> tuple[bool, str]:
    return name != BATCH, name


def sizes_of_run(names: Iterable[str], run: int) -> dict[str, int]:
    """A value for every free size; each differs between runs 0, 1 and 2."""
    others = [n for n in names if n != BATCH]
    chosen = {n: _OTHERS[i % len(_OTHERS)][run] + 1000000 * (i // len(_OTHERS)) for i, n in enumerate(others)}
    return {BATCH: _BATCHES[run], **chosen}


def value_of(size: Dim, sizes: Sizes) -> int:
    """A size as a number."""
    if isinstance(size, int):
        return size
    return sizes[size] if size in sizes else int(Expr(size).evaluate(sizes))


def concrete(spec: TensorSpec, sizes: Sizes) -> tuple[int, ...]:
    """A shape as numbers."""
    return tuple(value_of(size, sizes) for size in spec.shape)


def read_back(observe: Observe, names: tuple[str, ...], seen: Iterable[Dim]) -> tuple[tuple[Dim | None, ...], ...]:
    """The shapes that `observe` gives, as expressions over the free sizes; None for a size that follows no known rule.

    seen: sizes of the inputs, the first guesses and the factors of products.
    """
    first = sizes_of_run(names, 0)
    base = observe(first)
    if not names:
        return base
    guesses = tuple(dict.fromkeys(s for s in seen if isinstance(s, str)))
    probe = _Probe(observe, names, guesses)
    probe.remember(first, base)
    second = probe.at(sizes_of_run(names, 1))
    if [len(s) for s in base] != [len(s) for s in second]:
        return tuple((None,) for _ in base)
    return tuple(tuple(probe.read((i, j)) for j in range(len(shape))) for i, shape in enumerate(base))


class _Probe:
    """Asks for shapes at chosen sizes, each only once, and fits an expression to one position of one shape."""

    def __init__(self, observe: Observe, names: tuple[str, ...], guesses: tuple[str, ...]) -> None:
        self._observe, self._names, self._guesses = observe, names, guesses
        self._seen: dict[tuple[tuple[str, int], ...], Shapes] = {}
        self._runs = tuple(sizes_of_run(names, run) for run in range(3))

    def remember(self, sizes: Sizes, shapes: Shapes) -> None:
        self._seen[tuple(sizes.items())] = shapes

    def at(self, sizes: Sizes) -> Shapes:
        key = tuple(sizes.items())
        if key not in self._seen:
            self._seen[key] = self._observe(sizes)
        return self._seen[key]

    def read(self, place: tuple[int, int]) -> Dim | None:
        """The size at this place of the results."""
        first, second = self._value(place, self._runs[0]), self._value(place, self._runs[1])
        if first == second:
            return first
        for guess in self._guesses:
            if value_of(guess, self._runs[0]) == first and value_of(guess, self._runs[1]) == second:
                return guess
        text = self._product(first, second) or self._fit(place)
        return text if text and self._holds(text, place) else None

    def _value(self, place: tuple[int, int], sizes: Sizes) -> int:
        return self.at(sizes)[place[0]][place[1]]

    def _holds(self, text: str, place: tuple[int, int]) -> bool:
        return all(value_of(text, sizes) == self._value(place, sizes) for sizes in self._runs)

    def _product(self, first: int, second: int) -> str:
        """A constant times two or three of the inputs' free sizes, as after flattening them into one."""
        for count in range(2, _MOST_FACTORS + 1):
            for chosen in combinations_with_replacement(self._guesses[:8], count):
                whole = [prod(value_of(c, sizes) for c in chosen) for sizes in self._runs[:2]]
                if whole[0] and first % whole[0] == 0 and whole[1] and first // whole[0] * whole[1] == second:
                    return product_text(first // whole[0], chosen)
        return ""

    def _fit(self, place: tuple[int, int]) -> str:
        first = self._value(place, self._runs[0])
        slopes = {}
        for name in self._names:
            changed = {**self._runs[0], name: self._runs[1][name]}
            step = self._runs[1][name] - self._runs[0][name]
            slope = Fraction(self._value(place, changed) - first, step).limit_denominator(_LARGEST_STRIDE)
            if slope:
                slopes[name] = slope
        if any(slope.denominator > 1 for slope in slopes.values()):
            return self._divided(place, *next(iter(slopes.items()))) if len(slopes) == 1 else ""
        rest = first - sum(int(slope) * self._runs[0][name] for name, slope in slopes.items())
        return sum_text({name: int(slope) for name, slope in slopes.items()}, rest)

    def _divided(self, place: tuple[int, int], name: str, slope: Fraction) -> str:
        """(p * T + c) // q: every run halves what c can still be."""
        p, q = slope.numerator, slope.denominator
        low, high = -(10**9), 10**9
        sizes = dict(self._runs[0])
        for run in range(3 + _LARGEST_STRIDE.bit_length()):
            low_here = q * self._value(place, sizes) - p * sizes[name]
            low, high = max(low, low_here), min(high, low_here + q - 1)
            if low >= high:
                break
            middle = (low + high + 1) // 2
            start = self._runs[1][name] + run * q
            sizes[name] = next((s for s in range(start, start + q) if (p * s + middle) % q == 0), start)
        if low != high:
            return ""
        return divided_text(sum_text({name: p}, low), q)


def product_text(factor: int, factors: Iterable[str]) -> str:
    """ "16 * B * T"."""
    ordered = sorted(factors, key=_rank)
    parts = [f if f.isidentifier() else f"({f})" for f in ordered]
    return " * ".join([str(factor), *parts] if factor != 1 else parts)


def sum_text(slopes: Mapping[str, int], rest: int) -> str:
    """ "2 * B + T - 1"."""
    text = ""
    for name, slope in sorted(slopes.items(), key=lambda item: _rank(item[0])):
        term = name if abs(slope) == 1 else f"{abs(slope)} * {name}"
        text += (" - " if slope < 0 else " + ") + term
    text = "-" + text[3:] if text.startswith(" - ") else text[3:]
    if rest:
        text += f" + {rest}" if rest > 0 else f" - {-rest}"
    return text


def divided_text(text: str, divisor: int) -> str:
    """ "(T + 1) // 2"."""
    return f"{text} // {divisor}" if text.isidentifier() else f"({text}) // {divisor}"
