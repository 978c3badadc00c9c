"""The script of a run as it was changed by hand, in the run's folder beside the one that it began with. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from engine.codegen.steering_text import Change, steered
from engine.training.events import Steered

NAME = "steered.py"


class SteeredFile:
    """Written anew with every change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changes: list[Change] = []
        self._is_written = True

    def take(self, event: Steered) -> None:
        """Note a change."""
        self._changes.append(Change(**{f.name: getattr(event, f.name) for f in fields(Change)}))
        self._is_written = False

    def write(self) -> None:
        """Bring the file up to date. Raises: OSError."""
        if self._is_written:
            return
        text = (self._folder / "script.py").read_text(encoding="utf-8")
        (self._folder / NAME).write_text(steered(text, self._changes), encoding="utf-8")
        self._is_written = True


def from_record(facts: Mapping[str, Any]) -> Steered:
    """The event that the store kept; one of before there was more to say of it has less in it."""
    known = {f.name for f in fields(Steered)}
    given = {name: value for name, value in facts.items() if name in known}
    given["node"] = tuple((str(block), str(node)) for block, node in given.get("node", ()))
    given["helpers"] = tuple(given.get("helpers", ()))
    return Steered(**given)
