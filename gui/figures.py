"""How amounts are written: 208,842 · 12.4 M · 6.7 MFLOPs · 8.2 kB · 12 s ago."""

from __future__ import annotations

from datetime import datetime

STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
WHOLE = 1_000_000  # up to here a count is written out
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def count(value: int) -> str:
    """208,842, then 12.4 M."""
    return f"{value:,}" if value < WHOLE else _scaled(value, " ")


def flops(value: int) -> str:
    """6.7 MFLOPs."""
    return f"{_scaled(value, ' ')}FLOPs" if value >= STEPS[-1][0] else f"{value} FLOPs"


def size(value: int) -> str:
    """8.2 kB."""
    return f"{_scaled(value, ' ')}B" if value >= STEPS[-1][0] else f"{value} B"


def seconds(value: float) -> str:
    """320 µs, 12 ms, 1.4 s."""
    if value < 1e-3:
        return f"{value * 1e6:.0f} µs"
    return f"{value * 1e3:.{0 if value >= 0.01 else 1}f} ms" if value < 1 else f"{value:.1f} s"


def milliseconds(seconds: float) -> str:
    """0.12 ms, 4.2 ms, 130 ms, 2.4 s."""
    if seconds >= 1:
        return f"{seconds:.1f} s"
    value = seconds * 1e3
    return f"{value:.0f} ms" if value >= 100 else f"{value:.1f} ms" if value >= 1 else f"{value:.2f} ms"


def percent(share: float, digits: int = 0) -> str:
    """96.1 % of a share from 0 to 1, with a gap as every unit has one."""
    return f"{share * 100:.{digits}f} %"


def magnification(zoom: float) -> str:
    """5 % of a zoom, 0.54 % where a whole number would say little."""
    return percent(zoom, 0 if zoom >= 0.0095 else 2)


def plural(number: int, noun: str) -> str:
    """1 problem, 3 problems."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def when(moment: datetime, now: datetime) -> str:
    """today, 14:02; yesterday; Monday; 3 weeks ago; else the date."""
    days = (now.date() - moment.date()).days
    if days <= 0:
        return f"today, {moment:%H:%M}"
    if days == 1:
        return "yesterday"
    if days < len(DAYS):
        return DAYS[moment.weekday()]
    weeks = days // len(DAYS)
    return plural(weeks, "week") + " ago" if weeks <= 8 else f"{moment:%Y-%m-%d}"


def _scaled(value: float, gap: str) -> str:
    for step, letter in STEPS:
        if value >= step:
            amount = value / step
            return f"{amount:.0f}{gap}{letter}" if amount >= 100 else f"{amount:.1f}{gap}{letter}"
    return f"{value:.0f}{gap}"
