"""Whether a loss can hold an output against its target: kinds, sizes, and in the last resort a try without data."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch.nn import functional

from engine.errors import Problem
from engine.graph.block import Block
from engine.graph.graph import Node
from engine.graph.shapes import BlockShapes
from engine.recipe.base import Features, Loss, Raw, Target
from engine.recipe.matching import Held, held_against, takes_next
from engine.recipe.recipe import Recipe
from engine.tensor import NumberSpec, TensorSpec

Unfit = tuple[str, str]
_BATCH = 3


def fit_losses(
    recipe: Recipe, losses: tuple[Loss, ...], block: Block, main: BlockShapes, features: Features, phase: str = ""
) -> list[Problem]:
    """What keeps the network's outputs from being trained on the targets by these losses, one for each output."""
    outputs, title = block.outputs, recipe.dataset.title
    where = f" in {phase}" if phase else ""
    found = fit_counts(losses, block, phase)
    helds = held_against(losses, features.targets)
    found += _unused(recipe, losses, block, features) if not phase else []
    specs = {node.name: spec for node, spec in zip(outputs, main.outputs)}
    specs |= {t.name: target_spec(t) for t in features.targets}
    if losses and all(loss.key == "NoLoss" for loss in losses):
        found.append(Problem("error", f"Nothing is made small{where}.", "Give one of the outputs a loss.", block.id))
    for node, spec, held, loss in zip(outputs, main.outputs, helds, losses):
        unfit = _unfit(recipe, node, spec, held, loss, specs, title)
        if unfit:
            found.append(Problem("error", unfit[0], unfit[1], block.id, node.id, "", node.name))
    return found


def fit_counts(losses: tuple[Loss, ...], block: Block, phase: str = "") -> list[Problem]:
    """One loss for each output."""
    if len(losses) == len(block.outputs):
        return []
    have = f"The network has {count(len(block.outputs), 'output')}, "
    have += f"{phase or 'the recipe'} {count(len(losses), 'loss')}."
    return [Problem("error", have, "Each output needs one loss, in order.", block.id)]


def target_spec(target: Target) -> TensorSpec:
    """The tensor of a target as the data gives it."""
    return TensorSpec(("B", *target.shape), "int64" if target.kind == "class" else "float32")


def count(number: int, what: str) -> str:
    """ "1 loss", "2 losses"."""
    ending = "" if number == 1 else "es" if what.endswith("s") else "s"
    return f"{number} {what}{ending}"


def _unused(recipe: Recipe, losses: tuple[Loss, ...], block: Block, features: Features) -> list[Problem]:
    """As many outputs that take targets in order as there are targets, where targets are taken in no other way."""
    takers = [node for node, loss in zip(block.outputs, losses) if takes_next(loss)]
    is_plain = all(takes_next(loss) for loss in losses) and len(losses) == len(block.outputs)
    if len(takers) == len(features.targets) or not (is_plain or len(takers) > len(features.targets)):
        return []
    names = ", ".join(t.name for t in features.targets) or "nothing"
    message = f"The network has {count(len(takers), 'output')}, but {recipe.dataset.title} has {names} to predict."
    hint = "Each output is trained on one target, in order; say against which in a loss, or choose No loss."
    return [Problem("error", message, hint, block.id)]


def _unfit(
    recipe: Recipe,
    node: Node,
    spec: TensorSpec | None,
    held: Held,
    loss: Loss,
    specs: Mapping[str, TensorSpec | None],
    title: str,
) -> Unfit | None:
    """Message and hint if this loss cannot be used for this output."""
    for option in loss.others:
        if (name := getattr(loss, option)) not in specs:
            return f"{loss.title} of {node.name} needs {option}: there is no output or target {name!r}.", _named(specs)
    if held.missing and held.missing != "a target":
        return f"{node.name} is held against {held.missing}, which {title} does not have.", _named(specs)
    if held.missing:
        return None  # the count says it
    if loss.form == "probability" and recipe.precision != "float32":
        message = f"{loss.title} is not exact enough for {recipe.precision}."
        return message, "Take BCEWithLogitsLoss without the Sigmoid."
    target = held.target
    if target is not None and loss.wants != "nothing" and (unfit := _unfit_kind(target, loss, title)):
        return unfit
    if spec is None or loss.key == "NoLoss":
        return None
    if isinstance(spec, NumberSpec):
        return f"{node.name} gives the number {spec}, but {loss.title} needs a tensor.", "Wire a layer into it."
    if not spec.is_floating:
        return f"{node.name} gives {spec}, but {loss.title} needs numbers with a fraction.", "Take another layer."
    if loss.key == "FromCanvas":
        return _unfit_drawn(node, spec)
    if loss.others or loss.wants in ("hot", "list", "sequence") or target is None:
        return _unfit_tried(node, spec, held, loss, specs)
    return _unfit_shape(node, spec, target, loss, title)


def _named(specs: Mapping[str, TensorSpec | None]) -> str:
    return f"There are {', '.join(specs) or 'none'}."


def _unfit_kind(target: Target, loss: Loss, title: str) -> Unfit | None:
    """Message and hint if this loss cannot be used for this target, whatever the network gives."""
    of_classes = loss.wants in ("class", "binary", "sign", "list", "sequence")
    if (target.kind == "value" and of_classes) or (target.kind == "class" and loss.wants == "value"):
        kind = "a class" if target.kind == "class" else "a number"
        wanted = "classes" if target.kind == "class" else "numbers"
        message = f"{loss.title} cannot be used for {target.name} of {title}, which is {kind}."
        return message, f"Take a loss for {wanted}."
    if loss.wants in ("binary", "sign") and target.classes != 2:
        message = f"{loss.title} tells two classes apart, but {target.name} of {title} has {target.classes}."
        return message, "Take CrossEntropyLoss."
    weight = getattr(loss, "weight", ())
    if weight and loss.wants in ("class", "hot") and target.kind == "class" and len(weight) != target.classes:
        message = f"{loss.title} has {count(len(weight), 'weight')}, but {target.name} has {target.classes} classes."
        return message, "Give one for each class, or none."
    return None


def _unfit_drawn(node: Node, spec: TensorSpec) -> Unfit | None:
    if spec.rank == 0:
        return None
    message = f"{node.name} gives {spec}, but a loss is one number for the whole batch."
    return message, "Wire a loss or a mean over everything into it, or give it another loss."


def _unfit_shape(node: Node, spec: TensorSpec, target: Target, loss: Loss, title: str) -> Unfit | None:
    """Message and hint if the loss cannot compare what this output gives with the target."""
    if spec.rank == 0:
        message = f"{node.name} gives one number for the whole batch, but {loss.title} looks at every sample."
        return message, "If it is a loss itself, choose The output itself."
    if loss.wants == "class":
        return _unfit_classes(node, spec, target, title)
    wanted = TensorSpec(("B", *target.shape))
    if spec.shape in (wanted.shape, (*wanted.shape, 1)):
        return None
    if spec.rank == wanted.rank + 1 and spec.shape[:-1] == wanted.shape:
        message = f"{node.name} gives {spec}, but {target.name} of {title} is one number."
        return message, "The last layer needs 1 output."
    return f"{node.name} gives {spec}, but {target.name} of {title} is {wanted}.", "Change the last layer's size."


def _unfit_classes(node: Node, spec: TensorSpec, target: Target, title: str) -> Unfit | None:
    wanted = TensorSpec(("B", target.classes, *target.shape))
    if spec.shape == wanted.shape:
        return None
    if spec.rank == wanted.rank and spec.shape[0] == "B" and spec.shape[2:] == wanted.shape[2:]:
        message = f"{node.name} gives {spec}, but {title} has {target.classes} classes."
        return message, f"The last layer needs {target.classes} outputs, one score for each class."
    message = f"{node.name} gives {spec}, but {target.name} of {title} needs {wanted}, one score for each class."
    return message, "Flatten or pool down to one row for each sample."


def _unfit_tried(
    node: Node, spec: TensorSpec, held: Held, loss: Loss, specs: Mapping[str, TensorSpec | None]
) -> Unfit | None:
    """The function of torch on tensors without data, in the form in which the script calls it."""
    others = {name: specs[getattr(loss, name)] for name in loss.others}
    known = [spec, *others.values()]
    if any(s is None or isinstance(s, NumberSpec) or not _is_fixed(s) for s in known):
        return None
    output = _empty(spec)
    space = {"F": functional, "y": _empty(target_spec(held.target)) if held.target else torch.ones_like(output)}
    given = {name: _empty(other) for name, other in others.items() if isinstance(other, TensorSpec)}
    options = {n: v for n, v in loss.arguments().items() if not isinstance(v, (Raw, tuple))}
    options.pop("distance_function", None)
    try:
        against = []
        if held.target is not None:
            against = [eval(loss.seen("y", held.target), space)]  # of our own making, from our own template
        elif held.constant:
            against = [space["y"]]
        if held.target and against[0].ndim == output.ndim - 1 and output.shape[-1] == 1:
            against = [against[0].unsqueeze(-1)]
        function = getattr(functional, loss.function.removeprefix("F."))
        if loss.others_first:
            function(output, *given.values(), *against, **options)
        else:
            function(output, *against, **given, **options)
    except (RuntimeError, ValueError, IndexError, TypeError, NotImplementedError) as error:
        beside = ", ".join(str(s) for s in (*([target_spec(held.target)] if held.target else []), *others.values()))
        message = f"{loss.title} cannot take {spec} from {node.name}{f' with {beside}' if beside else ''}."
        return message, str(error).split("\n")[0][:200]
    return None


def _is_fixed(spec: TensorSpec) -> bool:
    return all(isinstance(size, int) or size == "B" for size in spec.shape)


def _empty(spec: TensorSpec) -> torch.Tensor:
    sizes = [size if isinstance(size, int) else _BATCH for size in spec.shape]
    return torch.ones(sizes, dtype=getattr(torch, spec.dtype)) if spec.dtype == "int64" else torch.rand(sizes)
