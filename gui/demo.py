"""`--demo`: the main job on the real window, with real mouse and key events, checked step by step."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QSize

from gui.app import Program, application
from gui.demo_hands import Hands, TooLateError
from gui.demo_steps import Play, StepError
from gui.window.desk import LARGE

GOOD, PROBLEM = 0, 1


def play(out: Path) -> int:
    """Play every step, say what it reached, and keep pictures and files in `out`. Returns: the exit code."""
    out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="netsmith-demo-", ignore_cleanup_errors=True) as home:
        os.environ["NETSMITH_HOME"] = home  # nobody's settings, recent files and runs are touched
        program = Program(application(["netsmith"]))
        program.window.resize(QSize(*LARGE))
        program.start()
        failed = _play(Play(Hands(program.window), program.preferences, out))
        program.session.file.forget_journal()
        program.session.close()
        program.crashes.stop()
    _say(f"{'Something failed.' if failed else 'Everything works.'} {time.perf_counter() - began:.0f} s, see {out}/")
    return PROBLEM if failed else GOOD


def _play(demo: Play) -> bool:
    """Returns: whether a step failed; those after it need it, and are left out."""
    for name, deed in demo.steps():
        began = time.perf_counter()
        try:
            figures = deed()
        except (StepError, TooLateError) as wrong:
            _say(f"FAILED  {name}: {wrong}")
            demo.hands.picture(demo.out / "failed.png")
            return True
        _say(f"  ok    {name}: {figures} ({time.perf_counter() - began:.1f} s)")
    return False


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
