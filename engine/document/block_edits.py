"""Edits of blocks as a whole, and of the recipe."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from engine.document.expressions import graph_with_layers, graph_with_values
from engine.document.names import compose, need_class_name, need_name, snake, unique, unique_class, why_no_name
from engine.document.project import Project
from engine.document.wiring import instances, need_layer, with_graph, without_lost_wires
from engine.errors import EditError, SpecError
from engine.expr import Expr, composed
from engine.graph.block import Block, BlockParam, Returns
from engine.graph.chain import why_no_chain
from engine.graph.graph import BlockId, Graph, NodeId
from engine.layers.block import BlockLayer, held, with_held
from engine.spec import Spec

_LONGEST_ID = 40


def fresh_block_id(project: Project, name: str) -> BlockId:
    """A free id for a block of that class name."""
    plain = re.sub(r"[^a-z0-9_]", "_", snake(name))[:_LONGEST_ID]
    return BlockId(unique(plain, project.blocks))


@dataclass(frozen=True)
class AddBlock:
    """Add a block that nothing uses yet. `id` is found from the name unless it is given."""

    name: str
    params: Iterable[BlockParam] = ()
    graph: Graph = field(default_factory=Graph)
    help: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        compose(self, "name")

    @property
    def label(self) -> str:
        return f"Add block {self.name}"

    def __call__(self, project: Project) -> Project:
        need_class_name(self.name, {b.name for b in project.blocks.values()})
        new = BlockId(self.id) if self.id else fresh_block_id(project, self.name)
        if new in project.blocks or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", new):
            raise EditError(f"A block cannot have the id {new!r}.", "Ids are unique, of letters, digits, _ and -.")
        project = project.with_block(Block(new, self.name, _distinct(self.params), self.graph, self.help))
        _need_graph(project, new)
        return without_lost_wires(project)


def _need_graph(project: Project, block: BlockId) -> None:
    graph, names = project.blocks[block].graph, set[str]()
    for node in graph.nodes.values():
        need_layer(project, block, node.layer, node.id)
        need_name(node.name, names, project.blocks[block].name)
        names.add(node.name)
    if len(graph.order()) != len(graph.nodes):
        raise EditError(f"In {project.blocks[block].name} data would go round in a circle.")


@dataclass(frozen=True)
class RemoveBlock:
    """Take away a block that nothing uses."""

    block: str
    label = "Delete block"

    def __call__(self, project: Project) -> Project:
        block = project.block(self.block)
        if block.id == project.main:
            raise EditError(f"{block.name} is the network itself and stays.")
        for place, node in instances(project, block.id):
            where = project.block(place).name
            raise EditError(f"{block.name} is in use: {node.name} in {where}.", "Delete or ungroup that first.")
        blocks = {key: value for key, value in project.blocks.items() if key != block.id}
        layout = {key: value for key, value in project.layout.items() if key != block.id}
        return replace(project, blocks=blocks, layout=layout)


@dataclass(frozen=True)
class RenameBlock:
    """Give a block another class name."""

    block: str
    name: str

    def __post_init__(self) -> None:
        compose(self, "name")

    @property
    def label(self) -> str:
        return f"Rename to {self.name}"

    def __call__(self, project: Project) -> Project:
        block = project.block(self.block)
        if block.name == self.name:
            return project
        need_class_name(self.name, {b.name for b in project.blocks.values()})
        return project.with_block(replace(block, name=self.name))


@dataclass(frozen=True)
class SetMainName:
    """Give the network's own class another name."""

    name: str

    def __post_init__(self) -> None:
        compose(self, "name")

    @property
    def label(self) -> str:
        return f"Rename to {self.name}"

    def __call__(self, project: Project) -> Project:
        return RenameBlock(project.main, self.name)(project)


@dataclass(frozen=True)
class SetBlockHelp:
    """Say what a block is for: the docstring of its class."""

    block: str
    help: str
    label = "Describe block"

    def __call__(self, project: Project) -> Project:
        block = project.block(self.block)
        return project if block.help == self.help else project.with_block(replace(block, help=self.help))


@dataclass(frozen=True)
class SetBlockSequence:
    """Write a block as an `nn.Sequential`, or as a class with a forward of its own."""

    block: str
    sequence: bool
    label = "Write as a sequence"

    def __call__(self, project: Project) -> Project:
        block = project.block(self.block)
        if block.sequence == self.sequence:
            return project
        if self.sequence and (reason := why_no_chain(block, lambda node: project.ports(node, block.id))):
            raise EditError(reason, "An nn.Sequential is one module after the other, and nothing else.")
        return project.with_block(replace(block, sequence=self.sequence))


@dataclass(frozen=True)
class SetReturns:
    """Have the network hand out its results as a tuple, a dict or a named tuple."""

    block: str
    returns: Returns
    label = "Set what is returned"

    def __call__(self, project: Project) -> Project:
        block = project.block(self.block)
        if block.id != project.main:
            raise EditError(f"{block.name} is a block of the network.", "Only the network itself returns otherwise.")
        if self.returns not in get_args(Returns):
            raise EditError(f"Nothing is returned as {self.returns!r}.", f"Choose {', '.join(get_args(Returns))}.")
        return project if block.returns == self.returns else project.with_block(replace(block, returns=self.returns))


@dataclass(frozen=True)
class SetBlockParams:
    """Declare a block's parameters. Instances lose the arguments of those that are gone.

    What was whatever a kind of layer said becomes the layer that this was by default.
    """

    block: str
    params: Iterable[BlockParam]
    label = "Set parameters"

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", tuple(self.params))

    def __call__(self, project: Project) -> Project:
        block, params = project.block(self.block), _distinct(self.params)
        if params == block.params:
            return project
        kinds = {param.name: param.kind for param in params}
        lost = {p.name: p.default for p in block.params if p.kind == "layer" and kinds.get(p.name) != "layer"}
        graph = graph_with_layers(block.graph, lost)
        project = project.with_block(replace(block, params=params, graph=graph))
        gone: dict[str, str | None] = {p.name: None for p in block.params if kinds.get(p.name) != p.kind}
        return without_lost_wires(_with_arguments(project, block.id, gone))


@dataclass(frozen=True)
class RenameParam:
    """Give one parameter of a block another name, wherever it is mentioned."""

    block: str
    before: str
    after: str

    def __post_init__(self) -> None:
        compose(self, "after")

    @property
    def label(self) -> str:
        return f"Rename to {self.after}"

    def __call__(self, project: Project) -> Project:
        block = project.block(self.block)
        if self.before not in {p.name for p in block.params}:
            raise EditError(f"{block.name} has no parameter {self.before}.")
        if self.before == self.after:
            return project
        params = _distinct(replace(p, name=self.after) if p.name == self.before else p for p in block.params)
        graph = graph_with_values(block.graph, {self.before: Expr(self.after)})
        project = project.with_block(replace(block, params=params, graph=graph))
        return _with_arguments(project, block.id, {self.before: self.after})


def _distinct(params: Iterable[BlockParam]) -> tuple[BlockParam, ...]:
    found = tuple(p if p.name.isascii() else replace(p, name=composed(p.name)) for p in params)
    names = [param.name for param in found]
    for name in names:
        if names.count(name) > 1:
            raise EditError(f"Two parameters are called {name}.", "Names are arguments of one constructor.")
        if name == "i":
            raise EditError("A parameter cannot be called i: that counts the repeats of a block.")
        if reason := why_no_name(name):
            raise EditError(f"A parameter cannot be called that. {reason}")
    return found


def _with_arguments(project: Project, block: BlockId, names: dict[str, str | None]) -> Project:
    """The project with arguments of every instance renamed, or dropped where the new name is None."""

    def changed(instance: BlockLayer) -> BlockLayer:
        if instance.block != block or not names.keys() & instance.args.keys():
            return instance
        renamed = [(names.get(key, key), value) for key, value in instance.args.items()]
        return instance.with_(args={key: value for key, value in renamed if key is not None})

    for place, node in list(instances(project, block)) if names else ():
        layer = with_held(node.layer, changed)
        if layer is not node.layer:
            graph = project.block(place).graph
            project = with_graph(project, place, graph.with_nodes([replace(node, layer=layer)]))
    return project


@dataclass(frozen=True)
class SetRecipe:
    """Set an option of the recipe by path: "epochs", "optimizer.lr", "losses.0", "dataset"."""

    path: str
    value: Any

    @property
    def label(self) -> str:
        return f"Set {self.path.split('.')[-1] if not self.path[-1:].isdigit() else self.path.split('.')[0]}"

    def __call__(self, project: Project) -> Project:
        recipe = with_option(project.recipe, self.path.split("."), self.value)
        return project if recipe == project.recipe else replace(project, recipe=recipe)


def with_option(owner: Spec, path: list[str], value: Any) -> Any:
    """The spec with another value at a path of options and places in lists. Raises: SpecError."""
    name, rest = path[0], path[1:]
    if not rest:
        return owner.with_(**{name: value})
    inner = option(owner, name)
    if isinstance(inner, Spec):
        return owner.with_(**{name: with_option(inner, rest, value)})
    place = need_place(owner, name, inner, rest[0])
    new = with_option(inner[place], rest[1:], value) if rest[1:] else value
    return owner.with_(**{name: (*inner[:place], new, *inner[place + 1 :])})


def option(owner: Spec, name: str) -> Any:
    """The value of one option. Raises: SpecError naming those there are."""
    if name not in owner.params:
        known = ", ".join(owner.params) or "none"
        raise SpecError(f"{owner.title} has no option {name}.", f"Options: {known}.", field=name)
    return getattr(owner, name)


def need_place(owner: Spec, name: str, values: Any, text: str) -> int:
    """The index that a step of a path means. Raises: SpecError if there is no such place, or no list."""
    if not isinstance(values, tuple) or not all(isinstance(v, Spec) for v in values):
        raise SpecError(f"{owner.title}: {name} has no options of its own, so {text} means nothing.", field=name)
    if not text.isdecimal() or int(text) >= len(values):
        raise SpecError(f"{owner.title}: {name} has {len(values)} entries, counted from 0; got {text}.", field=name)
    return int(text)


@dataclass(frozen=True)
class MakeUnique:
    """Give a node a copy of its block, which can then be changed without the other places where the block stands."""

    node: NodeId
    block: str = ""
    label = "Make unique"

    def __call__(self, project: Project) -> Project:
        node = project.node(self.node, self.block)
        used = {instance.block for instance in held(node.layer) if instance.block in project.blocks}
        if not used:
            raise EditError(f"{node.name} holds no block.", "Select a block.")
        copies = {}
        for old in used:
            block = project.block(old)
            name = unique_class(block.name, {b.name for b in project.blocks.values()})
            new = fresh_block_id(project, name)
            copies[old] = str(new)
            project = project.with_block(replace(block, id=new, name=name))
            if block.id in project.layout:
                project = project.with_layout(new, project.layout[block.id])
        layer = with_held(node.layer, lambda instance: instance.with_(block=copies[instance.block]))
        graph = project.block(self.block).graph
        return with_graph(project, self.block, graph.with_nodes([replace(node, layer=layer)]))
