"""Any option by its path, as on the command line: recipe.optimizer.lr=0.01, params.width=32, stem.out_channels=64."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from engine.document.block_edits import SetBlockParams, SetRecipe, need_place, option
from engine.document.document import Edit
from engine.document.edits import SetLayer, SetParam
from engine.document.project import Project
from engine.errors import ExprError, SpecError
from engine.expr import Expr
from engine.graph.block import Block, BlockParam
from engine.graph.graph import Node
from engine.kinds import KindError
from engine.layers.base import Layer
from engine.layers.block import BlockLayer, held, with_held
from engine.recipe.base import Member, Members
from engine.spec import Spec

_FORMS = "Write PATH=VALUE, such as recipe.epochs=10, params.width=32 or conv.out_channels=64."


def set_by_path(project: Project, text: str) -> Edit:
    """The edit that an assignment such as "stage.conv.kernel_size=5" means.

    Raises: SpecError naming the step of the path that leads nowhere and what there is, or the value that is refused.
    """
    path, sign, value = text.partition("=")
    steps = [step.strip() for step in path.split(".")]
    if not sign or not all(steps):
        raise SpecError(f"{text!r} sets nothing.", _FORMS)
    if steps[0] == "recipe":
        return _set_recipe(project, steps[1:], value, text)
    if steps[0] == "params":
        return _set_default(project, steps[1:], value, text)
    return _set_layer(project, steps, value, text)


def _set_recipe(project: Project, steps: list[str], value: str, text: str) -> Edit:
    owner: Spec = project.recipe
    rest = list(steps)
    while True:
        if not rest:
            raise SpecError(f"{text!r} names no option of {owner.title}.", f"Options: {_listed(owner.params)}.")
        name = rest.pop(0)
        inner = option(owner, name)
        kind = owner.params[name].kind
        if rest and isinstance(kind, Members):
            place = need_place(owner, name, inner, rest.pop(0))
            if not rest:
                return SetRecipe(".".join(steps), _member(kind, value, name))
            owner = inner[place]
        elif rest and isinstance(inner, Spec):
            owner = inner
        elif rest:
            raise SpecError(f"{owner.title}: {name} has no options of its own.", field=name)
        else:
            return SetRecipe(".".join(steps), owner.params[name].parse(value, owner.title))


def _member(kind: Members, value: str, name: str) -> Spec:
    try:
        found: Spec = Member(kind.family).parse(value)
    except KindError as wrong:
        raise SpecError(f"recipe.{name} must be {wrong}, not {value!r}.", field=name) from None
    return found


def _set_default(project: Project, steps: list[str], value: str, text: str) -> Edit:
    block = project.block()
    found = next((p for p in block.params if [p.name] == steps), None)
    if found is None:
        known = _listed(p.name for p in block.params)
        raise SpecError(f"{text!r}: {block.name} has no such parameter.", f"Parameters: {known}.")
    changed = replace(found, default=_parsed(found, value, block))
    return SetBlockParams(project.main, tuple(changed if p is found else p for p in block.params))


def _parsed(declared: BlockParam, value: str, owner: Block, scope: Iterable[str] = ()) -> Any:
    try:
        return declared.value_kind.parse(value)
    except KindError as wrong:
        expression = _expression(value)
        if expression is not None and expression.names() and expression.names() <= set(scope):
            return expression
        raise SpecError(f"{owner.name}: {declared.name} must be {wrong}, not {value!r}.", field=declared.name) from None


def _expression(text: str) -> Expr | None:
    try:
        return Expr(text)
    except ExprError:
        return None


def _set_layer(project: Project, steps: list[str], value: str, text: str) -> Edit:
    block, node = project.block(), None
    for depth, step in enumerate(steps[:-1] or steps):
        node = block.graph.by_name(step)
        if node is None:
            here = _listed(n.name for n in block.graph.nodes.values())
            raise SpecError(f"{text!r}: {block.name} has no layer {step}.", f"Layers: {here}; also recipe and params.")
        if depth < len(steps) - 2:
            block = _entered(project, node, text)
    if node is None or len(steps) < 2:
        raise SpecError(f"{text!r} names a layer and none of its options.", _FORMS)
    return _set_option(project, block, node, steps[-1], value)


def _entered(project: Project, node: Node, text: str) -> Block:
    inside = held(node.layer)
    if len(inside) != 1:
        known = _listed(node.layer.params)
        raise SpecError(f"{text!r}: {node.name} is a {node.layer.title}, no block.", f"Its options: {known}.")
    return project.block(inside[0].block)


def _set_option(project: Project, block: Block, node: Node, name: str, value: str) -> Edit:
    layer, scope = node.layer, [p.name for p in block.params]
    known = list(layer.params)
    for instance in held(layer):
        inner = project.block(instance.block)
        declared = next((p for p in inner.params if p.name == name), None)
        if declared is not None:
            extra = ["i"] if instance.repeat != 1 else []
            argument = _parsed(declared, value, inner, [*scope, *extra])
            return SetLayer(node.id, with_argument(layer, inner.id, name, argument), block.id)
        known = [p.name for p in inner.params] + [n for n in known if n not in ("block", "args")]
    if name not in known:
        raise SpecError(f"{node.name} ({layer.title}) has no option {name}.", f"Options: {_listed(known)}.", field=name)
    return SetParam(node.id, name, layer.params[name].parse(value, node.name, scope), block.id)


def with_argument(layer: Layer, block: str, name: str, value: Any) -> Layer:
    """The layer with another argument for the instance of a block that it holds."""

    def changed(instance: BlockLayer) -> BlockLayer:
        return instance.with_(args={**instance.args, name: value}) if instance.block == block else instance

    return with_held(layer, changed)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
