"""LaTeX typeset as outlines, with the proportions and the glyphs of a font made for mathematics.

Takes some hundredths of a second a formula and a tenth for the first, so it belongs into a thread. The outlines are
plain numbers, in the unit of the size of type, with the baseline at 0 and y downwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from xml.etree import ElementTree

_EM = 100.0  # the library rounds to thousandths of its unit
_STEP = re.compile(r"[MLQCZ]|-?[\d.]+(?:e-?\d+)?")
_ARITY = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}
_BREAK = re.compile(r"\s*\\q?quad\s*")
_LOWER_LIMIT = re.compile(r"(\\(?:sum|prod|max|min|sup|inf)_(?:\{(?:[^{}]|\{[^{}]*\})*\}|[^\s{\\]))(?!\s*\^)")
Step = tuple[str, tuple[float, ...]]


@dataclass(frozen=True)
class Outline:
    """What is drawn of a formula, and the room it takes: above and below the baseline, in sizes of type."""

    steps: tuple[Step, ...]
    width: float
    above: float
    below: float


def lines_of(latex: str) -> tuple[str, ...]:
    """The parts of a formula that may stand in lines of their own: LaTeX has a quad between them."""
    return tuple(part for part in _BREAK.split(latex) if part)


@cache
def typeset(latex: str) -> tuple[Outline, ...] | None:
    """The outlines of a formula, one for each part that may have a line of its own; None if it is no LaTeX."""
    try:
        return tuple(_outline(part) for part in lines_of(latex))
    except Exception:  # noqa: BLE001 (the library raises whatever its parsers do; the line of text stays instead)
        return None


def _outline(latex: str) -> Outline:
    import ziamath  # loads and reads its font: not before a formula is wanted

    ziamath.config.svg2 = False  # outlines in place instead of symbols and their uses
    if "\\left" in latex:  # brackets grow without end around a sum that has a lower limit only
        latex = _LOWER_LIMIT.sub(r"\1^{\\,}", latex)
    picture = ElementTree.fromstring(ziamath.Latex(latex, size=_EM).svg())
    steps: list[Step] = []
    for shape in picture:
        tag = shape.tag.rpartition("}")[2]
        if tag == "path":
            steps += _path(shape.attrib["d"])
        elif tag == "rect":
            steps += _rectangle(*(float(shape.attrib[name]) / _EM for name in ("x", "y", "width", "height")))
    points = [(v[i], v[i + 1]) for _, v in steps for i in range(0, len(v), 2)]
    left = min(x for x, _ in points)
    moved = tuple((c, tuple(n - left if i % 2 == 0 else n for i, n in enumerate(v))) for c, v in steps)
    heights = [y for _, y in points]
    return Outline(moved, max(x for x, _ in points) - left, max(-min(heights), 0.0), max(*heights, 0.0))


def _path(data: str) -> list[Step]:
    words, steps = _STEP.findall(data), []
    at = 0
    while at < len(words):
        command = words[at]
        count = _ARITY[command]
        steps.append((command, tuple(float(word) / _EM for word in words[at + 1 : at + 1 + count])))
        at += 1 + count
    return steps


def _rectangle(x: float, y: float, width: float, height: float) -> list[Step]:
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    return [("M", corners[0]), *(("L", corner) for corner in corners[1:]), ("Z", ())]
