"""Projects as JSON text: read in a fixed order of checks, written so that a diff reads well and nothing is lost."""

from __future__ import annotations

import errno
import json
import os
import secrets
import stat
from pathlib import Path
from typing import Any

from engine.document.decoding import decode
from engine.document.encoding import encode
from engine.document.migrations import VERSION, migrate
from engine.document.plain import need_plain
from engine.document.project import Project
from engine.errors import FileError

SUFFIX = ".netsmith"
FORMAT = "netsmith"
LARGEST_BYTES = 32 * 2**20
_BROKEN_OVER_LINES = {"blocks": 3, "layout": 3, "recipe": 1}  # levels; what is deeper stands on one line
_REASONS = {
    errno.ENOSPC: ("there is no space left on the disk", "Free some space or save somewhere else."),
    errno.EDQUOT: ("your share of the disk is used up", "Free some space or save somewhere else."),
    errno.EROFS: ("the disk cannot be written to", "Save somewhere else."),
    errno.EACCES: ("you may not write there", "Save somewhere else."),
    errno.EPERM: ("you may not write there", "Save somewhere else."),
    errno.ENOENT: ("the folder does not exist", "Make the folder or save somewhere else."),
    errno.ENOTDIR: ("the folder does not exist", "Save somewhere else."),
    errno.EISDIR: ("this is a folder", "Choose a file name."),
    errno.ENAMETOOLONG: ("the name is too long", "Choose a shorter name."),
}


def dumps(project: Project) -> str:
    """The project as text: one node and one wire a line, positions apart from meaning, always in the same order."""
    data = {"format": FORMAT, "version": VERSION, **encode(project)}
    parts = [f"  {_line(key)}: {_text(value, _BROKEN_OVER_LINES.get(key, 0), 1)}" for key, value in data.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _text(value: Any, levels: int, depth: int) -> str:
    if not levels or not value or not isinstance(value, (dict, list)):
        return _line(value)
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        items = [f"{inner}{_line(k)}: {_text(v, levels - 1, depth + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(items) + "\n" + outer + "}"
    items = [inner + _text(v, levels - 1, depth + 1) for v in value]
    return "[\n" + ",\n".join(items) + "\n" + outer + "]"


_line = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode  # `json.dumps` makes one for each of its calls


def loads(text: str) -> Project:
    """The project that the text describes. Raises: FileError saying what is wrong and where."""
    data = _parsed(text)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise FileError("This is no Netsmith project.", f'A project file starts with {{"format": "{FORMAT}", ...}}.')
    need_plain(data)
    return decode(migrate(data))


def _parsed(text: str) -> Any:
    if len(text) > LARGEST_BYTES:
        raise FileError(f"The project file is larger than {LARGEST_BYTES >> 20} MiB.", "It is no file of Netsmith's.")
    try:
        return json.loads(text, object_pairs_hook=_distinct, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise FileError(f"The project file is damaged or cut off at {where}.", f"{error.msg}.") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise FileError("The project file holds data that no project has.", detail=str(error)) from None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise FileError(f'The project file says "{twice[:60]}" twice in one table.')
    return found


def _refuse(word: str) -> Any:
    raise FileError(f"The project file holds the number {word}.", "Numbers are finite.")


def load(path: str | os.PathLike[str]) -> Project:
    """The project in a file. Raises: FileError naming the file."""
    name = Path(path).name
    try:
        with open(path, "rb") as file:
            raw = file.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(f"{path} cannot be opened: {reason}.") from None
    if len(raw) > LARGEST_BYTES:
        raise FileError(f"{name} is larger than {LARGEST_BYTES >> 20} MiB.", "It is no file of Netsmith's.")
    try:
        return loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise FileError(f"{name} is no text.", "A project file is JSON text in UTF-8.") from None
    except FileError as error:
        raise FileError(f"{name}: {error.message}", error.hint, detail=error.detail) from None


def save(project: Project, path: str | os.PathLike[str]) -> None:
    """Write the project so that either all of it or the old file is there. Raises: FileError saying why not."""
    write_whole(dumps(project), path)


def write_whole(text: str, path: str | os.PathLike[str]) -> None:
    """Write text beside the file, make sure that it is on the disk, and only then give it the file's name."""
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name[:80]}.{secrets.token_hex(4)}")
    if _is_protected(target):
        raise FileError(f"{Path(path).name} was not saved: the file is read-only.", "Save under another name.")
    try:
        _write(text, temporary, target)
        os.replace(temporary, target)
        _flush_folder(target.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        reason, hint = _REASONS.get(error.errno or 0, (error.strerror or str(error), "Save somewhere else."))
        raise FileError(f"{Path(path).name} was not saved: {reason}.", hint, detail=str(error)) from None


def _is_protected(target: Path) -> bool:
    """Whether nobody is to write to a file; taking its name for another one would get round that."""
    try:
        return not target.stat().st_mode & stat.S_IWUSR
    except OSError:
        return False


def _write(text: str, temporary: Path, target: Path) -> None:
    with open(temporary, "x", encoding="utf-8", newline="\n") as file:
        if target.exists():
            os.chmod(temporary, target.stat().st_mode & 0o777)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system lets a folder be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
