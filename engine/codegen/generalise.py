"""Several instances of one block as one class: which sizes become constructor parameters, and what explains them.

A size is what the wiring determines: `in_channels` of a layer, or such a parameter of a block that stands inside.
Where all instances agree it is written as a literal; where they differ it is a constructor parameter, one for all
sizes that always move together; and where a declared parameter (or the expression of the layer that feeds this one)
explains it in every instance, that is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from engine.codegen.explain import UNKNOWN, Explainer, agree, evaluated_in, same, size_params
from engine.codegen.expressions import at_repeat, mentions_repeat, value_text
from engine.codegen.memo import Built, built, built_from
from engine.codegen.names import RESERVED, Namespace
from engine.document.expressions import argument_with_values, substituted
from engine.expr import Expr
from engine.graph.block import Block
from engine.graph.graph import BlockId, NodeId
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.layers.base import Layer
from engine.layers.block import COUNT, BlockLayer, Holder, Shared
from engine.layers.chosen import Chosen, chosen_call
from engine.tensor import TensorSpec

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
    steps: parameters that grow by as much from repeat to repeat; their Size is that of the first.
    """

    sizes: Mapping[str, tuple[Size, ...]]
    borrowed: Mapping[str, str] = field(default_factory=dict)
    listed: bool = False
    steps: Mapping[str, Expr | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Signature:
    """What the constructor of a block's class takes, and how each size is written inside.

    derived: constructor parameters made from sizes, with the sizes they stand for. spelled: declared parameters as
    they are called in the text. found: sizes as numbers or expressions; one that is known nowhere is missing.
    built: the layers' calls.
    is_plain: all sizes of layers are literals, as they stand in the calls. size_params: declared ones that are sizes.
    by_place: declared ones that a call need not name. results: the sizes of what the block gives, as far as they
    follow from parameters.
    """

    spelled: Mapping[str, str]
    derived: Mapping[str, tuple[Size, ...]]
    built: Mapping[NodeId, Built]
    rows: Mapping[tuple[NodeId, int], Row]
    is_plain: bool
    size_params: frozenset[str]
    by_place: frozenset[str] = frozenset()
    results: tuple[Expr, ...] = ()
    found: Mapping[Size, Any] = field(default_factory=dict)

    @cached_property
    def texts(self) -> dict[Size, str]:
        """The sizes as source."""
        return {size: value_text(found, self.spelled) for size, found in self.found.items()}


class Generaliser:
    """Signatures of blocks, made bottom-up: a block after those that stand in it."""

    def __init__(self) -> None:
        self.signatures: dict[BlockId, Signature] = {}
        self.size_params: dict[BlockId, frozenset[str]] = {}
        self.blocks: dict[BlockId, Block] = {}

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
        return self.again(block, instances, is_main, None, set())

    def again(
        self,
        block: Block,
        instances: tuple[BlockShapes, ...],
        is_main: bool,
        before: Signature | None,
        news: set[NodeId],
    ) -> Signature:
        """The same from the signature of before, `news` being all nodes that are others, were, or are new."""
        reader = _Reader(self, block, instances, is_main)
        signature = reader.signature(before, news)
        del reader.explainer  # it asks back: a circle with all that is known of a network in it
        return self.keep(block, signature)

    def keep(self, block: Block, signature: Signature) -> Signature:
        """Go on from a signature that is known."""
        self.signatures[block.id] = signature
        self.blocks[block.id] = block
        self.size_params[block.id] = signature.size_params
        return signature


def counted(layer: BlockLayer, around: Block) -> BlockLayer:
    """The instance with the number of its repeats in the place of n, unless a parameter around it is called so."""
    if any(p.name == COUNT for p in around.params):
        return layer
    args = {name: argument_with_values(value, {COUNT: layer.repeat}) for name, value in layer.args.items()}
    return layer if args == dict(layer.args) else layer.with_(args=args)


def needs_sizes(layer: Layer, shapes: NodeShapes | None) -> bool:
    """Whether the layer takes sizes from its wires and they are not known."""
    if type(layer).derive is Layer.derive:
        return False
    if shapes is None:
        return True
    required = (p.name for p in layer.ports_in() if p.kind != "optional")
    if shapes.derived:
        return False
    return shapes.failed or not shapes.known or any(shapes.inputs.get(name) is None for name in required)


class _Reader:
    """Reads one block in all its instances."""

    def __init__(self, above: Generaliser, block: Block, instances: tuple[BlockShapes, ...], is_main: bool) -> None:
        self.above, self.block, self.instances = above, block, instances
        self.size_params = size_params(block, above.size_params) if block.params else frozenset()
        self.entering = frozenset() if is_main else self.size_params
        names = Namespace(RESERVED | {"i"})
        self.spelled = {p.name: names.add(p.name) for p in block.params}
        self.names = names
        self.names_of: dict[tuple[Any, ...], str] = {}
        self.built: dict[NodeId, Built] = {}
        self.found: dict[Size, Any] = {}
        # Every size of the one instance is a literal: nothing to compare and nothing to explain. What a sequence holds
        # is written in the words of the class around it, for which its sizes have to be known.
        self.is_plain = len(instances) == 1 and not block.params and not block.sequence
        self.is_literal = self.is_plain and is_main
        self.is_main = is_main
        self.rows: dict[tuple[NodeId, int], Row] = {}
        """By node, and by part for a layer that holds several blocks."""
        self.explainer = Explainer(
            block, instances, self.spelled, self.entering, above.size_params, lambda node: self.made(node)
        )

    def signature(self, before: Signature | None = None, news: Iterable[NodeId] = ()) -> Signature:
        """What can be said of the block. before, news: the signature of before, and the nodes that are others now."""
        groups: dict[tuple[Any, ...], list[Size]] = {}
        derived: dict[str, tuple[Size, ...]] = {}
        for size in self.sizes() if before is None or not self.is_literal else self.sizes_again(before, set(news)):
            values = tuple(self.above.read(size, shapes) for shapes in self.instances)
            known = [v for v in values if v is not UNKNOWN]
            if not known:
                continue
            found: Any = None if self.is_literal else self.explainer.find(size.node, values, size.first)
            if found is None and agree(values):
                found = known[0]
            if found is None:
                groups.setdefault(values, []).append(size)
                found = Expr(self.named(groups[values][0], values))
                derived[found.text] = tuple(groups[values])
            self.found[size] = found
        plain = (self.built, self.rows, self.is_plain, self.size_params, self.by_place())
        return Signature(self.spelled, derived, *plain, self.results(), self.found)

    def by_place(self) -> frozenset[str]:
        """The first parameter, if it is a size or something that a layer asks for, as the number of embeddings."""
        if not self.block.params:
            return frozenset()
        first = next((p.name for p in self.block.params if p.kind == "int"), "")
        if first != (self.block.params[0].name if self.block.params else ""):
            return frozenset()
        layers = [node.layer for node in self.block.graph.nodes.values()]
        options = ((layer.params.get(name), v) for layer in layers for name, v in layer.expressions().items())
        asked = [value for declared, value in options if declared is not None and declared.is_required]
        is_asked = any(first in expression.names() for expression in asked)
        return frozenset({first} if first and (is_asked or first in self.size_params) else ())

    def named(self, size: Size, values: tuple[Any, ...]) -> str:
        """The constructor parameter that a size has become; what follows may be explained by it."""
        if values not in self.names_of:
            wish = self.everyday(size)
            name = self.names.add(wish, f"{self.block.graph.nodes[size.node].name}_{wish}")
            self.names_of[values] = name
            self.explainer.name(name, values)
        return self.names_of[values]

    def everyday(self, size: Size) -> str:
        """What people call a size that a norm counts: the channels or features that come in."""
        if size.name not in ("num_features", "num_channels", "normalized_shape"):
            return size.name
        records = (i.nodes.get(size.node) for i in self.instances)
        spec = next((r.inputs.get("x") for r in records if r is not None), None)
        is_last = size.name == "normalized_shape" or not isinstance(spec, TensorSpec) or spec.rank < 3
        return "in_features" if is_last else "in_channels"

    def results(self) -> tuple[Expr, ...]:
        """The channels or features of what the block gives, where they follow from its parameters."""
        found: dict[Expr, None] = {}
        for node in () if self.is_literal or self.is_main else self.block.outputs:
            edges = self.block.graph.into(node.id)
            records = [i.nodes.get(edges[0].source) for i in self.instances] if edges else []
            specs = [record.outputs.get(edges[0].source_port) if record else None for record in records]
            if not specs or not all(isinstance(spec, TensorSpec) for spec in specs):
                continue
            ranks = {spec.rank for spec in specs if spec}
            for axis in sorted({1, min(ranks) - 1} - {0, -1}) if min(ranks) < 4 else (1,):
                values = tuple(spec.shape[axis] if spec and axis < spec.rank else UNKNOWN for spec in specs)
                if expression := self.explainer.find(node.id, values):
                    found[expression] = None
        return tuple(found)

    def made(self, node: NodeId) -> list[Expr]:
        """The sizes that an instance of a block gives, in terms of this block's parameters."""
        layer, row = self.block.graph.nodes[node].layer, self.rows.get((node, 0))
        assert isinstance(layer, BlockLayer)
        inner = self.above.signatures.get(BlockId(layer.block))
        if inner is None or row is None or not inner.results:
            return []
        declared = {p.name: p.default for p in self.above.blocks[BlockId(layer.block)].params}
        values: dict[str, Any] = {**declared, **counted(layer, self.block).args}
        is_row = not layer.shared and layer.repeat != 1
        if is_row:
            values = {n: at_repeat(v, layer.repeat - 1) if type(layer.repeat) is int else v for n, v in values.items()}
        for name, sizes in row.sizes.items():
            last = self.found.get(sizes[-1])
            if last is not None and name not in row.steps and (not is_row or len(sizes) == 1 or sizes[-1].end != 1):
                values[name] = last
        found = [
            substituted(result, values)
            for result in inner.results
            if result.names() <= values.keys() and not any(mentions_repeat(values[n]) for n in result.names())
        ]
        for name, step in row.steps.items():
            if (first := self.found.get(row.sizes[name][0])) is not None:
                found.append(Expr(f"({first}) + ({layer.repeat}) * ({step})"))
        return [each for each in found if isinstance(each, Expr)]

    def sizes(self) -> Iterable[Size]:
        """Every size of the block in the order in which the constructor will mention it."""
        for node in self.block.graph.order():
            yield from self.sizes_of(node)

    def sizes_again(self, before: Signature, news: set[NodeId]) -> Iterable[Size]:
        """Those of nodes that are others than before, or that were not there; all else is taken over."""
        self.built, self.rows, self.found = dict(before.built), dict(before.rows), dict(before.found)
        for size in [size for size in self.found if size.node in news]:
            del self.found[size]
        for key in [key for key in self.rows if key[0] in news]:
            del self.rows[key]
        rank = self.block.graph.wiring.rank
        for node in news:
            self.built.pop(node, None)
            if node in rank:
                yield from self.sizes_of(node)

    def sizes_of(self, node: NodeId) -> Iterable[Size]:
        """The sizes of one node; what is found of it on the way is kept."""
        layer = self.block.graph.nodes[node].layer
        if isinstance(layer, BlockLayer):
            yield from self.row(node, layer)
        elif isinstance(layer, Holder):
            yield from self.parts(node, layer)
        elif isinstance(layer, Chosen):
            yield from self.chosen(node, layer)
        if isinstance(layer, (Shared, Holder, Chosen)):
            return
        records = [i.nodes.get(node) for i in self.instances] or [None]
        known = [record for record in records if not needs_sizes(layer, record)]
        if not known:
            return
        derived = known[0].derived if known[0] else {}
        made = self.built[node] = built(layer, tuple(derived.items()))
        if made.sizes and not (self.is_plain and made.text):
            yield from (Size(node, name) for name in made.sizes)

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
        steps: dict[str, Expr | int] = {}
        for name in names:
            rows = [[self.above.value(child, name) for child in row] for row in children]
            lender = next((a for a in moving if self._lends(a, rows, children)), None)
            if all(agree(row) for row in rows):
                sizes[name] = (Size(node, name),)
            elif lender:
                borrowed[name] = lender
            elif (step := self._step(layer, rows)) is not None:
                sizes[name] = (Size(node, name, 0, 1),)
                steps[name] = step
            elif all(agree(row[1:]) for row in rows) and not is_short:
                sizes[name] = (Size(node, name, 0, 1), Size(node, name, 1))
            elif isinstance(layer.repeat, int):
                every = range(layer.repeat)
                return Row({n: tuple(Size(node, n, k, k + 1) for k in every) for n in names}, listed=True)
            else:
                sizes[name] = tuple(Size(node, name, k, k + 1) for k in range(longest))
        return Row(sizes, borrowed, steps=steps)

    def _step(self, layer: BlockLayer, rows: list[list[Any]]) -> Expr | int | None:
        """By how much a size grows from repeat to repeat, in the words of an argument, if it is always as much."""
        steps: list[int] = []
        for row in rows:
            if any(type(v) is not int for v in row):
                return None
            differences = {after - before for before, after in pairwise(row)}
            if len(row) < 3 or len(differences) != 1:
                return None
            steps += differences
        for value in counted(layer, self.block).args.values():
            evaluated = [evaluated_in(value, instance.args) for instance in self.instances]
            if isinstance(value, Expr) and not mentions_repeat(value) and evaluated == steps:
                return value
        return steps[0] if steps and len(set(steps)) == 1 else None

    def _lends(self, argument: str, rows: list[list[Any]], children: list[tuple[BlockShapes, ...]]) -> bool:
        """Whether a declared argument has the very values of a derived one, repeat by repeat."""
        pairs = [(v, c.args.get(argument)) for row, cs in zip(rows, children) for v, c in zip(row, cs)]
        return bool(pairs) and all(same(value, lent) for value, lent in pairs)
