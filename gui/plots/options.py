"""How the curves of a plot are looked at: axes and smoothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scale = Literal["auto", "linear", "log"]


@dataclass(frozen=True)
class CurveOptions:
    """values: "auto" is logarithmic when they span more than a decade. steps: "auto" is linear.

    smoothing: the share of an average that is left one step later, 0 for raw curves; None leaves it to the plot.
    """

    values: Scale = "auto"
    steps: Scale = "auto"
    smoothing: float | None = None


SMOOTHINGS: tuple[tuple[str, float | None], ...] = (
    ("Automatic", None),
    ("None", 0.0),
    ("Light", 0.8),
    ("Medium", 0.95),
    ("Strong", 0.99),
    ("Very strong", 0.998),
)
SCALES: tuple[tuple[str, Scale], ...] = (("Automatic", "auto"), ("Linear", "linear"), ("Logarithmic", "log"))
