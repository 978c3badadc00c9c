"""A piece of a network found in the text around it: a mail that quotes it, wraps lines or makes quotes curly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_START = re.compile(r'\{\s*"format"\s*:\s*"netsmith"')
_QUOTE = re.compile(r"^(?:[ \t]*[>|])+ ?", re.MULTILINE)
_PLAIN = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "\u00a0": " ", "\u200b": None, "\ufeff": None})


def looks_like_one(text: str) -> bool:
    """Whether somebody meant a piece of a network, be it whole or not."""
    return _START.search(_QUOTE.sub("", text).translate(_PLAIN)) is not None


def pieces_in(text: str) -> Iterator[str]:
    """The texts that may have been meant, the most likely first: each is JSON from one end to the other."""
    for plain in (text, text.translate(_PLAIN)):
        for bare in (plain, _QUOTE.sub("", plain)):
            for joint in ("\n", " ", ""):  # a line may have been broken in a name, at a space or anywhere
                whole = bare if joint == "\n" else joint.join(bare.splitlines())
                if (start := _START.search(whole)) is not None and (end := _end(whole, start.start())):
                    yield whole[start.start() : end]


def _end(text: str, start: int) -> int:
    """Where the JSON that starts here ends; 0 if it does not."""
    try:
        return json.JSONDecoder().raw_decode(text, start)[1]
    except (ValueError, RecursionError, MemoryError):
        return 0
