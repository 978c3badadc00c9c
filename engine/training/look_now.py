"""A look into a network that nobody trains: as it is before the first step, or as a run has left it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.script import script
from engine.document.project import Project
from engine.errors import EngineError, TrainingError, TrustError
from engine.graph.shapes import Analysis
from engine.training import checkpoint
from engine.training.beside import is_drawing
from engine.training.control import Control
from engine.training.events import Event
from engine.training.job import Job, node_names
from engine.training.looked import ALONE, Look
from engine.training.looker import Looker
from engine.training.outline import outline_of
from engine.training.running import Running


class Untrained:
    """The network of a project with its data, made by the script itself; kept for the next look.

    Raises: EngineError where the project cannot be trained, or what its script raises where it fails.
    """

    def __init__(self, project: Project, analysis: Analysis | None = None, *, trusted: bool = False) -> None:
        self.project = project
        if project.user_code() and not trusted:
            raise TrustError("The project holds Python code that you have not trusted.", "Read it, then trust it.")
        source = script(project, analysis or infer(project, trusted=trusted))
        space = build(source)
        self._told: list[Event] = []
        parts: Mapping[str, object] = space["setup"]()._asdict()
        job = Job(source, "", "", project.recipe.batch_size, node_names(project), outline=outline_of(project))
        self._looker = Looker(Running(job, space, dict(parts), self._told.append, Control(), 1, 1))
        self._lock = threading.Lock()
        self._weights: Path | None = None

    def is_of(self, project: Project, weights: Path | None) -> bool:
        """Whether it is the network of this project with these weights, however that is drawn."""
        is_same = self.project.blocks is project.blocks and self.project.recipe is project.recipe
        return is_same and self._weights == weights

    def take_weights(self, path: Path) -> None:
        """Go on with what a run has learned: the weights of its checkpoint. Raises: EngineError."""
        kept = checkpoint.load(path)
        run = self._looker.run
        try:
            run.model.load_state_dict(checkpoint.part(kept, "model"))
        except (RuntimeError, KeyError, ValueError) as error:
            raise TrainingError(f"The weights of {path.name} do not fit.", "Look without them.") from error
        run.step, self._weights = kept.step, path

    def look(self, look: Look) -> list[Event]:
        """What a look tells."""
        with self._lock:
            self._looker.see(look)
            told, self._told[:] = list(self._told), []
        return told


def looked_at(
    project: Project,
    analysis: Analysis | None,
    look: Look,
    *,
    trusted: bool,
    kept: object = None,
    weights: Path | None = None,
) -> tuple[object, list[Event]]:
    """Look into the network of a project, into the one that was kept where it is of the same project.

    weights: a checkpoint of it, whose weights it has instead of those that it begins with.

    Returns: what to keep for the next look, and what this one tells. Raises: EngineError.
    """
    with ALONE:
        if is_drawing():
            raise TrainingError("A run is going on in this program.", "Look when it has ended, or into that run.")
        return _looked_at(project, analysis, look, trusted, kept, weights)


def _looked_at(
    project: Project, analysis: Analysis | None, look: Look, trusted: bool, kept: object, weights: Path | None
) -> tuple[object, list[Event]]:
    try:
        there = kept if isinstance(kept, Untrained) and kept.is_of(project, weights) else None
        if there is None:
            there = Untrained(project, analysis, trusted=trusted)
            if weights is not None:
                there.take_weights(weights)
        return there, there.look(look)
    except EngineError:
        raise
    except Exception as error:  # the script's own: data that is not there, no memory
        raise TrainingError(
            f"The network cannot be looked into: {error}", "Mend what the Problems tab shows."
        ) from error
