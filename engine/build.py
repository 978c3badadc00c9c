"""Generated text to Python objects; a traceback through it leads back to a node."""

from __future__ import annotations

import hashlib
import linecache
from collections import OrderedDict
from types import TracebackType
from typing import Any

from engine.codegen.source import Place, Source
from engine.errors import CodeError

_KEPT = 64
_files: OrderedDict[str, None] = OrderedDict()
"""The texts that tracebacks can still show, oldest first."""


def build(source: Source) -> dict[str, Any]:
    """The namespace that the text makes: its classes and functions by name. User code in it is executed.

    Raises: CodeError where the text is no Python or fails as it is read.
    """
    name = file_name(source)
    text = "\n".join((*source.imports, "")) if source.imports else ""
    namespace: dict[str, Any] = {"__name__": "netsmith_model", "__file__": name}
    _remember(name, source.text)
    try:
        exec(compile(text, "<imports>", "exec", dont_inherit=True), namespace)
        exec(compile(source.text, name, "exec", dont_inherit=True), namespace)
    except SyntaxError as error:
        place = source.node_of_line.get(error.lineno or 0)
        raise CodeError(
            f"The generated text is no Python on line {error.lineno}: {error.msg}.",
            "Mend the Code node there." if place else "",
            node=place[1] if place else "",
        ) from error
    except Exception as error:
        place = node_of(error, source)
        raise CodeError(
            f"The generated text cannot be read: {type(error).__name__}: {error}",
            node=place[1] if place else "",
            detail=repr(error),
        ) from error
    return namespace


def file_name(source: Source) -> str:
    """The name under which tracebacks show the text: the same for the same text."""
    digest = hashlib.sha256(source.text.encode(errors="backslashreplace")).hexdigest()[:8]
    return f"<netsmith {source.main or 'model'} {digest}>"


def node_of(exception: BaseException, source: Source) -> Place | None:
    """The block and node whose line raised the exception, from the deepest frame inside the text."""
    name, found = file_name(source), None
    frame: TracebackType | None = exception.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == name:
            found = source.node_of_line.get(frame.tb_lineno, found)
        frame = frame.tb_next
    if found is None and exception.__cause__ is not None:
        return node_of(exception.__cause__, source)
    return found


def _remember(name: str, text: str) -> None:
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    _files[name] = None
    _files.move_to_end(name)
    while len(_files) > _KEPT:
        linecache.cache.pop(_files.popitem(last=False)[0], None)
