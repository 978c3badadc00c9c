"""The checkpoints of a run as they lie in its folder: found and named without reading a weight. Torch-free."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import FileError, TrainingError
from engine.training.store import Store

KINDS = ("last", "best", "hand", "epoch")
"""The newest, the weights of the best epoch, those that were asked for, those of every so many epochs."""

WEIGHTS_ALONE = (
    "The checkpoint of the best epoch holds the weights alone, without what the optimizer knows.",
    "Go on from another one, or begin a new run with its weights.",
)


@dataclass(frozen=True)
class Kept:
    """One checkpoint. `epoch` epochs were whole and `done` steps of the next one made, `step` in all.

    name, note: what a person called it. created: ISO time, UTC. run: the run that made it. bytes: of the file.
    """

    path: Path
    kind: str
    epoch: int
    step: int
    done: int = 0
    figures: Mapping[str, float] = field(default_factory=dict)
    name: str = ""
    note: str = ""
    created: str = ""
    run: str = ""
    epochs: int = 0
    bytes: int = 0

    @property
    def key(self) -> str:
        """What it is called on a command line: last, best, step-000120."""
        return self.path.stem

    @property
    def goes_on(self) -> bool:
        """Whether a run can go on from it; the best holds the weights alone."""
        return self.kind != "best"


def kept_in(folder: Path) -> tuple[Kept, ...]:
    """Those of one folder, in the order of their steps, the newest state last. A file that is none is left out."""
    found = [kept for path in sorted(folder.glob("*.safetensors")) if (kept := read(path)) is not None]
    return tuple(sorted(found, key=lambda kept: (kept.step, kept.kind == "last", kept.key)))


def read(path: Path) -> Kept | None:
    """What lies beside a checkpoint, None where that is no description of one."""
    try:
        facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        kind = str(facts.get("kind", "best" if path.stem == "best" else "last"))
        epoch, step, done, epochs = (int(facts.get(name, 0)) for name in ("epoch", "step", "done", "epochs"))
        name, note, created, run = (str(facts.get(name, "")) for name in ("name", "note", "created", "run"))
        figures = {str(name): float(value) for name, value in facts["figures"].items()}
        size = path.stat().st_size
        return Kept(path, kind, epoch, step, done, figures, name, note, created, run, epochs, size)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def find(folder: Path, which: str = "last") -> Path:
    """The checkpoint that somebody means: last, best, step-000120, 120, or the name that it was given.

    Raises: FileError.
    """
    known = kept_in(folder)
    exact = folder / f"{which}.safetensors"
    if which in ("last", "best") or exact.exists():
        return exact
    named = [k for k in known if which in (k.name, str(k.step)) and k.goes_on]
    if named:
        return named[-1].path
    there = ", ".join(f"{k.key} ({k.name})" if k.name else k.key for k in known)
    raise FileError(f"There is no checkpoint {which} in {folder}.", f"There are: {there}." if there else "")


def moment_of(store: Store, run: str, which: str, *, goes_on: bool) -> Path:
    """The checkpoint of a run to begin with. goes_on: whether the run is to go on from it.

    Raises: FileError where there is none, TrainingError where it holds too little.
    """
    path = find(store.folder_of(run) / "checkpoints", which)
    if not path.exists():
        raise FileError(f"There is no checkpoint {path}.", "A run writes the first one after an epoch.")
    kept = read(path)
    if goes_on and kept is not None and not kept.goes_on:
        raise TrainingError(*WEIGHTS_ALONE)
    return path


def annotate(kept: Kept, name: str, note: str = "") -> Kept:
    """Give it another name. Raises: FileError where that cannot be written."""
    path = kept.path.with_suffix(".json")
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        draft = path.with_name(f".{path.name}.part")
        draft.write_text(json.dumps({**facts, "name": name, "note": note}, indent=2) + "\n", encoding="utf-8")
        os.replace(draft, path)
    except (OSError, ValueError) as error:
        raise FileError(f"{kept.key} cannot be named: {error}.", "Look whether its folder can be written to.") from None
    found = read(kept.path)
    assert found is not None
    return found


def kept_of(store: Store, run: str) -> tuple[Kept, ...]:
    """Those of a run and, before them, of the runs that it went on from, each once. Raises: FileError."""
    found: list[Kept] = []
    record = store.get(run)
    seen: set[str] = set()
    while record.id not in seen:
        seen.add(record.id)
        own = kept_in(store.folder / record.id / "checkpoints")
        found = [*(k for k in own if not found or k.kind in ("hand", "epoch")), *found]
        if record.parent is None or not _is_there(store, record.parent):
            break
        record = store.get(record.parent)
    return tuple(found)


def _is_there(store: Store, run: str) -> bool:
    return any(record.id == run for record in store.list())
