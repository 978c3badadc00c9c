"""Where an axis begins and ends, what its three labels are, and how numbers are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gui.plots.options import Scale

NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
EPSILON = 1e-9


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, with labels; both are exponents of ten when the axis is logarithmic."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False


def value_axis(least: float, most: float, positive: bool, scale: Scale = "auto") -> Axis:
    """The axis for what lies between two finite values: logarithmic when that is more than a decade of positives.

    scale: "linear" or "log" decides it otherwise; a logarithmic axis needs a positive `least`.
    """
    wide = positive and least > 0 and most > 10 * least
    if (wide and scale == "auto") or (scale == "log" and least > 0):
        return _log_axis(least, max(most, least * (1 + EPSILON)))
    return _linear_axis(least, most)


def zoomed_axis(axis: Axis, low: float, high: float) -> Axis:
    """A part of an axis, between two heights in its own units, with labels of its own."""
    if not axis.log:
        marks = _linear_axis(low, high).ticks
        return Axis(low, high, tuple(tick for tick in marks if low <= tick[0] <= high) or ((low, reading(low)),))
    steps = [mark for mark in _steps_around(10.0**low, 10.0**high) if low <= math.log10(mark) <= high]
    steps = [steps[0], steps[len(steps) // 2], steps[-1]] if len(steps) > 3 else steps
    ticks = tuple((math.log10(mark), _log_label(mark)) for mark in dict.fromkeys(steps))
    return Axis(low, high, ticks or ((low, reading(10.0**low)),), log=True)


def _log_axis(least: float, most: float) -> Axis:
    """From and to a 1, 2 or 5 times a power of ten; labels at whole decades where there are three."""
    steps = _steps_around(least, most)
    whole = [value for value in steps if math.isclose(math.log10(value), round(math.log10(value)), abs_tol=1e-6)]
    stride = max((len(whole) - 1) // 2, 1)
    marks = whole[-1::-stride][:3] if len(whole) > 2 else [steps[0], steps[len(steps) // 2], steps[-1]]
    ticks = tuple((math.log10(mark), _log_label(mark)) for mark in marks)
    return Axis(math.log10(steps[0]), math.log10(steps[-1]), ticks, log=True)


def _steps_around(least: float, most: float) -> list[float]:
    """Every 1, 2 and 5 times a power of ten from the last below `least` to the first above `most`."""
    powers = range(math.floor(math.log10(least)) - 1, math.ceil(math.log10(most)) + 2)
    steps = [float(f"{factor}e{power}") for power in powers for factor in (1, 2, 5)]
    first = max(i for i, step in enumerate(steps) if step <= least * (1 + EPSILON))
    last = min(i for i, step in enumerate(steps) if step >= most * (1 - EPSILON))
    return steps[first : last + 1]


def _linear_axis(least: float, most: float) -> Axis:
    spread = max(most - least, 0.02 * max(abs(least), abs(most))) or 1.0
    scale = 10.0 ** math.floor(math.log10(spread / 2))
    for factor in (*NICE, 2 * NICE[-1], 5 * NICE[-1]):
        step = factor * scale
        low = math.floor(least / step + EPSILON) * step
        if low + 2 * step >= most - EPSILON * spread:
            break
    marks = [low, low + step, low + 2 * step]
    return Axis(low, marks[-1], tuple((mark, _fixed(mark, step)) for mark in marks))


def _fixed(value: float, step: float) -> str:
    """A label with as many decimals as its step needs; the exponent form far from one."""
    if max(abs(value), step) >= 1e6 or step < 1e-4:
        return scientific(value) if value else "0"
    decimals = max(0, -math.floor(math.log10(step) + EPSILON))
    if not math.isclose(step, round(step, decimals), rel_tol=1e-6):
        decimals += 1
    return f"{value + 0.0:,.{decimals}f}".replace("-0", "0") if value == 0 else f"{value:,.{decimals}f}"


def _log_label(value: float) -> str:
    """A label as short as it can be: 100, 0.5, 0.01, 1e-3."""
    return f"{value:,.10g}" if 0.01 <= value < 1e5 else scientific(value, figures=1)


def scientific(value: float, figures: int = 2) -> str:
    """Two figures and an exponent, as norms are written: 3.1e-2, 3.2. Not finite: NaN, Inf, −Inf."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Inf" if value > 0 else "−Inf")
    mantissa, exponent = f"{value:.{figures - 1}e}".split("e")
    return f"{mantissa}e{int(exponent)}" if int(exponent) else mantissa


def reading(value: float) -> str:
    """A value of a curve: three figures, 0.143 or 12.4; the exponent form far from one."""
    if not math.isfinite(value) or (value != 0 and not 1e-3 <= abs(value) < 1e5):
        return scientific(value)
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}" if abs(value) >= 1 else f"{value:.3f}"
