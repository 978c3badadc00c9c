"""The headless commands."""

from engine.cli.main import COMMANDS, run

__all__ = ["COMMANDS", "run"]
