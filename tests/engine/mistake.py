"""How a common mistake is written down: the network, where it shows, words that have to be there, the way out."""

from __future__ import annotations

from dataclasses import dataclass

from engine.document.project import Project
from engine.layers.base import Layer
from engine.layers.io import Input, Output
from engine.recipe.losses import BCEWithLogitsLoss, MSELoss
from engine.recipe.metrics import MAE
from engine.recipe.recipe import Recipe
from engine.recipe.tables import BreastCancer, Diabetes
from engine.recipe.transforms import Reshape
from tests.engine.networks import chain, graph, project


@dataclass(frozen=True)
class Mistake:
    """What was drawn, the path of the problem, words of its message and hint, the title of its first repair."""

    made: Project
    path: str
    words: tuple[str, ...]
    repair: str
    severity: str = "error"


def layer(key: str, **options) -> Layer:
    return Layer.registry[key](**options)


def on(main, *blocks, **recipe) -> Project:
    return project(main, *blocks, recipe=Recipe(**recipe))


def ending(*blocks, classes: int = 10, recipe: dict | None = None, **nodes: Layer) -> Project:
    """A chain from the data through these layers to its scores."""
    return on(
        chain(x=Input(), **nodes, head=layer("Linear", out_features=classes), y=Output()), *blocks, **recipe or {}
    )


def given(*sizes, dtype: str = "float32", **nodes: Layer) -> Project:
    """A chain from an input of these sizes."""
    return project(chain(x=Input(shape=sizes, dtype=dtype), **nodes, y=Output()))


def wired(nodes: dict[str, Layer], *wires: str, **recipe) -> Project:
    return on(graph(nodes, *wires), **recipe)


ROWS = {"transforms": (Reshape(shape=(8, 8)),)}
LAST = {"transforms": (Reshape(shape=(8, 8, 1)),)}
TABLE = {"dataset": BreastCancer(), "losses": (BCEWithLogitsLoss(),)}
VALUE = {"dataset": Diabetes(), "losses": (MSELoss(),), "metrics": (MAE(),)}
FLAT = layer("Flatten")
