"""Weights that are carried over for a run, here or, beside a run in a thread, in a process of its own.

A network is made anew for it, which draws from the random numbers of the program.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from engine.document.files import dumps, loads
from engine.document.project import Project
from engine.graph.shapes import Analysis
from engine.training.beside import is_training
from engine.training.carry_report import Report
from engine.training.looked import ALONE
from engine.training.store import Store


class Asked(NamedTuple):
    """What is carried where, in plain data: the weights of a moment of a run, into the folder of another one."""

    runs: Path
    run: str
    moment: str
    folder: Path
    trusted: bool


def carried(asked: Asked, project: Project, analysis: Analysis, run: object) -> Report:
    """Write what `run` begins with; the report says what became of it. Raises: EngineError, OSError."""
    with ALONE:
        if not is_training(but=run):
            return _carry(asked, project, analysis)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return Report.from_json(pool.submit(_work, asked, dumps(project)).result())


def _carry(asked: Asked, project: Project, analysis: Analysis) -> Report:
    from engine.training.carry import before, carry

    old = before(Store(asked.runs), asked.run, asked.moment, trusted=asked.trusted)
    found = carry(old, project, analysis)
    found.write(asked.folder)
    return found.report


def _work(asked: Asked, text: str) -> str:
    """What the child process does."""
    from engine.analysis.infer import infer

    project = loads(text)
    return _carry(asked, project, infer(project, trusted=asked.trusted)).to_json()
