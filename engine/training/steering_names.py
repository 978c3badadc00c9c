"""Parts of a network as source, from their names: `run.model.stem`, or a loop where all repeats are meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from torch import nn

PART = "part"


@dataclass(frozen=True)
class Reached:
    """Something of the network as source. loop: the clause of a loop that it stands in, "" without one."""

    text: str
    loop: str = ""
    is_parameter: bool = False

    def statement(self, text: str) -> str:
        """A statement about it, in its loop."""
        return f"{self.loop}:\n    {text}" if self.loop else text


def fewest(model: nn.Module, wanted: Collection[str]) -> list[str]:
    """The fewest modules, or parameters, that hold these parameters and no others.

    wanted: names of parameters. One that is used under two names belongs to the first.
    """
    wanted, every = set(wanted), [name for name, _ in model.named_parameters(remove_duplicate=False)]
    found: list[str] = []

    def descend(prefix: str, names: list[str]) -> None:
        if all(name in wanted for name in names):
            found.append(prefix)
            return
        children: dict[str, list[str]] = {}
        for name in names:
            rest = name[len(prefix) + 1 :] if prefix else name
            head = rest.split(".")[0]
            children.setdefault(f"{prefix}.{head}" if prefix else head, []).append(name)
        for child, inside in children.items():
            if any(name in wanted for name in inside):
                descend(child, inside)

    descend("", every)
    return found


def reached(model: nn.Module, names: Iterable[str]) -> list[Reached]:
    """Modules or parameters by their names, as source; the same part of all repeats in one loop."""
    left, found = list(names), []
    while left:
        name = left.pop(0)
        row = _row(model, name, left)
        if row is None:
            found.append(Reached("run.model" + _attributes(name), "", _is_parameter(model, name)))
            continue
        container, inside = row
        left = [n for n in left if not _is_in(n, container, inside)]
        loop = f"for {PART} in run.model{_attributes(container)}"
        found.append(Reached(PART + _attributes(inside), loop, _is_parameter(model, name)))
    return found


def _row(model: nn.Module, name: str, others: list[str]) -> tuple[str, str] | None:
    """The repeats that a name is in one of, and its name there, if the same of all others is among the names."""
    parts = name.split(".")
    for place, part in enumerate(parts):
        container, inside = ".".join(parts[:place]), ".".join(parts[place + 1 :])
        if not part.isdigit() or not inside:
            continue
        held = model.get_submodule(container)
        count = len(held) if isinstance(held, nn.Sequential | nn.ModuleList) else 0
        wanted = {f"{container}.{i}.{inside}" for i in range(count)}
        if count > 1 and wanted <= {name, *others}:
            return container, inside
    return None


def _is_in(name: str, container: str, inside: str) -> bool:
    middle = name.removeprefix(f"{container}.").removesuffix(f".{inside}")
    return name.startswith(f"{container}.") and name.endswith(f".{inside}") and middle.isdigit()


def _attributes(name: str) -> str:
    """The way to a module, behind what holds it."""
    return "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in name.split(".") if part)


def _is_parameter(model: nn.Module, name: str) -> bool:
    holder, _, last = name.rpartition(".")
    return bool(name) and isinstance(getattr(model.get_submodule(holder), last, None), nn.Parameter)
