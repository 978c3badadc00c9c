"""Sizes as colours: a logarithmic scale over a map that is dark where things are small, in every theme."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from PySide6.QtGui import QColor

from gui.plots.axis import scientific
from gui.plots.thinning import NOTHING, Floats
from gui.theme import TOKENS, theme

MAPS = TOKENS.parent / "heat.json"
SHADES = 256
LEAST_DECADES = 2.0
ROUNDING = 0.5  # decades
PERCENTILES = (2.0, 98.0)
OPAQUE = 0xFF000000
FRESH = (-4.0, 0.0)  # limits before anything was seen


@dataclass(frozen=True)
class HeatScale:
    """Colours for sizes between 10**low and 10**high; what lies beyond has the colour of the nearer end."""

    low: float = FRESH[0]
    high: float = FRESH[1]

    @staticmethod
    def fitting(values: Floats) -> HeatScale:
        """The scale for these sizes: 2nd to 98th percentile, at least two decades, rounded outwards to half ones."""
        shown = np.abs(values[np.isfinite(values) & (values != 0) & (values != NOTHING)])
        if not len(shown):
            return HeatScale()
        low, high = np.percentile(np.log10(shown), PERCENTILES)
        low, high = math.floor(low / ROUNDING) * ROUNDING, math.ceil(high / ROUNDING) * ROUNDING
        lacking = max(LEAST_DECADES - (high - low), 0.0)
        low -= math.ceil(lacking / 2 / ROUNDING) * ROUNDING
        return HeatScale(low, max(high, low + LEAST_DECADES))

    def share(self, value: float) -> float:
        """Where a size stands between the limits, from 0 to 1."""
        if value == 0:
            return 0.0
        return min(max((math.log10(abs(value)) - self.low) / (self.high - self.low), 0.0), 1.0)

    def argb(self, values: Floats) -> np.ndarray:
        """Opaque colours for sizes, as 0xAARRGGBB; red where not finite, clear where there is no value."""
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = (np.log10(np.abs(values)) - self.low) / (self.high - self.low)
        places = (np.clip(np.nan_to_num(shares), 0, 1) * (SHADES - 1)).astype(np.intp)
        colours = _table()[places]
        colours[~np.isfinite(values)] = theme().heat.not_finite.fill.rgba()
        colours[values == NOTHING] = 0
        return colours

    def ticks(self) -> list[tuple[float, str]]:
        """Shares and labels of the whole decades, both limits among them when they are whole."""
        decades = range(math.ceil(self.low), math.floor(self.high) + 1)
        step = max(1, math.ceil((len(decades) - 1) / 4))
        return [((d - self.low) / (self.high - self.low), _decade(d)) for d in decades[::-1][::step]]


def heat_colour(value: float, scale: HeatScale) -> QColor:
    """The colour of one size; the colour of "not finite" for nan and infinities."""
    if not math.isfinite(value):
        return QColor(theme().heat.not_finite.fill)
    return QColor.fromRgba(int(_table()[int(scale.share(value) * (SHADES - 1))]))


def text_on(colour: QColor) -> QColor:
    """Black or white, whichever is easier to read on a heat."""
    return max(theme().heat.on_text, key=lambda text: contrast(text, colour))


def contrast(one: QColor, other: QColor) -> float:
    """Contrast of two opaque colours as WCAG defines it, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def reading_of(value: float) -> str:
    """A size as every heat writes it: 3.1e-2, NaN, Inf, or a dash where there is none."""
    return "–" if value == NOTHING else scientific(value)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _decade(exponent: int) -> str:
    return str(10**exponent) if 0 <= exponent <= 2 else f"1e{exponent}"


@cache
def _table() -> np.ndarray:
    """The map of the tokens between its own limits, in 256 shades as 0xAARRGGBB."""
    chosen = theme().heat.norm
    stops = [QColor(stop) for stop in json.loads(MAPS.read_text(encoding="utf-8"))["maps"][chosen.map]]
    places = np.linspace(chosen.range[0], chosen.range[1], SHADES)
    along = np.linspace(0, 1, len(stops))
    parts = [
        np.round(np.interp(places, along, [getattr(stop, name)() for stop in stops])).astype(np.uint32)
        for name in ("red", "green", "blue")
    ]
    return np.uint32(OPAQUE) | (parts[0] << np.uint32(16)) | (parts[1] << np.uint32(8)) | parts[2]
