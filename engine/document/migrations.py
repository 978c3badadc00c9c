"""From every earlier version of the file format to the present one: one function a step, on plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import FileError

VERSION = 2

Step = Callable[[dict[str, Any]], dict[str, Any]]
# Key n leads from version n to n + 1. Steps never change once they were released: tests keep a file of every version.
STEPS: Mapping[int, Step] = {
    1: lambda data: data,  # wires may be led through points: a file without them says that there are none
}


def migrate(data: dict[str, Any], steps: Mapping[int, Step] = STEPS, latest: int = VERSION) -> dict[str, Any]:
    """The same project in the present format. Raises: FileError for a version that is unknown or newer than ours."""
    version = data.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise FileError('The project file has no "version".', "It is a whole number, 1 or more.")
    if version > latest:
        raise FileError(
            f"The project was saved by a newer Netsmith (file version {version}, this one reads up to {latest}).",
            "Update Netsmith to open it.",
        )
    while version < latest:
        data = {**steps[version](data), "version": version + 1}
        version += 1
    return data
