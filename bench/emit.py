"""Writing the code: milliseconds for the model's classes, after an edit and from nothing, and for building them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from bench.infer import network
from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.classes import model_source
from engine.codegen.module import module
from engine.document.edits import SetParam
from engine.document.project import Project

LAYERS = (50, 200, 1_000)
REPEATS = 7


def milliseconds(work: Callable[[], object]) -> float:
    """CPU time of one call."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def typical(work: Callable[[], object]) -> float:
    """The median of several calls."""
    return median(milliseconds(work) for _ in range(REPEATS))


def after_edits(project: Project) -> float:
    """Median time to write the text anew after one layer was changed; its analysis is not counted."""
    node = next(n for n in project.block().graph.nodes.values() if n.layer.key == "Linear")
    taken = []
    for repeat in range(REPEATS):
        edited = SetParam(node.id, "bias", repeat % 2 == 1)(project)
        analysis = infer(edited)
        taken.append(milliseconds(partial(model_source, edited, analysis)))
    return median(taken)


def run() -> list[dict[str, Any]]:
    """A row for every size and kind of work."""
    rows = []
    for layers in LAYERS:
        project = network(layers)
        analysis = infer(project)
        whole = module(project, analysis)
        found = (
            ("model text, nothing changed", typical(partial(model_source, project, analysis))),
            ("model text, after an edit", after_edits(project)),
            ("build the module", typical(partial(build, whole))),
        )
        rows += [
            {"what": f"{layers:,} layers, {name}", "value": value, "unit": "ms", "target": None}
            for name, value in found
        ]
    return rows
