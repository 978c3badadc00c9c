"""Everything that the text of one class refers to: names, sizes, problems, and what the shapes are called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from engine.codegen.explain import same
from engine.codegen.expressions import value_text
from engine.codegen.generalise import Signature
from engine.codegen.memo import spec_text
from engine.codegen.names import KEYWORDS, RESERVED, Namespace, are_free
from engine.codegen.source import Line
from engine.document.names import MODULE_NAMES
from engine.graph.block import Block
from engine.graph.chain import chain_of, why_no_chain
from engine.graph.graph import BlockId, Node, NodeId
from engine.graph.shapes import BlockShapes
from engine.layers.base import Layer, Port
from engine.layers.block import BlockLayer, Holder, Shared, module_names
from engine.layers.chosen import Chosen
from engine.tensor import NumberSpec, TensorSpec

METHOD, BODY = " " * 4, " " * 8
ATTRIBUTE_NAMES = MODULE_NAMES | KEYWORDS | {"self"}
"""What no attribute is called."""
_ATTRIBUTE = re.compile(r"\bself\.\w+")
_LETTERS = {2: "BD", 3: "BTD", 4: "BCHW", 5: "BCDHW"}


@dataclass
class TopLevel:
    """What stands at the top level of the text: the names of classes and functions, and the classes by their blocks."""

    taken: frozenset[str]
    classes: Mapping[BlockId, str]
    layers: Mapping[tuple[BlockId, NodeId], Layer]
    """Code nodes whose function had to be called otherwise."""
    main: str = ""
    result: str = ""
    """The class of the named tuple that the network returns, if it returns one."""
    in_place: frozenset[BlockId] = frozenset()
    """Sequences that have no class, since they are written where their only instance stands."""


@dataclass
class Scope:
    """One block on its way to becoming a class. `failures` collects what could not be written, in words."""

    block: Block
    instances: tuple[BlockShapes, ...]
    signature: Signature
    inner: Mapping[BlockId, tuple[Block, Signature]]
    top: TopLevel
    problems: Mapping[NodeId, str]
    failures: list[str] = field(default_factory=list)
    stored: set[str] = field(default_factory=set)
    """Declared parameters that `forward` reads, and the constructor therefore keeps."""

    @cached_property
    def is_sequence(self) -> bool:
        """Whether the class is an `nn.Sequential`, whose layers are called by their numbers."""
        return self.block.sequence and not why_no_chain(self.block, lambda node: self.ports(self.layer(node.id)))

    def me(self, node: NodeId) -> str:
        """What holds a node's module: `self.conv1`."""
        if self.is_sequence:
            return f"self[{[n.id for n in chain_of(self.block)].index(node)}]"
        return f"self.{self.attributes[node]}"

    @cached_property
    def attributes(self) -> dict[NodeId, str]:
        """What each layer is called behind `self.`."""
        return attribute_names(self.block)

    @cached_property
    def modules(self) -> dict[NodeId, tuple[str, ...]]:
        """What the modules of loops and branches are called behind `self.`, one for each block."""
        graph = self.block.graph
        kinds = [kind for kind in graph.kinds if issubclass(kind, Holder) and not issubclass(kind, BlockLayer)]
        nodes = [graph.nodes[id] for id in graph.of_kind(*kinds)]
        if not nodes:
            return {}
        given = Namespace(MODULE_NAMES | KEYWORDS | {"self"} | set(self.attributes.values()))
        return {
            node.id: tuple(
                self.attributes[node.id] if name == node.name else given.add(name)
                for name in module_names(node.name, node.layer)
            )
            for node in nodes
        }

    @cached_property
    def kept(self) -> dict[str, str]:
        """Declared parameters as `forward` spells them: `self.width`."""
        if not self.signature.spelled:
            return {}
        given = Namespace(
            MODULE_NAMES | KEYWORDS | set(self.attributes.values()) | {m for row in self.modules.values() for m in row}
        )
        return {name: f"self.{given.add(name)}" for name in self.signature.spelled}

    def layer(self, node: NodeId) -> Layer | None:
        """The layer whose text a node contributes: for a Shared node the original's, None if there is none.

        For a chosen one what was chosen, whichever it is, since all are called alike.
        """
        found: Node | None = self.block.graph.nodes.get(node)
        if found is not None and isinstance(found.layer, Shared):
            found = self.block.graph.nodes.get(NodeId(found.layer.node))
            if found is None or isinstance(found.layer, Shared):
                return None
        if found is not None and isinstance(found.layer, Chosen):
            known = next((i.nodes[found.id].layer for i in self.instances if found.id in i.nodes), found.layer)
            return self.block.choice(found.layer.param) if isinstance(known, Chosen) else known
        return self.top.layers.get((self.block.id, found.id), found.layer) if found else None

    def owner(self, node: NodeId) -> NodeId:
        """The node whose module is called: the node itself, or the original of a Shared one."""
        layer = self.block.graph.nodes[node].layer
        return NodeId(layer.node) if isinstance(layer, Shared) else node

    def ports(self, layer: Layer | None) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
        """Inputs and outputs of a layer, of an instance of a block as well."""
        if layer is None:
            return (), ()
        if not isinstance(layer, Holder):
            return layer.ports_in(), layer.ports_out()
        blocks = [self.inner.get(BlockId(instance.block)) for instance in layer.held()]
        inner = [(b[0].ports_in(), b[0].ports_out()) for b in blocks if b]
        return layer.ports(inner) if len(inner) == len(blocks) else ((), ())

    def keep(self, text: str) -> None:
        """Have the constructor store the parameters that this part of `forward` reads."""
        read = set(_ATTRIBUTE.findall(text))
        self.stored |= {name for name, kept in self.kept.items() if kept in read}

    def line(self, text: str, *nodes: NodeId) -> Line:
        """A line that was written for these nodes, for the first above all."""
        places = [(self.block.id, node) for node in nodes]
        return Line(text, places[0] if places else None, tuple(places[1:]))

    def value(self, value: Any) -> str:
        """A literal or expression as `__init__` writes it."""
        return value_text(value, self.signature.spelled)

    def specs(self, node: NodeId, port: str) -> Sequence[TensorSpec | None]:
        """The spec of an output in every instance."""
        return [s.outputs.get(port) for i in self.instances if (s := i.nodes.get(node))]

    def incoming(self, output: Node) -> Sequence[TensorSpec | None]:
        """What is wired into an Output node in every instance."""
        edge = next(iter(self.block.graph.into(output.id)), None)
        return self.specs(edge.source, edge.source_port) if edge else []

    def shape_text(self, specs: Sequence[TensorSpec | None]) -> str:
        """A shape that holds in every instance: sizes that differ are called by a parameter or a letter."""
        known = [s for s in specs if s is not None]
        if not known or len(known) != len(specs):
            return ""
        first = known[0]
        if all(s == first for s in known[1:]):
            return spec_text(first)
        if any(type(s) is not type(first) or s.rank != first.rank or s.dtype != first.dtype for s in known):
            return ""
        if isinstance(first, NumberSpec):
            return ""
        columns = list(zip(*(s.shape for s in known)))
        return str(replace(first, shape=tuple(self._size(c, i, first.rank) for i, c in enumerate(columns))))

    def summary(self) -> str:
        """What comes in and what goes out, in one line; "" as long as that is not known."""
        ins = [self.shape_text(self.specs(n.id, p.name)) for n in self.block.inputs for p in n.layer.ports_out()]
        outs = [self.shape_text(self.incoming(n)) for n in self.block.outputs]
        if not ins or not outs or not all((*ins, *outs)):
            return ""
        named_ins = (f"{node.name}: {text}" for node, text in zip(self.block.inputs, ins))
        named_outs = (f"{node.name}: {text}" for node, text in zip(self.block.outputs, outs))
        return f"{', '.join(named_ins)} -> {', '.join(named_outs)}."

    def _size(self, column: tuple[Any, ...], index: int, rank: int) -> Any:
        if all(size == column[0] for size in column):
            return column[0]
        if len(column) == len(self.instances) and column in self._size_names:
            return self._size_names[column]
        if column not in self._letters:
            letters = _LETTERS.get(rank, "")
            self._letters[column] = self._free_letters.add(letters[index] if index < len(letters) else "N")
        return self._letters[column]

    @cached_property
    def _letters(self) -> dict[tuple[Any, ...], str]:
        return {}

    @cached_property
    def _free_letters(self) -> Namespace:
        return Namespace({"B"})

    @cached_property
    def _size_names(self) -> dict[tuple[Any, ...], str]:
        """Constructor parameters by their values in all instances."""
        found: dict[tuple[Any, ...], str] = {}
        for name, spelled in self.signature.spelled.items():
            values = tuple(i.args.get(name) for i in self.instances)
            if not all(same(v, values[0]) for v in values):
                found.setdefault(values, spelled)
        for name, sizes in self.signature.derived.items():
            records = [i.nodes.get(sizes[0].node) for i in self.instances]
            values = tuple(r.derived.get(sizes[0].name) if r else None for r in records)
            found.setdefault(values, name)
        return found


def attribute_names(block: Block) -> dict[NodeId, str]:
    """What each layer of a block is called behind `self.`."""
    names = {id: node.name for id, node in block.graph.nodes.items()}
    if are_free(names.values(), ATTRIBUTE_NAMES):
        return names
    given = Namespace(ATTRIBUTE_NAMES)
    return {node.id: given.add(node.name) for node in block.graph.nodes.values()}


def names_again(
    before: Mapping[NodeId, str], taken: set[str], block: Block, changed: Iterable[NodeId]
) -> dict[NodeId, str] | None:
    """`attribute_names` where every layer was called by its own name and others than these still are.

    taken: the names, which become those of now. Returns: None if a layer has to be called otherwise.
    """
    names, nodes = dict(before), block.graph.nodes
    changed = list(changed)
    taken.difference_update(names.pop(id) for id in changed if id in names)
    for id in changed:
        if id in nodes:
            name = nodes[id].name
            if name in taken or not are_free((name,), ATTRIBUTE_NAMES):
                return None
            taken.add(name)
            names[id] = name
    return names


def local_names(scope: Scope, more: Iterable[str] = ()) -> Namespace:
    """Variables of `forward`: they shadow no builtin, module, class or function."""
    return Namespace(RESERVED | scope.top.taken | set(more))


def argument_names(top: TopLevel, block: Block) -> dict[NodeId, str]:
    """What the Input nodes of a block are called in its `forward`."""
    names = Namespace(RESERVED | top.taken)
    return {node.id: names.add(node.name) for node in block.inputs}
