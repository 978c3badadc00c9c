"""What is installed, read from the files of packages: nothing is imported, so nothing of theirs runs."""

from __future__ import annotations

import ast
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path

MOST = 60
_DEEPEST = 4  # how far `from .modules import *` is followed
_LARGEST = 2_000_000  # bytes of a file that is read for its classes


def completions(text: str) -> list[str]:
    """Dotted paths that begin with what was typed, of packages, modules and classes; a class before a module."""
    head, _, tail = text.strip().rpartition(".")
    found = _members(head) if head else tuple((name, False) for name in _top_level())
    fitting = [(name, is_class) for name, is_class in found if name.lower().startswith(tail.lower())]
    ordered = sorted(fitting, key=lambda entry: (not entry[1], entry[0].startswith("_"), entry[0].lower()))
    return [f"{head}.{name}" if head else name for name, _ in ordered[:MOST]]


@lru_cache(maxsize=1)
def _top_level() -> tuple[str, ...]:
    """Packages that could hold modules of a network: what is installed, without Python's own."""
    names = {m.name for m in pkgutil.iter_modules() if not m.name.startswith("_")}
    return tuple(sorted(names - sys.stdlib_module_names, key=str.lower))


@lru_cache(maxsize=256)
def _members(dotted: str) -> tuple[tuple[str, bool], ...]:
    """Modules and classes directly in a package or module, each with whether it is a class."""
    place = _place(dotted)
    if place is None:
        return ()
    file, folders = place
    modules = {m.name for m in pkgutil.iter_modules([str(f) for f in folders])}
    classes = _classes(file, 0) if file else set()
    return (*((n, True) for n in sorted(classes)), *((n, False) for n in sorted(modules - classes)))


def _place(dotted: str) -> tuple[Path | None, list[Path]] | None:
    """The file and the folders of a package or module; None if there is none."""
    top, *rest = dotted.split(".")
    if not top.isidentifier():
        return None
    spec = PathFinder.find_spec(top)
    if spec is None:
        return None
    file = Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None
    folders = [Path(p) for p in spec.submodule_search_locations or ()]
    for part in rest:
        found = _inside(folders, part)
        if found is None:
            return None
        file, folders = found
    return file, folders


def _inside(folders: Iterable[Path], part: str) -> tuple[Path | None, list[Path]] | None:
    for folder in folders:
        if (folder / part).is_dir() and part.isidentifier():
            start = folder / part / "__init__.py"
            return (start if start.is_file() else None), [folder / part]
        if (folder / f"{part}.py").is_file():
            return folder / f"{part}.py", []
    return None


def _classes(file: Path, depth: int) -> set[str]:
    """Names in a module that look like classes: defined there, or brought there from elsewhere."""
    try:
        if file.stat().st_size > _LARGEST:
            return set()
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {name for name in _bound(tree, file, depth) if name[:1].isupper() and not name.isupper()}


def _bound(tree: ast.Module, file: Path, depth: int) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.ImportFrom) and _is_own(node):
            for alias in node.names:
                if alias.name == "*" and depth < _DEEPEST:
                    if source := _source(node, file):
                        yield from _classes(source, depth + 1)
                elif file.name == "__init__.py":
                    yield alias.asname or alias.name


def _is_own(node: ast.ImportFrom) -> bool:
    """Whether names come from the package itself; those from typing or torch are no classes of its own."""
    return node.level > 0 or (node.module or "").split(".")[0] not in sys.stdlib_module_names


def _source(node: ast.ImportFrom, file: Path) -> Path | None:
    if node.level == 0:
        place = _place(node.module or "")
        return place[0] if place else None
    folder = file.parents[node.level - 1]
    found = folder
    for part in (node.module or "").split(".") if node.module else ():
        found = found / part
    return next((p for p in (found.with_suffix(".py"), found / "__init__.py") if p.is_file()), None)
