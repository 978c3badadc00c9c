"""Several instances of one block as one class: which sizes become constructor parameters, and what explains them.

A size is what the wiring determines: `in_channels` of a layer, or such a parameter of a block that stands inside.
Where all instances agree it is written as a literal; where they differ it is a constructor parameter, one for all
sizes that always move together; and where a declared parameter (or the expression of the layer that feeds this one)
explains it in every instance, that is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.codegen.explain import UNKNOWN, Explainer, agree, same, size_params
from engine.codegen.expressions import mentions_repeat, value_text
from engine.codegen.memo import Built, built, built_from
from engine.codegen.names import RESERVED, Namespace
from engine.graph.block import Block
from engine.graph.graph import BlockId, NodeId
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.layers.base import Layer
from engine.layers.block import BlockLayer, Holder, Shared
from engine.layers.chosen import Chosen, chosen_call

LISTED = 16
"""A row of up to so many repeats is listed when they differ; a longer one if nothing shorter can be said of it."""


@dataclass(frozen=True)
class Size:
    """A derived size: of a layer, or of the repeats `first` up to (not with) `end` of an instance of a block."""

    node: NodeId
    name: str
    first: int = 0
    end: int | None = None

    @property
    def is_own(self) -> bool:
        """Whether a loop itself needs it, for the zeros of a state, and not the block that it applies."""
        return self.first < 0


@dataclass(frozen=True)
class Row:
    """How the repeats of an instance are told apart.

    sizes: per constructor parameter of the inner class, one Size for all repeats, or several in their order.
    borrowed: parameters that equal a declared argument, expression in `i` and all. listed: every repeat by itself.
    """

    sizes: Mapping[str, tuple[Size, ...]]
    borrowed: Mapping[str, str] = field(default_factory=dict)
    listed: bool = False


@dataclass(frozen=True)
class Signature:
    """What the constructor of a block's class takes, and how each size is written inside.

    derived: constructor parameters made from sizes, with the sizes they stand for. spelled: declared parameters as
    they are called in the text. texts: a size that is known nowhere is missing. built: the layers' calls.
    is_plain: all sizes of layers are literals, as they stand in the calls. size_params: declared ones that are sizes.
    """

    spelled: Mapping[str, str]
    derived: Mapping[str, tuple[Size, ...]]
    texts: Mapping[Size, str]
    built: Mapping[NodeId, Built]
    rows: Mapping[tuple[NodeId, int], Row]
    is_plain: bool
    size_params: frozenset[str]


class Generaliser:
    """Signatures of blocks, made bottom-up: a block after those that stand in it."""

    def __init__(self) -> None:
        self.signatures: dict[BlockId, Signature] = {}
        self.size_params: dict[BlockId, frozenset[str]] = {}

    def value(self, shapes: BlockShapes, name: str) -> Any:
        """What an instance's call gives for a derived constructor parameter, UNKNOWN if that is not known."""
        signature = self.signatures.get(shapes.block)
        sizes = signature.derived.get(name, ()) if signature else ()
        return next((v for size in sizes if (v := self.read(size, shapes)) is not UNKNOWN), UNKNOWN)

    def read(self, size: Size, shapes: BlockShapes) -> Any:
        """The size in one instance; UNKNOWN if it is not known, or not the same in all the repeats it stands for."""
        node = shapes.nodes.get(size.node)
        if node is None:
            return UNKNOWN
        if not isinstance(node.layer, Holder) or size.is_own:
            if size.name not in node.derived and len(node.derived) == 1:
                return next(iter(node.derived.values()))  # a chosen layer calls its size otherwise than another
            return node.derived.get(size.name, UNKNOWN)
        found = [self.value(child, size.name) for child in node.repeats[size.first : size.end]]
        known = [v for v in found if v is not UNKNOWN]
        return known[0] if known and agree(known) else UNKNOWN

    def add(self, block: Block, instances: tuple[BlockShapes, ...], *, is_main: bool) -> Signature:
        """The signature of a block from all its distinct instances; what enters the main one comes from the data."""
        signature = _Reader(self, block, instances, is_main).signature()
        self.signatures[block.id] = signature
        self.size_params[block.id] = signature.size_params
        return signature


def needs_sizes(layer: Layer, shapes: NodeShapes | None) -> bool:
    """Whether the layer takes sizes from its wires and they are not known."""
    if type(layer).derive is Layer.derive:
        return False
    if shapes is None:
        return True
    required = (p.name for p in layer.ports_in() if p.kind != "optional")
    return not shapes.derived and (shapes.failed or any(shapes.inputs.get(name) is None for name in required))


class _Reader:
    """Reads one block in all its instances."""

    def __init__(self, above: Generaliser, block: Block, instances: tuple[BlockShapes, ...], is_main: bool) -> None:
        self.above, self.block, self.instances = above, block, instances
        self.size_params = size_params(block, above.size_params) if block.params else frozenset()
        self.entering = frozenset() if is_main else self.size_params
        names = Namespace(RESERVED | {"i"})
        self.spelled = {p.name: names.add(p.name) for p in block.params}
        self.names = names
        self.built: dict[NodeId, Built] = {}
        # Every size of the one instance is a literal: nothing to compare and nothing to explain.
        self.is_plain = len(instances) == 1 and not block.params
        self.rows: dict[tuple[NodeId, int], Row] = {}
        """By node, and by part for a layer that holds several blocks."""

    def signature(self) -> Signature:
        explainer = Explainer(self.block, self.instances, self.spelled, self.entering, self.above.size_params)
        texts: dict[Size, str] = {}
        groups: dict[tuple[Any, ...], list[Size]] = {}
        for size in self.sizes():
            values = tuple(self.above.read(size, shapes) for shapes in self.instances)
            known = [v for v in values if v is not UNKNOWN]
            if not known:
                continue
            text = explainer.text(size.node, values, size.first)
            if text is None and agree(values):
                text = value_text(known[0])
            if text is None:
                groups.setdefault(values, []).append(size)
            else:
                texts[size] = text
        derived = {}
        for sizes in groups.values():
            name = self.names.add(sizes[0].name, f"{self.block.graph.nodes[sizes[0].node].name}_{sizes[0].name}")
            derived[name] = tuple(sizes)
            texts |= dict.fromkeys(sizes, name)
        return Signature(self.spelled, derived, texts, self.built, self.rows, self.is_plain, self.size_params)

    def sizes(self) -> Iterable[Size]:
        """Every size of the block in the order in which the constructor will mention it."""
        for node_id in self.block.graph.order():
            layer = self.block.graph.nodes[node_id].layer
            if isinstance(layer, Shared):
                continue
            if isinstance(layer, BlockLayer):
                yield from self.row(node_id, layer)
                continue
            if isinstance(layer, Holder):
                yield from self.parts(node_id, layer)
                continue
            if isinstance(layer, Chosen):
                yield from self.chosen(node_id, layer)
                continue
            records = [i.nodes.get(node_id) for i in self.instances] or [None]
            known = [record for record in records if not needs_sizes(layer, record)]
            if not known:
                continue
            derived = known[0].derived if known[0] else {}
            made = self.built[node_id] = built(layer, tuple(derived.items()))
            if made.sizes and not (self.is_plain and made.text):
                yield from (Size(node_id, name) for name in made.sizes)

    def chosen(self, node: NodeId, layer: Chosen) -> Iterable[Size]:
        """The sizes of a layer that a parameter says: one call makes whatever it is, so all must need as many."""
        records = [r for i in self.instances if (r := i.nodes.get(node)) and not needs_sizes(r.layer, r)]
        if not records or layer.param not in self.spelled or len({len(r.derived) for r in records}) > 1:
            return
        call = records[0].layer.build(records[0].derived)
        if call is None:
            return
        self.built[node] = made = built_from(chosen_call(self.spelled[layer.param], call))
        yield from (Size(node, name) for name in made.sizes)

    def row(self, node: NodeId, layer: BlockLayer) -> Iterable[Size]:
        inner = self.above.signatures.get(BlockId(layer.block))
        if inner is None:
            return
        row = self.rows[node, 0] = self._row(node, layer, tuple(inner.derived))
        for sizes in row.sizes.values():
            yield from sizes

    def parts(self, node: NodeId, layer: Holder) -> Iterable[Size]:
        """The sizes of the blocks of a loop or branch, and of the zeros that states begin with."""
        for part, instance in enumerate(layer.held()):
            if (inner := self.above.signatures.get(BlockId(instance.block))) is not None:
                row = Row({name: (Size(node, name, part, part + 1),) for name in inner.derived})
                self.rows[node, part] = row
                yield from (size for sizes in row.sizes.values() for size in sizes)
        known = next((r for i in self.instances if (r := i.nodes.get(node)) and r.derived), None)
        yield from (Size(node, name, -1) for name in (known.derived if known else ()))

    def _row(self, node: NodeId, layer: BlockLayer, names: tuple[str, ...]) -> Row:
        if layer.repeat == 1 or layer.shared:
            return Row({name: (Size(node, name, 0, 1),) for name in names})
        children = [shapes.nodes[node].repeats for shapes in self.instances if node in shapes.nodes]
        is_short = isinstance(layer.repeat, int) and layer.repeat <= LISTED
        longest = max(map(len, children), default=0)
        moving = [a for a, v in layer.args.items() if mentions_repeat(v)]
        sizes: dict[str, tuple[Size, ...]] = {}
        borrowed: dict[str, str] = {}
        for name in names:
            rows = [[self.above.value(child, name) for child in row] for row in children]
            lender = next((a for a in moving if self._lends(a, rows, children)), None)
            if all(agree(row) for row in rows):
                sizes[name] = (Size(node, name),)
            elif lender:
                borrowed[name] = lender
            elif all(agree(row[1:]) for row in rows) and not is_short:
                sizes[name] = (Size(node, name, 0, 1), Size(node, name, 1))
            elif isinstance(layer.repeat, int):
                every = range(layer.repeat)
                return Row({n: tuple(Size(node, n, k, k + 1) for k in every) for n in names}, listed=True)
            else:
                sizes[name] = tuple(Size(node, name, k, k + 1) for k in range(longest))
        return Row(sizes, borrowed)

    def _lends(self, argument: str, rows: list[list[Any]], children: list[tuple[BlockShapes, ...]]) -> bool:
        """Whether a declared argument has the very values of a derived one, repeat by repeat."""
        pairs = [(v, c.args.get(argument)) for row, cs in zip(rows, children) for v, c in zip(row, cs)]
        return bool(pairs) and all(same(value, lent) for value, lent in pairs)
