"""What a project was trained with, flat: every option of its recipe and parameter of its main block, by path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.document.project import Project
from engine.expr import Expr
from engine.spec import Param, Spec

LONGEST = 200
_BY_PHASES = ("losses", "optimizer", "schedule")


def options_of(project: Project) -> dict[str, Any]:
    """Plain values by the paths of the command line: "optimizer": "AdamW", "optimizer.lr": 0.001, "params.width": 64.

    What phases replace is left out, since it trains nothing.
    """
    recipe, found = project.recipe, {}
    skipped = _BY_PHASES if recipe.phases else ()
    for path, value in _walk(recipe, "", skipped):
        found[path] = value
    for declared in project.block().params:
        found[f"params.{declared.name}"] = _plain(declared.default, declared.value_kind.show)
    return found


def _walk(spec: Spec, prefix: str, skipped: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, declared in spec.params.items():
        if name in skipped:
            continue
        yield from _entries(f"{prefix}{name}", getattr(spec, name), declared)


def _entries(path: str, value: Any, declared: Param) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Spec):
        yield path, value.key
        yield from _walk(value, f"{path}.")
    elif isinstance(value, tuple) and value and all(isinstance(v, Spec) for v in value):
        yield path, ", ".join(v.key for v in value)
        for place, member in enumerate(value):
            yield from _walk(member, f"{path}.{place}.")
    elif isinstance(value, tuple) and not value:
        yield path, ""
    else:
        yield path, _plain(value, declared.show)


def _plain(value: Any, show: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else value.text if isinstance(value, Expr) else str(show(value))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
