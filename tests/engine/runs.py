"""Small runs for tests: projects that train in a moment, and ways to wait for what a run tells."""

import time

from engine.document.project import Project
from engine.layers.base import Layer
from engine.layers.code import CodeLayer
from engine.layers.io import Input, Output
from engine.recipe.base import Dataset
from engine.recipe.recipe import Recipe
from engine.training.events import Ended, Event, Failed
from engine.training.run import TrainingRun
from tests.engine.networks import chain, project

PATIENCE_SECONDS = 120


def layer(key: str, **options) -> Layer:
    return Layer.registry[key](**options)


def moons(*between: Layer, width: int = 16, **recipe) -> Project:
    """Two moons, 100 samples and 3 steps an epoch unless told otherwise; `between` stands before the last layer."""
    dataset = Dataset.registry["TwoMoons"](samples=recipe.pop("samples", 100))
    options = {"epochs": 3, "seed": 1, "device": "cpu"} | recipe
    middle = {f"middle{i}": part for i, part in enumerate(between)}
    layers = {"first": layer("Linear", out_features=width), "act": layer("ReLU")} | middle
    layers |= {"last": layer("Linear", out_features=2)}
    return project(chain(x=Input(), **layers, out=Output()), recipe=Recipe(dataset=dataset, **options))


def code(source: str) -> CodeLayer:
    return CodeLayer(source=source)


def finished(run: TrainingRun) -> list[Event]:
    """Everything that a run tells from here to its end; it is started if it was not."""
    if run._thread.ident is None:
        run.start()
    assert run.wait(PATIENCE_SECONDS), "the run does not end"
    return run.drain()


def until(run: TrainingRun, kind: type[Event], count: int = 1) -> list[Event]:
    """What a run tells up to and with the `count`-th event of a kind, and what came at the same moment."""
    events: list[Event] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while sum(isinstance(e, kind) for e in events) < count:
        assert time.monotonic() < deadline, f"no {kind.__name__} in {events}"
        run._heard.wait(1.0)
        events += run.drain()
        assert not (run.is_over and not run._heard.is_set()) or any(isinstance(e, kind) for e in events), events
    return events


def of(events: list[Event], kind: type[Event]) -> list:
    return [e for e in events if isinstance(e, kind)]


def end_of(events: list[Event]) -> Ended | Failed:
    """The last event, and the only one of its kind."""
    assert len([e for e in events if isinstance(e, (Ended, Failed))]) == 1
    assert isinstance(events[-1], (Ended, Failed))
    return events[-1]
