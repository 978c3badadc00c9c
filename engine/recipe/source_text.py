"""Pieces of source text with words of the user's in them, quoted and broken as a formatter would leave them."""

from __future__ import annotations

from collections.abc import Iterable

LINE = 88


def quoted(text: str) -> str:
    """A string literal: double quotes, unless single ones need fewer escapes."""
    written = repr(text)
    if written[0] == '"' or text.count('"') > text.count("'"):
        return written
    inside = written[1:-1].replace("\\'", "'").replace('"', '\\"')
    return f'"{inside}"'


def assigned(name: str, text: str, indent: str = "") -> str:
    """`name = "text"`, in parentheses where only they make it fit."""
    literal = quoted(text)
    if len(f"{indent}{name} = {literal}") <= LINE or len(f"{indent}    {literal}") > LINE:
        return f"{indent}{name} = {literal}"
    return f"{indent}{name} = (\n{indent}    {literal}\n{indent})"


def listed(start: str, items: Iterable[str], end: str, indent: str = "") -> str:
    """`start item, item end` on one line if it fits, else one item a line, each ended by a comma."""
    written = list(items)
    flat = f"{indent}{start}{', '.join(written)}{end}"
    if len(flat) <= LINE:
        return flat
    return f"{indent}{start}\n" + "".join(f"{indent}    {item},\n" for item in written) + f"{indent}{end}"
