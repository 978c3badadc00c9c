"""Where Netsmith keeps what is not in a project file: settings, recent files, trust, journals, runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def data_dir() -> Path:
    """The folder of this user's data, not necessarily there yet: $NETSMITH_HOME or the platform's own place."""
    if home := os.environ.get("NETSMITH_HOME"):
        return Path(home).expanduser()
    if sys.platform == "win32":
        return _named("APPDATA", Path.home() / "AppData" / "Roaming") / "Netsmith"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Netsmith"
    return _named("XDG_DATA_HOME", Path.home() / ".local" / "share") / "netsmith"


def _named(variable: str, otherwise: Path) -> Path:
    """The folder in an environment variable; the standard wants relative ones to be ignored."""
    path = Path(os.environ.get(variable, ""))
    return path if path.is_absolute() else otherwise


def made(path: Path) -> Path:
    """The folder, made if it was not there. Raises: OSError."""
    path.mkdir(parents=True, exist_ok=True)
    return path


def blocks_dir() -> Path:
    """The blocks that this user has put by, one project file each."""
    return data_dir() / "blocks"


def runs_dir() -> Path:
    """Every run with its project, script, checkpoints and metrics."""
    return data_dir() / "runs"


def journal_dir() -> Path:
    """Projects as they were when the program last saw them, for recovery."""
    return data_dir() / "journal"


def cache_dir() -> Path:
    """What can be fetched or made again, such as downloaded data sets."""
    return data_dir() / "cache"


def config_file() -> Path:
    """Settings of the window."""
    return data_dir() / "settings.ini"


def recent_file() -> Path:
    """The list of recently opened files."""
    return data_dir() / "recent.json"


def trust_file() -> Path:
    """Content hashes of the user code that this user trusts."""
    return data_dir() / "trust.json"
