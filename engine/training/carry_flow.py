"""Goes through an edited network layer by layer: what each begins with, and what comes out in terms of the old one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.graph.shapes import ITSELF
from engine.layers.merge import Add
from engine.training.carry_bench import Bench, Flow, State, is_same, maps_between, output_shapes
from engine.training.carry_maps import Change, Map, overlap
from engine.training.carry_network import End, Group, Leaf, Network, Path
from engine.training.carry_report import How
from engine.training.carry_rules import ABSORBS, Around, change, channel_dimension, identity, nothing


@dataclass(frozen=True)
class Begun:
    """What a layer begins with: by the name of a tensor within it how it was made, and the change if there was one."""

    state: dict[str, Tensor]
    hows: dict[str, How]
    changes: dict[str, Change]
    before: Path | None = None


class Carrying:
    """One pass. old_states, fresh: state of every layer of the old network, and of the new as it would begin itself."""

    def __init__(
        self,
        new: Network,
        old: Network,
        fresh: Mapping[Path, State],
        old_states: Mapping[Path, State],
        pairs: Mapping[Path, Path],
        neighbours: Mapping[Path, Path],
        seed: int,
    ) -> None:
        self._new, self._old, self._fresh, self._states = new, old, fresh, old_states
        self._pairs, self._neighbours = pairs, neighbours
        self._bench = Bench(old, old_states)
        self._draw = torch.Generator().manual_seed(seed)
        self._last = _leading_out(new)
        self._zeros = _ends_of_branches(new, pairs, fresh)
        self._ties: dict[tuple[Path, str], tuple[Path, str]] = {}
        self.begun: dict[Path, Begun] = {}
        self.flows: dict[End, Flow | None] = {}
        self.kept: dict[Path, bool] = {}
        self.changes: list[str] = []
        self._causes: dict[Path, str] = {}

    def tie(self, ties: Mapping[tuple[Path, str], tuple[Path, str]]) -> None:
        """Tensors that are another one under a second name: they begin as that one does."""
        self._ties = dict(ties)

    def run(self) -> None:
        """Go through all layers."""
        for name, leaf in self._new.inputs.items():
            before = self._old.inputs.get(name)
            spec = leaf.shapes.outputs.get("out")
            is_there = before is not None and spec is not None and before.shapes.outputs.get("out") == spec
            rank = spec.rank if spec is not None else 0
            self.flows[leaf.path, "out"] = Flow((before.path, "out"), (None,) * rank) if is_there and before else None
        for leaf in self._new.leaves.values():
            self._leaf(leaf)
        ends = [end for wires in self._new.outputs.values() for end in wires]
        self.changes += [self._causes[end[0]] for end in ends if end[0] in self._causes]

    def _leaf(self, leaf: Leaf) -> None:
        flows = [self.flows.get(end) for wires in leaf.inputs.values() for end in wires]
        if leaf.home not in self.begun and leaf.home in self._fresh:
            self.begun[leaf.home] = self._tied(leaf.home, self._begin(leaf, flows))
        before = self._old.leaves.get(self._pairs.get(leaf.path, ()))
        if before is not None and self._is_untouched(leaf, before, flows):
            sure = all(flow is not None and flow.is_sure for flow in flows)
            for port in leaf.shapes.outputs:
                self.flows[leaf.path, port] = self._as_it_was(leaf, before, port, sure)
            self.kept[leaf.home] = self.kept.get(leaf.home, True)
            return
        found = self._tried(leaf, before, flows)
        is_kept = all(flow is not None for flow in found.values())
        self.kept[leaf.home] = self.kept.get(leaf.home, True) and is_kept
        if not is_kept:
            self._causes[leaf.path] = self._cause(leaf)
            if before is not None:
                self.changes.append(self._causes[leaf.path])
        for port in leaf.shapes.outputs:
            flow = found.get(port)
            if flow is None and before is not None:
                flow = self._as_it_was(leaf, before, port, sure=False)
            self.flows[leaf.path, port] = flow

    def _tied(self, home: Path, begun: Begun) -> Begun:
        for name in begun.state:
            owner, other = self._ties.get((home, name), ((), ""))
            if owner in self.begun:
                begun.state[name] = self.begun[owner].state[other]
                begun.hows[name] = self.begun[owner].hows[other]
        return begun

    def _cause(self, leaf: Leaf) -> str:
        """Where it began that nothing of the old network is known: what comes in, or the layer itself."""
        ends = [end for wires in leaf.inputs.values() for end in wires]
        unknown = [self._causes[end[0]] for end in ends if self.flows.get(end) is None and end[0] in self._causes]
        return unknown[0] if unknown else f"{'.'.join(leaf.trail)} ({leaf.layer.kind_name()})"

    def _is_untouched(self, leaf: Leaf, before: Leaf, flows: Sequence[Flow | None]) -> bool:
        """Whether layer, wires and weights are as they were."""
        ends = [end for wires in before.inputs.values() for end in wires]
        if leaf.layer != before.layer or [*leaf.inputs] != [*before.inputs] or len(flows) != len(ends):
            return False
        if not all(flow is not None and flow.is_whole and flow.end == end for flow, end in zip(flows, ends)):
            return False
        begun = self.begun.get(leaf.home)
        return begun is None or all(how == "copied" for how in begun.hows.values())

    def _as_it_was(self, leaf: Leaf, before: Leaf, port: str, sure: bool) -> Flow | None:
        now, then = output_shapes(leaf.shapes, port), output_shapes(before.shapes, port)
        if now is None or then is None or len(now) != len(then):
            return None
        return Flow((before.path, port), tuple(overlap(a, b) for a, b in zip(then, now)), sure)

    def _tried(self, leaf: Leaf, before: Leaf | None, flows: Sequence[Flow | None]) -> dict[str, Flow | None]:
        nothing_known: dict[str, Flow | None] = dict.fromkeys(leaf.shapes.outputs)
        known = [flow for flow in flows if flow is not None]
        if flows and not known:
            return nothing_known
        sure = all(flow.is_sure for flow in known)
        state = self.begun[leaf.home].state if leaf.home in self.begun else {}
        results = self._bench.new_outputs(leaf, state, flows)
        if results is None:
            return nothing_known
        then = self._bench.old_outputs(before.path) if before is not None else None
        hints = [index for flow in known for index in flow.maps]
        return {
            port: self._flow_of(results.get(port), before, then, port, known, hints, sure) for port in nothing_known
        }

    def _flow_of(
        self,
        result: Tensor | None,
        before: Leaf | None,
        then: dict[str, Tensor] | None,
        port: str,
        flows: Sequence[Flow],
        hints: Sequence[Map],
        sure: bool,
    ) -> Flow | None:
        if result is None:
            return None
        if result.is_floating_point() and not bool(result.any()) and flows:
            return Flow(None, (None,) * result.ndim, sure)
        if before is not None and then is not None and port in then:
            maps = maps_between(result, then[port], hints)
            if maps is not None:
                return Flow((before.path, port), maps, sure)
        for flow in flows:
            if flow.end is not None:
                value = self._bench.draw(flow.end)
                maps = maps_between(result, value, flow.maps) if value is not None else None
                if maps is not None:
                    return Flow(flow.end, maps, sure)
        return None

    def _begin(self, leaf: Leaf, flows: Sequence[Flow | None]) -> Begun:
        fresh = dict(self._fresh[leaf.home])
        before = self._old.leaves.get(self._pairs.get(leaf.path, ()))
        old = self._states.get(before.home) if before is not None else None
        if before is not None and old is not None:
            return self._carried(leaf, before, fresh, old, flows)
        if leaf.path in self._zeros and (state := nothing(leaf.layer, fresh)) is not None:
            return Begun(state, {n: "zero" if not torch.equal(state[n], fresh[n]) else "fresh" for n in fresh}, {})
        if (state := identity(leaf.layer, fresh)) is not None and self._gives_what_it_takes(leaf, state, flows):
            return Begun(state, dict.fromkeys(fresh, "identity"), {})
        beside = self._old.leaves.get(self._neighbours.get(leaf.path, ()))
        state = dict(self._states.get(beside.home, {})) if beside is not None else {}
        if state and {n: t.shape for n, t in state.items()} == {n: t.shape for n, t in fresh.items()}:
            return Begun({n: t.clone() for n, t in state.items()}, dict.fromkeys(fresh, "neighbour"), {})
        return Begun(fresh, dict.fromkeys(fresh, "fresh"), {})

    def _carried(
        self, leaf: Leaf, before: Leaf, fresh: dict[str, Tensor], old: State, flows: Sequence[Flow | None]
    ) -> Begun:
        around = Around(leaf.layer, before.layer, _features(leaf, flows), leaf.path in self._last)
        return carried(around, fresh, old, self._draw, before.home)

    def _gives_what_it_takes(self, leaf: Leaf, state: State, flows: Sequence[Flow | None]) -> bool:
        spec = next((s for s in leaf.shapes.inputs.values() if s is not None), None)
        flow = flows[0] if flows else None
        if flow is None or flow.end is None:
            shape = output_shapes(leaf.shapes, next(iter(leaf.shapes.outputs), ""))
            flow = None if shape is None else Flow(None, (None,) * len(shape))
        if flow is None or spec is None or len(flows) != 1:
            return False
        value = self._bench.value(flow, spec)
        results = self._bench.new_outputs(leaf, state, [flow])
        return value is not None and results is not None and is_same(next(iter(results.values())), value)


def carried(around: Around, fresh: State, old: State, draw: torch.Generator, home: Path) -> Begun:
    """The state of a layer from that of its older form, tensor by tensor."""
    state: dict[str, Tensor] = {}
    hows: dict[str, How] = {}
    made: dict[str, Change] = {}
    for name, begins in fresh.items():
        then = old.get(name)
        how = change(around, name, tuple(then.shape), tuple(begins.shape)) if then is not None else None
        if then is None or how is None:
            state[name], hows[name] = begins, "fresh"
            continue
        state[name], made[name] = how.applied(then, begins, draw), how
        hows[name] = "copied" if how.is_copy else "cut" if begins.numel() < then.numel() else "widened"
    return Begun(state, hows, made, home)


def loose(fresh: State, old: State | None, before: Path | None) -> Begun:
    """The same for what stands within a loop or a branch, where no wires are followed."""
    if old is None or before is None:
        return Begun(dict(fresh), dict.fromkeys(fresh, "fresh"), {})
    state: dict[str, Tensor] = {}
    hows: dict[str, How] = {}
    made: dict[str, Change] = {}
    for name, begins in fresh.items():
        then = old.get(name)
        if then is None or then.ndim != begins.ndim:
            state[name], hows[name] = begins, "fresh"
            continue
        made[name] = Change(tuple(overlap(a, b) for a, b in zip(then.shape, begins.shape)))
        state[name] = made[name].applied(then, begins, torch.Generator())
        hows[name] = "copied" if made[name].is_copy else "cut" if begins.numel() < then.numel() else "widened"
    return Begun(state, hows, made, before)


def states_of(found: Mapping[Path, Group], tensors: Mapping[str, Tensor]) -> dict[Path, dict[str, Tensor]]:
    """The tensors of every layer by their names within it; a layer that is a tensor has one called "value"."""
    return {
        home: {rest or ITSELF: tensors[name] for rest, name in group.names.items() if name in tensors}
        for home, group in found.items()
    }


def _features(leaf: Leaf, flows: Sequence[Flow | None]) -> Map:
    """The map of the features of what comes in first."""
    flow = flows[0] if flows else None
    if flow is None or flow.end is None or not flow.maps:
        return None
    dimension = channel_dimension(leaf.layer)
    if dimension >= len(flow.maps):
        return None
    return flow.maps[dimension]


def _leading_out(network: Network) -> set[Path]:
    """Layers whose features are, or decide one by one, those of the network's outputs."""
    found: set[Path] = set()
    waiting = [end[0] for wires in network.outputs.values() for end in wires]
    while waiting:
        path = waiting.pop()
        leaf = network.leaves.get(path)
        if leaf is None or path in found:
            continue
        found.add(path)
        if not isinstance(leaf.layer, ABSORBS):
            waiting += [end[0] for wires in leaf.inputs.values() for end in wires]
    return found


def _ends_of_branches(network: Network, pairs: Mapping[Path, Path], fresh: Mapping[Path, State]) -> set[Path]:
    """New layers at the end of a new branch that is added to something: they begin as nothing."""
    found: set[Path] = set()
    for leaf in network.leaves.values():
        if not isinstance(leaf.layer, Add):
            continue
        ends = [end for wires in leaf.inputs.values() for end in wires]
        last = [_last_of(network, end, pairs, fresh) for end in ends]
        if len(ends) < 2 or all(one is None for one in last):
            continue
        if all(one is not None for one in last):
            depths = [_depth(network, end, pairs) for end in ends]
            last[depths.index(min(depths))] = None
        found |= {path for path in last if path is not None}
    return found


def _last_of(network: Network, end: End, pairs: Mapping[Path, Path], fresh: Mapping[Path, State]) -> Path | None:
    while True:
        leaf = network.leaves.get(end[0])
        if leaf is None or leaf.path in pairs or network.uses.get(end, 0) != 1:
            return None
        if leaf.home in fresh:
            return leaf.path if leaf.home == leaf.path and nothing(leaf.layer, dict(fresh[leaf.home])) else None
        ends = [e for wires in leaf.inputs.values() for e in wires]
        if len(ends) != 1:
            return None
        end = ends[0]


def _depth(network: Network, end: End, pairs: Mapping[Path, Path]) -> int:
    """How many new layers stand behind one another up to here."""
    count, waiting = 0, [end]
    seen: set[Path] = set()
    while waiting:
        leaf = network.leaves.get(waiting.pop()[0])
        if leaf is not None and leaf.path not in pairs and leaf.path not in seen:
            seen.add(leaf.path)
            count += 1
            waiting += [e for wires in leaf.inputs.values() for e in wires]
    return count
