"""The project's Python in a file: the whole script, or the model's classes alone."""

from __future__ import annotations

import os
from typing import Literal

from engine.codegen.module import module
from engine.codegen.script import script
from engine.codegen.source import Source
from engine.document.files import write_whole
from engine.document.project import Project
from engine.errors import CodeError
from engine.graph.shapes import Analysis

What = Literal["script", "module"]
KINDS: tuple[What, ...] = ("script", "module")


def source_of(project: Project, analysis: Analysis, what: What = "script") -> Source:
    """The text that `export` writes. Raises: CodeError for a network with problems, DataError for missing data."""
    if what not in KINDS:
        raise CodeError(f"There is no export called {what!r}.", f"Choose one of {', '.join(KINDS)}.")
    return script(project, analysis) if what == "script" else module(project, analysis)


def export(project: Project, analysis: Analysis, path: str | os.PathLike[str], what: What = "script") -> Source:
    """Write the text to a file, whole or not at all, and return it.

    Raises: CodeError, DataError, FileError; a file that was there before then still is.
    """
    written = source_of(project, analysis, what)
    write_whole(written.text, path)
    return written
