"""Sizes that are left free: run as large primes, read back as expressions such as "B", "2 * B", "(T + 1) // 2".

One run cannot tell a vocabulary of 10,000 from B + 27, so nothing is read from one run alone: a size is constant when
it stays the same while every free size changes, and an expression is believed when it holds in other runs, a small one
among them, so that what is cut off at a number shows itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from itertools import combinations_with_replacement
from math import gcd, prod

from engine.analysis.curve import fitted
from engine.analysis.line import exact_text, product_text, rank, sum_text
from engine.errors import EngineError
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
_SMALL = (37, 41, 43, 47, 53, 59, 61, 67)
_DIVISIBLE = 3360  # by everything up to 8, by 10, 12, 14, 15, 16, 32 ...
_MULTIPLES = ((2, 3, 5), (3, 5, 2), (5, 2, 7), (7, 11, 3))
_MOST_FACTORS = 3
_MOST_GUESSES = 8


def names_in(specs: Iterable[TensorSpec]) -> tuple[str, ...]:
    """The free sizes that these shapes mention, the batch first."""
    found = {n for spec in specs for size in spec.sizes if isinstance(size, str) for n in Expr(size).names()}
    return tuple(sorted(found, key=rank))


def sizes_of_run(names: tuple[str, ...], run: int) -> dict[str, int]:
    """What the free sizes are in runs 0, 1 and 2."""
    return _sizes(names, _BATCHES[run], lambda i: _OTHERS[i % len(_OTHERS)][run] + 1000000 * (i // len(_OTHERS)))


def _sizes(names: tuple[str, ...], batch: int, other: Callable[[int], int]) -> dict[str, int]:
    others = [n for n in names if n != BATCH]
    return {BATCH: batch, **{n: other(i) for i, n in enumerate(others)}}


def value_of(size: Dim, sizes: Sizes) -> int:
    """A size as a number."""
    if isinstance(size, int):
        return size
    return sizes[size] if size in sizes else int(Expr(size).evaluate(sizes))


def concrete(spec: TensorSpec, sizes: Sizes) -> tuple[int, ...]:
    """A shape as numbers."""
    return tuple(value_of(size, sizes) for size in spec.shape)


def divisible_sizes(names: tuple[str, ...], run: int) -> dict[str, int]:
    """Free sizes that a window, a factor or a number of parts divides, for layers that take no others."""
    return _sizes(names, _BATCHES[run], lambda i: _DIVISIBLE * _MULTIPLES[i % len(_MULTIPLES)][run])


def read_back(
    observe: Observe, names: tuple[str, ...], seen: Iterable[TensorSpec], *, divisible: bool = False
) -> tuple[tuple[Dim | None, ...], ...]:
    """The shapes that `observe` gives, as expressions over the free sizes; None for a size that follows no known rule.

    seen: the inputs, whose sizes are the first guesses and the factors of products. divisible: the layer takes only
    sizes that something divides, and its results are written as exact quotients.
    """
    probe = _Probe(observe, names, tuple(seen), divisible)
    base = probe.at(probe.runs[0])
    if not names:
        return base
    second = probe.at(probe.runs[1])
    if [len(s) for s in base] != [len(s) for s in second]:
        return tuple((None,) for _ in base)
    return tuple(tuple(probe.read((i, j)) for j in range(len(shape))) for i, shape in enumerate(base))


class _Probe:
    """Asks for shapes at chosen sizes, each only once, and fits an expression to one position of one shape."""

    def __init__(
        self, observe: Observe, names: tuple[str, ...], specs: tuple[TensorSpec, ...], divisible: bool
    ) -> None:
        self._observe, self._names, self._specs, self._divisible = observe, names, specs, divisible
        self._guesses = tuple(dict.fromkeys(s for spec in specs for s in spec.sizes if isinstance(s, str)))
        self._seen: dict[tuple[tuple[str, int], ...], Shapes] = {}
        of_run = divisible_sizes if divisible else sizes_of_run
        self.runs = tuple(of_run(names, run) for run in range(3))

    def at(self, sizes: Sizes) -> Shapes:
        key = tuple(sizes.items())
        if key not in self._seen:
            self._seen[key] = self._observe(sizes)
        return self._seen[key]

    def read(self, place: tuple[int, int]) -> Dim | None:
        """The size at this place of the results."""
        first, second = (self._value(place, run) for run in self.runs[:2])
        if first == second:
            return first if self._holds(str(first), place) else self._capped(place, first)
        for guess in self._guesses:
            if value_of(guess, self.runs[0]) == first and value_of(guess, self.runs[1]) == second:
                return guess if self._holds(guess, place) else None
        for attempt in (self._of_one_guess, self._sum_of_inputs, self._product, self._sum, self._separated):
            text = attempt(place)
            if text and self._holds(text, place):
                return text
        return None

    def _value(self, place: tuple[int, int], sizes: Sizes) -> int:
        return self.at(sizes)[place[0]][place[1]]

    def _holds(self, text: str, place: tuple[int, int]) -> bool:
        if self._names == (BATCH,) and text.isdigit():
            return True
        runs = (*self.runs, *self._small()) if not self._divisible else self.runs
        return all(value_of(text, sizes) == self._value(place, sizes) for sizes in runs)

    def _small(self) -> tuple[Sizes, ...]:
        """A run with small sizes, if the layer can take them and gives anything."""
        if self._names == (BATCH,):
            return ()
        sizes = _sizes(self._names, _BATCHES[0], lambda i: _SMALL[i % len(_SMALL)])
        try:
            shapes = self.at(sizes)
        except Exception:  # noqa: BLE001 - a kernel that is larger, or whatever else torch minds
            return ()
        same_ranks = [len(s) for s in shapes] == [len(s) for s in self.at(self.runs[0])]
        return (sizes,) if same_ranks and all(all(shape) for shape in shapes) else ()

    def _of_one_guess(self, place: tuple[int, int]) -> str:
        """A multiple of one size of the inputs and a number."""
        first, second = (self._value(place, run) for run in self.runs[:2])
        for guess in self._guesses:
            if guess.isidentifier():
                continue
            start, end = (value_of(guess, run) for run in self.runs[:2])
            if start != end and (second - first) % (end - start) == 0:
                factor = (second - first) // (end - start)
                text = exact_text(factor, guess, first - factor * start) or sum_text(
                    {guess: factor}, first - factor * start
                )
                if self._holds(text, place):
                    return text
        return ""

    def _sum_of_inputs(self, place: tuple[int, int]) -> str:
        """The sizes of all inputs along one dimension, as after joining them."""
        shapes = [spec.shape for spec in self._specs]
        for index in range(min(map(len, shapes))) if len(shapes) > 1 else ():
            sizes = [shape[index] for shape in shapes]
            slopes = {s: sizes.count(s) for s in sizes if isinstance(s, str)}
            text = sum_text(slopes, sum(s for s in sizes if isinstance(s, int))) if slopes else ""
            if text and all(value_of(text, run) == self._value(place, run) for run in self.runs[:2]):
                return text
        return ""

    def _product(self, place: tuple[int, int]) -> str:
        """A constant times two or three of the inputs' free sizes, as after flattening them into one."""
        first, second = (self._value(place, run) for run in self.runs[:2])
        for count in range(2, _MOST_FACTORS + 1):
            for chosen in combinations_with_replacement(self._guesses[:_MOST_GUESSES], count):
                whole = [prod(value_of(c, sizes) for c in chosen) for sizes in self.runs[:2]]
                share = Fraction(first, whole[0]) if all(whole) else Fraction(0)
                if share * whole[1] == second and share and (share.denominator == 1 or self._divisible):
                    text = product_text(share.numerator, chosen)
                    return text if share.denominator == 1 else f"{text} / {share.denominator}"
        return ""

    def _follow(self, place: tuple[int, int], name: str, value: int) -> int:
        return self._value(place, {**self.runs[0], name: value})

    def _text_of(self, place: tuple[int, int], name: str, divisor: int = 1) -> str:
        """How the size follows one name while the others stay."""
        start, end = self.runs[0][name], self.runs[1][name]
        if self._divisible and name != BATCH:
            return exact_fit(name, lambda x: self._follow(place, name, x) // divisor, start, end)
        return fitted(name, lambda x: self._follow(place, name, x) // divisor, start, end)

    def _moving(self, place: tuple[int, int]) -> list[str]:
        first = self._value(place, self.runs[0])
        return [n for n in self._names if self._follow(place, n, self.runs[1][n]) != first]

    def _sum(self, place: tuple[int, int]) -> str:
        """One formula for each name, added up."""
        first, moving = self._value(place, self.runs[0]), self._moving(place)
        if len(moving) == 1:
            return self._text_of(place, moving[0])
        moved = [self._follow(place, n, self.runs[1][n]) - first for n in moving]
        if first + sum(moved) != self._value(place, self.runs[1]):
            return ""
        texts = [self._text_of(place, n) for n in moving]
        if not all(texts):
            return ""
        slopes: dict[str, int] = {}
        for name, text in zip(moving, texts):
            slope = moved[moving.index(name)] // (self.runs[1][name] - self.runs[0][name])
            linear = "/" not in text
            slopes[name if linear else text] = slope if linear else 1
        rest = first - sum(k * value_of(text, self.runs[0]) for text, k in slopes.items())
        return sum_text(slopes, rest)

    def _separated(self, place: tuple[int, int]) -> str:
        """One formula for each name, multiplied: the number of windows in an image."""
        first, moving = self._value(place, self.runs[0]), self._moving(place)
        ratio = prod(self._follow(place, n, self.runs[1][n]) for n in moving)
        if len(moving) < 2 or not first or ratio != self._value(place, self.runs[1]) * first ** (len(moving) - 1):
            return ""
        texts = []
        for name in moving:
            start, end = self.runs[0][name], self.runs[1][name]
            step = _DIVISIBLE if self._divisible and name != BATCH else 1
            around = (start, end, *(start + step * n for n in range(1, 9)))
            others = gcd(*(self._follow(place, name, x) for x in around))
            texts.append(self._text_of(place, name, max(1, others)))
        if not all(texts):
            return ""
        whole = prod(value_of(text, self.runs[0]) for text in texts)
        return product_text(first // whole, tuple(texts)) if whole and first % whole == 0 else ""

    def _capped(self, place: tuple[int, int], most: int) -> str | None:
        """min(T, 100): a free size that something cuts off."""
        for small, guess in ((run, g) for run in self._small() for g in self._guesses):
            rest = self._value(place, small) - value_of(guess, small)
            text = sum_text({f"min({guess}, {most - rest})": 1}, rest)
            tries = [n for n in Expr(guess).names() if n != BATCH]
            if tries and self._holds(text, place) and self._holds_near(text, place, tries[0], most - rest):
                return text
        return None

    def _holds_near(self, text: str, place: tuple[int, int], name: str, edge: int) -> bool:
        """Around the place where a size is cut off."""
        for value in (edge - 1, edge, edge + 1):
            sizes = {**self.runs[0], name: value}
            try:
                if value_of(text, sizes) != self._value(place, sizes):
                    return False
            except EngineError:
                return False
        return True


def exact_fit(name: str, follow: Callable[[int], int], start: int, end: int) -> str:
    """p * T / q + d where q is known to divide."""
    slope = Fraction(follow(end) - follow(start), end - start)
    rest = follow(start) - slope * start
    if not slope or rest.denominator != 1:
        return ""
    whole = name if slope.numerator == 1 else f"{slope.numerator} * {name}"
    text = whole if slope.denominator == 1 else f"{whole} / {slope.denominator}"
    return sum_text({text: 1}, int(rest)) if rest else text
