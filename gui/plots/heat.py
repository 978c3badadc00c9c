"""Values as colours: sizes on a logarithmic map that is dark where they are small, in every theme; ratios, shares and
values with a sign each on a scale of their own."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from typing import Literal

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
IDEAL_RATIO = 1e-3  # of update to weight: Karpathy's rule of thumb, the middle of its scale
RATIO_SPAN = 2.0  # decades to either side

Kind = Literal["size", "ratio", "share", "signed"]


@dataclass(frozen=True)
class HeatScale:
    """Colours for values between two limits; what lies beyond has the colour of the nearer end.

    kind: "size" and "ratio" are logarithmic, their limits 10**low and 10**high; "share" goes from 0 to 1; "signed" from
    `low` to `high` with nothing in the middle. Ratios and signed values diverge from the ground of the panel.
    """

    low: float = FRESH[0]
    high: float = FRESH[1]
    kind: Kind = "size"

    @staticmethod
    def fitting(values: Floats, kind: Kind = "size") -> HeatScale:
        """The scale for these values.

        Of sizes: 2nd to 98th percentile, at least two decades, rounded outwards to half ones. Ratios and shares always
        have the same scale. Of signed values: the 98th percentile to either side, rounded up to one figure.
        """
        shown = np.abs(values[np.isfinite(values) & (values != 0) & (values != NOTHING)])
        if kind == "ratio":
            middle = math.log10(IDEAL_RATIO)
            return HeatScale(middle - RATIO_SPAN, middle + RATIO_SPAN, kind)
        if kind == "share":
            return HeatScale(0.0, 1.0, kind)
        if kind == "signed":
            most = _rounded_up(float(np.percentile(shown, PERCENTILES[1]))) if len(shown) else 1.0
            return HeatScale(-most, most, kind)
        if not len(shown):
            return HeatScale()
        low, high = np.percentile(np.log10(shown), PERCENTILES)
        low, high = math.floor(low / ROUNDING) * ROUNDING, math.ceil(high / ROUNDING) * ROUNDING
        lacking = max(LEAST_DECADES - (high - low), 0.0)
        low -= math.ceil(lacking / 2 / ROUNDING) * ROUNDING
        return HeatScale(low, max(high, low + LEAST_DECADES))

    @property
    def is_logarithmic(self) -> bool:
        return self.kind in ("size", "ratio")

    def share(self, value: float) -> float:
        """Where a value stands between the limits, from 0 to 1."""
        if self.is_logarithmic:
            if value == 0:
                return 0.0
            value = math.log10(abs(value))
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    def at(self, share: float) -> QColor:
        """The colour at a place between the limits, from 0 to 1."""
        return QColor.fromRgba(int(self._colours()[int(share * (SHADES - 1))]))

    def argb(self, values: Floats) -> np.ndarray:
        """Opaque colours for values, as 0xAARRGGBB; red where not finite, clear where there is no value."""
        with np.errstate(divide="ignore", invalid="ignore"):
            places = np.log10(np.abs(values)) if self.is_logarithmic else values
            shares = (places - self.low) / (self.high - self.low)
        shades = (np.clip(np.nan_to_num(shares), 0, 1) * (SHADES - 1)).astype(np.intp)
        colours = self._colours()[shades]
        colours[~np.isfinite(values)] = theme().heat.not_finite.fill.rgba()
        if self.kind != "signed":
            colours[values == NOTHING] = 0
        return colours

    def ticks(self) -> list[tuple[float, str]]:
        """Shares and labels, from the upper limit down: whole decades, or both ends and the middle."""
        if not self.is_logarithmic:
            return [(share, self.label(share)) for share in (1.0, 0.5, 0.0)]
        decades = range(math.ceil(self.low), math.floor(self.high) + 1)
        step = max(1, math.ceil((len(decades) - 1) / 4))
        return [((d - self.low) / (self.high - self.low), _decade(d)) for d in decades[::-1][::step]]

    def label(self, share: float) -> str:
        """What stands at a place between the limits: 1e-4, 3.2e-3, 3.2, 1."""
        value = self.low + share * (self.high - self.low)
        if not self.is_logarithmic:
            return f"{value:.2g}"
        if value == int(value):
            return "0.1" if value == -1 else _decade(int(value))
        mantissa, rest = f"{10**value:.1e}".split("e")
        return f"{mantissa}e{int(rest)}" if int(rest) else mantissa

    def _colours(self) -> np.ndarray:
        return _diverging(theme().scheme) if self.kind in ("ratio", "signed") else _table()


def heat_colour(value: float, scale: HeatScale) -> QColor:
    """The colour of one value; the colour of "not finite" for nan and infinities."""
    if not math.isfinite(value):
        return QColor(theme().heat.not_finite.fill)
    return scale.at(scale.share(value))


def shades() -> np.ndarray:
    """The map from dark to light in 256 shades, as 0xAARRGGBB; of levels, 0 is "not finite"."""
    found = _table().copy()
    found[0] = theme().heat.not_finite.fill.rgba()
    return found


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


@cache
def _diverging(scheme: str) -> np.ndarray:
    """The five stops around the theme's own ground, mixed in CIELAB, in 256 shades as 0xAARRGGBB."""
    stops = np.array([_lab(stop) for stop in theme().ratio_stops()])
    places, along = np.linspace(0, 1, SHADES), np.linspace(0, 1, len(stops))
    mixed = np.stack([np.interp(places, along, stops[:, part]) for part in range(3)], axis=1)
    parts = np.round(_rgb(mixed) * 255).astype(np.uint32)
    return np.uint32(OPAQUE) | (parts[:, 0] << np.uint32(16)) | (parts[:, 1] << np.uint32(8)) | parts[:, 2]


_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])  # D65
_KNEE = 6 / 29


def _lab(colour: QColor) -> np.ndarray:
    """CIELAB of an sRGB colour (CIE 15:2004, IEC 61966-2-1)."""
    parts = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    ratio = _TO_XYZ @ linear / _WHITE
    x, y, z = np.where(ratio > _KNEE**3, np.cbrt(ratio), ratio / (3 * _KNEE**2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _rgb(lab: np.ndarray) -> np.ndarray:
    """sRGB from 0 to 1 of CIELAB colours, shape (N, 3)."""
    y = (lab[:, 0] + 16) / 116
    bent = np.stack([y + lab[:, 1] / 500, y, y - lab[:, 2] / 200], axis=1)
    ratio = np.where(bent > _KNEE, bent**3, 3 * _KNEE**2 * (bent - 4 / 29))
    linear = np.clip(ratio * _WHITE @ np.linalg.inv(_TO_XYZ).T, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def _rounded_up(value: float) -> float:
    """The next number of one figure: 0.0312 gives 0.04."""
    if value <= 0:
        return 1.0
    decade = 10.0 ** math.floor(math.log10(value))
    return math.ceil(value / decade - 1e-9) * decade
