"""Whole numbers as people write them."""

from __future__ import annotations

import re
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?\d+(_\d+)*(\.\d*)?(e[+-]?\d{1,3})?", re.IGNORECASE | re.ASCII)
_DIGITS = 20


def whole(text: str) -> int | None:
    """The whole number that a text is, also as 1_000, 1e3 or 64.0; None if it is none, or one beyond all sense."""
    if not _NUMBER.fullmatch(text.strip()):
        return None
    number = Decimal(text.strip())
    is_whole = number.adjusted() < _DIGITS and number == number.to_integral_value()
    return int(number) if is_whole else None
