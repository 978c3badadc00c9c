"""What can go wrong, in the user's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal


class EngineError(Exception):
    """An error for the person at the screen: what is needed, what came, and what to do.

    message: one sentence that names the thing, what was expected and what was found.
    hint: what to do about it. detail: the underlying library's own words, shown only on request.
    """

    def __init__(self, message: str, hint: str = "", *, detail: str = "") -> None:
        super().__init__(message)
        self.message, self.hint, self.detail = message, hint, detail

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ExprError(EngineError):
    """An expression over block parameters that cannot be read or evaluated."""


class SpecError(EngineError):
    """A value that its declaration does not allow; `field` is the parameter's name, `line` that of a text, from 1."""

    def __init__(self, message: str, hint: str = "", *, field: str = "", line: int = 0) -> None:
        super().__init__(message, hint)
        self.field, self.line = field, line


class LayerError(EngineError):
    """A layer that cannot take what is wired into it; `port` is the input at fault, if it is one."""

    def __init__(self, message: str, hint: str = "", *, port: str = "", detail: str = "") -> None:
        super().__init__(message, hint, detail=detail)
        self.port = port


class EditError(EngineError):
    """An edit that the project refuses, and why."""


class FileError(EngineError):
    """A file that cannot be read or written."""


class DataError(EngineError):
    """Data that is missing, cannot be read, or does not fit the network."""


class CodeError(EngineError):
    """Code that cannot be generated or built; `node` is the node at fault, if it is known."""

    def __init__(self, message: str, hint: str = "", *, node: str = "", detail: str = "") -> None:
        super().__init__(message, hint, detail=detail)
        self.node = node


class TrustError(EngineError):
    """A project that holds user code which nobody has trusted yet."""


class TrainingError(EngineError):
    """A run that cannot start or go on."""


Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Repair:
    """A way out that was tried: `edit` turns the project into one where the problem is gone."""

    title: str
    edit: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the user should know of, and where: `block` and `node` are ids, `path` is what people read.

    path: names from the main block down, "stage.conv1"; empty when the problem belongs to no node.
    """

    severity: Severity
    message: str
    hint: str = ""
    block: str = ""
    node: str = ""
    port: str = ""
    path: str = ""
    detail: str = ""
    repairs: tuple[Repair, ...] = ()
