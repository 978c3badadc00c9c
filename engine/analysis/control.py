"""Shapes of loops and branches: a loop is known from one step, for what a step carries has to keep its shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.analysis.nested import culprit
from engine.analysis.record import Gathered, Record, from_error
from engine.errors import LayerError
from engine.graph.block import Block
from engine.graph.graph import BlockId, Graph, Node
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.layers.block import Holder, Ports
from engine.layers.checks import feature_axis
from engine.layers.control import Branch, Roles, Scan, While, zero_sizes
from engine.tensor import Dim, TensorSpec

Specs = Mapping[str, TensorSpec | None]
Of = Callable[[int, tuple[TensorSpec | None, ...]], BlockShapes]
"""The shapes of one of the blocks for these inputs."""

_SIZES = ("hidden_size", "out_features", "out_channels", "embedding_dim")
_ROUNDS = 3


@dataclass(frozen=True)
class Controlled:
    """What a loop or branch gives. times: how often each of its blocks is applied to one sample."""

    outputs: Specs = field(default_factory=dict)
    repeats: tuple[BlockShapes, ...] = ()
    derived: Mapping[str, Any] = field(default_factory=dict)
    times: int = 1
    error: LayerError | None = None


def controlled(layer: Holder, blocks: Sequence[Block], given: Specs, waits: bool, of: Of) -> Controlled:
    """The shapes of a loop or branch; `waits` says that a wire brings what is not known yet."""
    inner = [(b.ports_in(), b.ports_out()) for b in blocks]
    outputs: Specs = {p.name: None for p in layer.ports(inner)[1]}
    run = _Run(blocks, inner, given, waits, of, outputs)
    try:
        if isinstance(layer, Scan):
            return run.scan(layer)
        if isinstance(layer, While):
            return run.repeat(layer)
        assert isinstance(layer, Branch)
        return run.branch(layer)
    except LayerError as error:
        return Controlled(outputs, tuple(run.seen.values()), error=error)


class _Run:
    def __init__(
        self, blocks: Sequence[Block], inner: list[Ports], given: Specs, waits: bool, of: Of, outputs: Specs
    ) -> None:
        self.blocks, self.inner, self.given, self.waits, self._of = blocks, inner, given, waits, of
        self.outputs = outputs
        self.seen: dict[int, BlockShapes] = {}

    def step(self, index: int, inputs: Specs) -> BlockShapes:
        """One block, its inputs by name."""
        ports = self.inner[index][0]
        self.seen[index] = self._of(index, tuple(inputs.get(p.name) for p in ports))
        return self.seen[index]

    def results(self, index: int, shapes: BlockShapes) -> Specs:
        return dict(zip((p.name for p in self.inner[index][1]), shapes.outputs))

    def scan(self, layer: Scan) -> Controlled:
        roles = layer.roles_in(self.inner[0])
        if not roles.sequences:
            raise LayerError("No input of the block is a sequence.", "Say in roles which of them is sliced.")
        inputs = dict(self.given)
        length: Dim | None = None
        for name in roles.sequences:
            spec = self.given.get(name)
            if spec is None:
                self.step(0, {**self.given, **dict.fromkeys(roles.sequences)})
                return Controlled(self.outputs, tuple(self.seen.values()))
            axis = feature_axis(spec, layer.dim, "go through the samples one by one")
            if length is not None and spec.shape[axis] != length:
                raise LayerError(
                    f"The sequences differ in length: {length} steps and {spec.shape[axis]} at {name}.",
                    "Every step takes a slice of each.",
                    port=name,
                )
            length = spec.shape[axis]
            inputs[name] = TensorSpec((*spec.shape[:axis], *spec.shape[axis + 1 :]), spec.dtype)
        assert length is not None
        shapes, steps = self.with_states(roles, inputs)
        found = self.results(0, shapes)
        self.need_kept(roles, steps, found)
        outputs: dict[str, TensorSpec | None] = {}
        for name, result in found.items():
            outputs[name] = _stacked(result, layer.dim, length, name) if result else None
        outputs |= {state: found[output] for state, output in roles.states.items()}
        derived = self.zeros(layer, roles, steps)
        times = TensorSpec((length,)).count()
        return Controlled(outputs, (shapes,), derived, times)

    def zeros(self, layer: Scan, roles: Roles, inputs: Specs) -> dict[str, int]:
        """The sizes of the states that begin with zeros, as far as the sequence does not have them."""
        derived: dict[str, int] = {}
        sequence = self.given[roles.sequences[0]]
        for state in roles.states:
            spec = inputs.get(state)
            if self.given.get(state) is not None or spec is None or sequence is None:
                continue
            try:
                sizes = zero_sizes(state, spec.shape, sequence.shape, layer.dim)
            except ValueError as error:
                message = (
                    f"The state {state} begins with zeros of {spec}, and {roles.sequences[0]} has no size {error}."
                )
                raise LayerError(message, f"Wire its first value into {state}.", port=state) from None
            derived |= {size.name: size.value for size in sizes if size.axis is None}
        return derived

    def with_states(self, roles: Roles, inputs: dict[str, TensorSpec | None]) -> tuple[BlockShapes, Specs]:
        """One step, with a shape found for every state that nothing is wired into."""
        open_ = [name for name in roles.states if self.given.get(name) is None]
        shapes = self.step(0, inputs)
        if not open_ or self.waits:
            return shapes, inputs
        for node in self.blocks[0].inputs:
            if node.name in open_ and node.id in shapes.nodes:
                inputs[node.name] = shapes.nodes[node.id].outputs.get("out")
        unsaid = [name for name in open_ if inputs[name] is None]
        slice_ = inputs[roles.sequences[0]]
        for start in _starts(shapes, slice_) if unsaid and slice_ else ():
            tried = {**inputs, **dict.fromkeys(unsaid, start)}
            for _ in range(_ROUNDS):
                found = self.results(0, self.step(0, tried))
                wanted = {name: found[roles.states[name]] for name in unsaid}
                if any(spec is None for spec in wanted.values()):
                    break
                if all(tried[name] == spec for name, spec in wanted.items()):
                    return self.seen[0], tried
                tried |= wanted
        shapes = self.step(0, inputs)
        if unsaid and not any(p.severity == "error" for p in shapes.problems):
            names = ", ".join(unsaid)
            raise LayerError(
                f"Nothing says how large the state {names} is.",
                f"Wire its first value into {unsaid[0]}, or give the Input {unsaid[0]} of the block a shape.",
                port=unsaid[0],
            )
        return shapes, inputs

    def need_kept(self, roles: Roles, inputs: Specs, found: Specs) -> None:
        """Raises: LayerError if a state changes its shape from step to step."""
        for state, output in roles.states.items():
            before, after = inputs.get(state), found.get(output)
            if before is not None and after is not None and before != after:
                raise LayerError(
                    f"The state {state} is {before}, and comes back from {output} as {after}.",
                    "Every step takes what the one before gives, so a state keeps its shape.",
                    port=state,
                )

    def repeat(self, layer: While) -> Controlled:
        roles = layer.roles_in(self.inner[0])
        names = [p.name for p in self.inner[0][1]]
        if layer.condition is not None and layer.condition not in names:
            listed = ", ".join(names) or "none"
            raise LayerError(f"The block has no output {layer.condition}.", f"Its outputs: {listed}.", port="condition")
        shapes = self.step(0, self.given)
        found = self.results(0, shapes)
        self.need_kept(roles, self.given, found)
        if layer.condition is not None and layer.over == "one value":
            need_one_value(found[layer.condition], layer.condition)
        if not roles.states:
            raise LayerError(
                "Nothing of what the block gives goes into its next turn.", "Choose the states of the loop in roles."
            )
        outputs = {name: found[name] for name in self.outputs}
        return Controlled(outputs, (shapes,), times=layer.limit)

    def branch(self, layer: Branch) -> Controlled:
        given = dict(self.given)
        if layer.on == "condition":
            port = layer.condition_port(self.inner)
            need_one_value(given.pop(port, None), port)
        into, out = self.inner[0]
        rows = [self.results(0, self.step(0, given))]
        if len(self.blocks) > 1:
            self.need_alike()
            theirs = self.inner[1]
            rows.append(self.results(1, self.step(1, {b.name: given.get(a.name) for a, b in zip(into, theirs[0])})))
        else:
            if len(out) > len(into):
                message = f"{self.blocks[0].name} has more outputs than inputs, so these cannot go through instead."
                raise LayerError(message, "Choose a block for otherwise.")
            rows.append({p.name: given.get(q.name) for p, q in zip(out, into)})
        if layer.on == "parameter":
            taken = rows[0 if layer.when else 1]
            return Controlled(dict(zip(self.outputs, taken.values())), tuple(self.seen.values()))
        for name, a, b in zip(self.outputs, rows[0].values(), rows[1].values()):
            if a is not None and b is not None and a != b:
                raise LayerError(
                    f"The two ways differ: {name} is {a} from {self.blocks[0].name}, and {b} {self.other}.",
                    "What comes after needs the same shape either way.",
                )
        known = {name: spec for name, spec in rows[0].items() if None not in rows[1].values()}
        return Controlled({name: known.get(name) for name in self.outputs}, tuple(self.seen.values()))

    @property
    def other(self) -> str:
        return f"from {self.blocks[1].name}" if len(self.blocks) > 1 else "when the input goes through"

    def need_alike(self) -> None:
        """Raises: LayerError unless both blocks have as many inputs and outputs."""
        for side, what in ((0, "inputs"), (1, "outputs")):
            mine, theirs = ([p.name for p in inner[side]] for inner in self.inner)
            if len(mine) != len(theirs):
                raise LayerError(
                    f"{self.blocks[0].name} has {len(mine)} {what} ({', '.join(mine)}), "
                    f"{self.blocks[1].name} {len(theirs)} ({', '.join(theirs)}).",
                    "Both blocks need the same inputs and outputs, one for one.",
                )


def need_one_value(spec: TensorSpec | None, name: str) -> None:
    """Raises: LayerError unless the tensor holds a single number, so that it can decide."""
    if isinstance(spec, TensorSpec) and any(size != 1 for size in spec.shape):
        raise LayerError(
            f"{name} is {spec}, and one value has to decide.",
            "Take one number out of it first.",
            port=name,
        )


def _starts(shapes: BlockShapes, sequence: TensorSpec) -> Iterator[TensorSpec]:
    """Shapes that a state may have: a slice, what layers of the block give, and the sizes they are set to."""
    seen = {sequence}
    if sequence.is_floating:
        yield sequence
    for node in shapes.nodes.values():
        for spec in node.outputs.values():
            if spec is not None and spec.is_floating and spec not in seen:
                seen.add(spec)
                yield spec
    for node in shapes.nodes.values():
        for name in _SIZES:
            size = getattr(node.layer, name, None)
            if isinstance(size, int):
                axis = 1 if name == "out_channels" else max(1, sequence.rank - 1)
                spec = TensorSpec((*sequence.shape[:axis], size, *sequence.shape[axis + 1 :]))
                if spec not in seen:
                    seen.add(spec)
                    yield spec


def _stacked(spec: TensorSpec, dim: int, length: Dim, name: str) -> TensorSpec:
    place = dim if dim >= 0 else spec.rank + 1 + dim
    if not 0 <= place <= spec.rank:
        raise LayerError(
            f"{name} is {spec} at each step, and cannot be stacked along dimension {dim}.", "Give it more dimensions."
        )
    return TensorSpec((*spec.shape[:place], length, *spec.shape[place:]), spec.dtype)


def control_record(
    block: BlockId, graph: Graph, node: Node, layer: Holder, given: Gathered, found: Controlled, weights: bool
) -> Record:
    """What is known of the node that holds a loop or a branch."""
    problems = given.problems
    if found.error is not None:
        problems = (*problems, from_error(block, graph, node, found.error, given.shown))
    counted = found.repeats
    if isinstance(layer, Branch) and layer.on == "parameter":
        counted = found.repeats[:1] if layer.when else found.repeats[1:]
    shapes = NodeShapes(
        layer,
        given.shown,
        found.outputs,
        found.derived,
        sum(r.parameters for r in counted) if weights else 0,
        sum(n.trainable for r in counted for n in r.nodes.values()) if weights else 0,
        found.times * max((r.flops for r in counted), default=0),
        found.times * max((r.activation_bytes for r in counted), default=0),
        found.repeats,
        bool(problems),
    )
    if given.root is not None or found.error is not None or None not in found.outputs.values():
        root = given.root if given.root is not None else node.id if found.error is not None else None
        return Record(shapes, problems, root, given.until or (f"{node.name} fits" if found.error else ""))
    return Record(shapes, problems, node.id, f"{node.name}.{culprit(found.repeats)}", inside=True)
