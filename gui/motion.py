"""Whether the desktop asks programs to keep still."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

from PySide6.QtGui import QGuiApplication

SPI_GETCLIENTAREAANIMATION = 0x1042
ANSWER_WITHIN_S = 0.5


@cache
def system_reduces_motion() -> bool:
    """Qt's own answer where it has one (6.12), else what the desktop's setting says; read once.

    A desktop that gives no answer wants motion.
    """
    hints = QGuiApplication.styleHints() if QGuiApplication.instance() is not None else None
    access = hints.accessibility() if hints is not None and hasattr(hints, "accessibility") else None
    if access is not None and hasattr(access, "motionPreference"):
        return "Reduce" in access.motionPreference().name
    if sys.platform == "win32":
        return _windows_is_still()
    if sys.platform == "darwin":
        return _answer("defaults", "read", "com.apple.universalaccess", "reduceMotion") == "1"
    return _answer("gsettings", "get", "org.gnome.desktop.interface", "enable-animations") == "false"


def _windows_is_still() -> bool:
    import ctypes

    moves = ctypes.c_int(1)
    ctypes.windll.user32.SystemParametersInfoW(SPI_GETCLIENTAREAANIMATION, 0, ctypes.byref(moves), 0)  # type: ignore[attr-defined]
    return not moves.value


def _answer(*command: str) -> str:
    """What a command prints, or "" where it is not installed, fails or dawdles."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_WITHIN_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout.strip()
