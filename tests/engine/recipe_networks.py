"""A small network that suits a recipe's data and losses, whatever they are."""

import math

from engine.document.project import Project
from engine.layers import Layer
from engine.layers.dropout import Dropout
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.layers.merge import Concat
from engine.layers.reduce import Mean
from engine.layers.shape import Flatten, Unflatten
from engine.layers.squash import Sigmoid
from engine.recipe.recipe import Recipe
from engine.recipe.suggest import suggest
from tests.engine.networks import graph, project


def suited(dataset=None, *, dropout: float = 0.0, width: int = 8, **options) -> Project:
    """A project on this data, with the losses and metrics that suit it unless they are given."""
    recipe = Recipe(**({"dataset": dataset} if dataset else {}), device="cpu", epochs=2)
    losses, metrics = suggest(recipe.dataset.features())
    recipe = recipe.with_(**{"losses": losses, "metrics": metrics, **options})
    return project(network_for(recipe, dropout, width), recipe=recipe)


def network_for(recipe: Recipe, dropout: float, width: int):
    """Every input flattened, or its mean over its steps, and joined; one hidden layer, one head for each target."""
    features = recipe.features()
    inputs, outputs = {}, {}
    body: dict[str, Layer] = {}
    wires = []
    for i, feature in enumerate(features.inputs):
        inputs[f"{feature.name}_in"] = Input()
        is_free = any(isinstance(size, str) for size in feature.shape)
        body[f"flat{i}"] = Mean(dim=1) if is_free else Flatten()
        wires += [f"{feature.name}_in -> flat{i}"]
    last = "flat0"
    if len(features.inputs) > 1:
        body["join"] = Concat()
        wires += [f"flat{i} -> join.inputs:{i}" for i in range(len(features.inputs))]
        last = "join"
    body["hidden"] = Linear(out_features=width)
    wires.append(f"{last} -> hidden")
    last = "hidden"
    if dropout:
        body["drop"] = Dropout(p=dropout)
        wires.append("hidden -> drop")
        last = "drop"
    for i, (target, loss) in enumerate(zip(features.targets, recipe.losses)):
        size = target.classes if loss.wants in ("class", "hot", "list") else math.prod(target.shape)
        body[f"head{i}"] = Linear(out_features=size)
        wires.append(f"{last} -> head{i}")
        end = f"head{i}"
        if loss.form == "probability":
            body[f"squash{i}"] = Sigmoid()
            wires.append(f"{end} -> squash{i}")
            end = f"squash{i}"
        if loss.wants == "value" and len(target.shape) > 1:
            body[f"view{i}"] = Unflatten(dim=1, unflattened_size=target.shape)
            wires.append(f"{end} -> view{i}")
            end = f"view{i}"
        outputs[f"out{i}"] = Output()
        wires.append(f"{end} -> out{i}")
    return graph(inputs | body | outputs, *wires)
