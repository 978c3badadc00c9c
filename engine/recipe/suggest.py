"""Which losses and metrics suit a data set: what a recipe falls back on when its data changes."""

from __future__ import annotations

import math

from engine.errors import DataError
from engine.recipe.base import Dataset, Features, Loss, Metric, Target
from engine.recipe.losses import CrossEntropyLoss, MSELoss
from engine.recipe.metrics import MAE, R2, Accuracy
from engine.recipe.recipe import Recipe


def suits(loss: Loss | type[Loss], target: Target) -> bool:
    """Whether a loss can be used for a target."""
    if loss.others or loss.wants in ("nothing", "sequence"):
        return False  # these look at more than one output and its target
    if loss.wants in ("binary", "sign"):
        return target.kind == "class" and target.classes == 2
    return target.kind == ("value" if loss.wants == "value" else "class")


def losses_for(target: Target) -> tuple[type[Loss], ...]:
    """Every loss that can be used for a target, in the order of the catalogue."""
    return tuple(loss for loss in Loss.registry.values() if suits(loss, target))


def suggest(features: Features) -> tuple[tuple[Loss, ...], tuple[Metric, ...]]:
    """A loss for each target and the metrics that people read first."""
    losses: list[Loss] = []
    metrics: list[Metric] = []
    for target in features.targets:
        losses.append(CrossEntropyLoss() if target.kind == "class" else MSELoss())
        if target.kind == "class":
            found: list[Metric] = [Accuracy()]
        else:
            found = [MAE(), R2()] if math.prod(target.shape) == 1 else [MAE()]
        metrics += [m for m in found if m not in metrics]
    return tuple(losses), tuple(metrics)


def with_dataset(recipe: Recipe, dataset: Dataset) -> Recipe:
    """The recipe on other data: losses and metrics that still suit are kept, others are replaced; so are transforms
    that its samples cannot be seen through.

    Raises: DataError when the data cannot be read; `recipe.with_(dataset=...)` then still can.
    """
    features = dataset.features()
    losses, metrics = suggest(features)
    pairs = zip(recipe.losses, features.targets)
    if len(recipe.losses) == len(features.targets) and all(suits(loss, target) for loss, target in pairs):
        losses = recipe.losses
    kinds = {target.kind for target in features.targets}
    if recipe.metrics and {m.wants for m in recipe.metrics} <= kinds:
        metrics = recipe.metrics
    kept = recipe.with_(dataset=dataset, losses=losses, metrics=metrics)
    try:
        kept.features()
    except DataError:
        return kept.with_(transforms=())
    return (
        kept if "value" in kinds else kept.with_(transforms=tuple(t for t in kept.transforms if t.changes == "inputs"))
    )
