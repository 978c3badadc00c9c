"""The commands that change a run while it goes on, or write its script with what was changed."""

from __future__ import annotations

from gui.actions import Command
from gui.window.steering import Steering


def steer(steering: Steering) -> list[Command]:
    """In the menu Train; freezing is in the canvas' menu too."""
    return [
        Command("train.steer", "Train", "Steer the run…", steering.open, "sliders", ("Ctrl+Alt+R", "Ctrl+Shift+R"),
                steering.why_not, first=True),
        Command("train.freeze", "Train", "Freeze in the running training", steering.freeze, "snowflake",
                ("Ctrl+Alt+F",), steering.why_not_freeze, steering.freeze_words),
        Command("train.dropout", "Train", "Dropout of the layer in the running training…", steering.dropout, "", (),
                steering.why_not_dropout),
        Command("train.script", "Train", "Export the script of this run…", steering.ask_export, "", (),
                steering.why_not_export),
    ]  # fmt: skip
