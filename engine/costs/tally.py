"""Sums over what the nodes of a block make and keep, right again once any one of them is looked at anew."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from engine.graph.graph import NodeId
from engine.graph.shapes import Bytes, Names

_NOTHING: Bytes = {}


@lru_cache(maxsize=1024)
def _alone(names: Names, size: int) -> Bytes:
    """Bytes of one kind: a single mapping, never changed, for all layers that keep as much."""
    return {names: size}


def _plus(bytes_: Bytes | None, names: Names, size: int) -> Bytes:
    if not bytes_:
        return _alone(names, size)
    if len(bytes_) == 1 and names in bytes_:
        return _alone(names, bytes_[names] + size)
    return {**bytes_, names: bytes_.get(names, 0) + size}


@lru_cache(maxsize=1024)
def _alike(ports: tuple[str, ...]) -> tuple[str, ...]:
    """One and the same for all layers whose outputs are called so."""
    return ports


@dataclass(slots=True, eq=False)
class Tensor:
    """A piece of memory. place: the input of the block that it is, else -1. counted: among what a node makes inside.

    keepers: how often it is kept, once for each time that a node asks for it.
    """

    names: Names
    size: int
    owner: NodeId
    learns: bool
    place: int = -1
    counted: bool = False
    keepers: int = 0

    @property
    def is_kept(self) -> bool:
        return self.counted or self.keepers > 0

    def is_like(self, other: Tensor) -> bool:
        return (
            self.size == other.size
            and self.names == other.names
            and self.learns is other.learns
            and self.place == other.place
            and self.counted is other.counted
        )


@dataclass(slots=True, eq=False)
class Part:
    """What one node does: the tensors at its outputs, those that it makes, those that it keeps, and its own bytes."""

    node: NodeId
    ports: tuple[str, ...] = ()
    outputs: tuple[Tensor, ...] = ()
    made: tuple[Tensor, ...] = ()
    keeps: tuple[Tensor, ...] = ()
    own: Bytes | None = None
    backward: int = 0

    def give(self, port: str, tensor: Tensor) -> None:
        """What is at its next output."""
        outputs = (*self.outputs, tensor)
        self.ports, self.outputs = _alike((*self.ports, port)), self.made if outputs == self.made else outputs

    def at(self, port: str) -> Tensor | None:
        """What is at an output."""
        return self.outputs[self.ports.index(port)] if port in self.ports else None

    def add(self, names: Names, size: int) -> None:
        self.own = _plus(self.own, names, size)

    def keep(self, tensor: Tensor | None) -> None:
        if tensor is not None:
            self.keeps += (tensor,)

    @property
    def bytes(self) -> Bytes | None:
        """All that is kept of what it makes."""
        found = self.own
        for tensor in self.made:
            if tensor.keepers and tensor.place < 0 and not tensor.counted:
                found = _plus(found, tensor.names, tensor.size)
        return found


class Tally:
    """The parts of all nodes, and what they come to. Only what a new part changes is summed up anew."""

    def __init__(self) -> None:
        self.parts: dict[NodeId, Part] = {}
        self.nodes: dict[NodeId, Bytes] = {}
        self.backward = 0
        self._total: dict[Names, int] = {}
        self._sizes: dict[tuple[Names, int], int] = {}
        self._unsummed: set[NodeId] = set()

    def make(self, part: Part, tensor: Tensor) -> Tensor:
        """The next tensor that a node makes: the very one of before where it is like that, for all who keep it."""
        old, number = self.parts.get(part.node), len(part.made)
        if old is not None and number < len(old.made) and old.made[number].is_like(tensor):
            tensor = old.made[number]
        part.made += (tensor,)
        return tensor

    def put(self, part: Part) -> bool:
        """Let a node do this from now on. Returns: whether other tensors than before are at its outputs."""
        old = self.parts.get(part.node)
        self._replace(old, part)
        self.parts[part.node] = part
        return old is None or (old.ports, old.outputs) != (part.ports, part.outputs)

    def drop(self, node: NodeId) -> None:
        """Of a node that is gone."""
        if node in self.parts:
            self._replace(self.parts.pop(node), None)
            self._unsummed.add(node)

    def total(self) -> dict[Names, int]:
        """All that is kept."""
        for node in self._unsummed:
            before, part = self.nodes.pop(node, _NOTHING), self.parts.get(node)
            for names, size in before.items():
                self._total[names] -= size
            if part is not None and (now := part.bytes):
                self.nodes[node] = now
                for names, size in now.items():
                    self._total[names] = self._total.get(names, 0) + size
        self._unsummed.clear()
        return {names: size for names, size in self._total.items() if size}

    def largest(self) -> Bytes:
        """The largest tensor; those with more free sizes count as larger."""
        if not self._sizes:
            return {}
        names, size = max(self._sizes, key=lambda made: (len(made[0]), made[1], made[0]))
        return {names: size}

    def _replace(self, old: Part | None, new: Part | None) -> None:
        """Held before it is let go of, so that what goes on being kept is no news."""
        if new is not None:
            self._unsummed.add(new.node)
            self.backward += new.backward
            for tensor in new.keeps:
                tensor.keepers += 1
                if tensor.keepers == 1:
                    self._unsummed.add(tensor.owner)
            for tensor in new.made:
                size = (tensor.names, tensor.size)
                self._sizes[size] = self._sizes.get(size, 0) + 1
        if old is not None:
            self.backward -= old.backward
            for tensor in old.keeps:
                tensor.keepers -= 1
                if not tensor.keepers:
                    self._unsummed.add(tensor.owner)
            for tensor in old.made:
                size = (tensor.names, tensor.size)
                self._sizes[size] -= 1
                if not self._sizes[size]:
                    del self._sizes[size]
