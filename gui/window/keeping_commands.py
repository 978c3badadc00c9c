"""The commands that keep moments of a run, go back to them, and go on with an edited model."""

from __future__ import annotations

from gui.actions import Command
from gui.window.keeping import Keeping


def keep(keeping: Keeping) -> list[Command]:
    """In the menu Train."""
    return [
        Command("train.checkpoint", "Train", "Save a checkpoint now", keeping.save, "floppy-disk", ("Ctrl+Shift+K",),
                keeping.why_not_save, first=True),
        Command("train.checkpoints", "Train", "Checkpoints…", keeping.show, "clock-counter-clockwise", ("Ctrl+Alt+K",),
                keeping.why_not_show),
        Command("train.carry", "Train", "Continue with the edited model…", keeping.carry, "", ("Ctrl+Alt+E",),
                keeping.why_not_carry),
    ]  # fmt: skip
