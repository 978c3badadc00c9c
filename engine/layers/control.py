"""Layers that apply blocks again and again, or choose between two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from engine.kinds import Bool, Optional, Text
from engine.layers.base import Port
from engine.layers.block import BlockLayer, Holder, Ports
from engine.layers.chosen import Given
from engine.spec import param

SEQUENCE, CONSTANT, FROM = "sequence", "constant", "from "
_AFTER = ("{}_next", "next_{}", "{}_new", "new_{}", "{}_out", "out_{}", "{}2", "{}1", "{}_t")
"""How the output is usually called that gives the next value of a state."""


class Truth(Bool):
    """Yes or no, written as text, since most often it is an expression: depth > 3."""

    name = "truth"


Name = Annotated[str | None, Optional(Text(identifier=True), "none")]


@dataclass(frozen=True)
class Roles:
    """How a loop feeds the inputs of its block: what is sliced, what is carried, what stays the same.

    states: by input the output that gives its next value, in the order of the inputs.
    """

    sequences: tuple[str, ...]
    states: Mapping[str, str]
    constants: tuple[str, ...]

    def texts(self) -> dict[str, str]:
        """The same as an option holds it: a word for each input."""
        words = {**dict.fromkeys(self.sequences, SEQUENCE), **dict.fromkeys(self.constants, CONSTANT)}
        return words | {name: FROM + output for name, output in self.states.items()}


def _by_name(inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, str]:
    """For each input the output that is called as its next value would be: h_next or h2 for h."""
    found: dict[str, str] = {}
    for name in inputs:
        names = [pattern.format(name) for pattern in _AFTER]
        match = next((n for n in names if n in outputs and n not in found.values()), None)
        if match:
            found[name] = match
    return found


def _declared(roles: Mapping[str, Any], inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, str]:
    """The roles that were chosen and still mean something."""
    found = {}
    for name, role in roles.items():
        is_state = isinstance(role, str) and role.startswith(FROM) and role.removeprefix(FROM) in outputs
        if name in inputs and (is_state or role in (SEQUENCE, CONSTANT)):
            found[name] = role
    return found


class Loop(Holder, abstract=True):
    """A layer that applies one block several times, with states that each time gives to the next."""

    category = "block"
    inputs = ()
    outputs = ()
    block: str = param("", help="The block that is applied.", literal=True)
    args: Given = param({}, help="Values for the block's parameters.", literal=True)
    roles: Given = param(
        {},
        help='How each input of the block is fed: "sequence", "constant", or "from y" for a state that output y gives.',
        literal=True,
    )

    def held(self) -> tuple[BlockLayer, ...]:
        return (BlockLayer(block=self.block, args=self.args),) if self.block else ()

    def with_held(self, held: Sequence[BlockLayer]) -> Self:
        return self.with_(block=held[0].block, args=held[0].args)

    def roles_in(self, inner: Ports) -> Roles:
        """What was chosen; what was not, from the names and the order of the block's ports."""
        raise NotImplementedError

    def with_port_renamed(self, inner: Sequence[Ports], before: str, after: str) -> Self:
        texts = self.roles_in(inner[0]).texts()
        names = {before: after}
        outputs = {FROM + before: FROM + after}
        roles = {names.get(name, name): outputs.get(role, role) for name, role in texts.items()}
        return self if roles == texts else self.with_(roles=roles)


class Scan(Loop):
    """Applies a block along one dimension, step by step, with states that each step gives to the next.

    A state without a wire begins with zeros. Every output of the block comes out for all steps, stacked along the
    dimension, and every state comes out as it is after the last step.
    """

    aliases = ("loop", "for", "over time", "recurrence", "rnn", "cell", "unroll", "fold", "state")
    use = (
        "When each step needs the result of the one before, as in a recurrent cell of your own. Where steps do not "
        "depend on one another, apply the block to the whole tensor at once: that is much faster."
    )
    formula = r"h_t, y_t = f(x_t, h_{t-1})"
    dim: int = param(1, help="The dimension it goes along; 1 is time in B × T × features.", main=True)
    reverse: bool = param(False, help="Go from the last step to the first. The results keep their order.", literal=True)

    def roles_in(self, inner: Ports) -> Roles:
        inputs, outputs = [p.name for p in inner[0]], [p.name for p in inner[1]]
        chosen = _declared(self.roles, inputs, outputs)
        carried = [role.removeprefix(FROM) for role in chosen.values() if role.startswith(FROM)]
        open_ = [name for name in inputs if name not in chosen]
        named = _by_name(open_, [o for o in outputs if o not in carried])
        chosen |= {name: FROM + output for name, output in named.items()}
        rest = [name for name in open_ if name not in named]
        if SEQUENCE not in chosen.values() and rest:
            chosen[rest.pop(0)] = SEQUENCE
        if len(outputs) == 1 and rest and not any(role.startswith(FROM) for role in chosen.values()):
            chosen[rest.pop(0)] = FROM + outputs[0]
        return _sorted(inputs, {**dict.fromkeys(inputs, CONSTANT), **chosen})

    def ports(self, inner: Sequence[Ports]) -> Ports:
        roles = self.roles_in(inner[0])
        into = tuple(
            Port(p.name, "optional", "Where the state begins; zeros without a wire.") if p.name in roles.states else p
            for p in inner[0][0]
        )
        every = tuple(Port(p.name, p.kind, "Of every step, stacked.") for p in inner[0][1])
        return into, (*every, *(Port(name, help="After the last step.") for name in roles.states))


class While(Loop):
    """Applies a block again and again until one of its outputs says that it is enough, at most `limit` times.

    What the block gives is what it takes the next time. Without a condition it is applied exactly `limit` times.
    """

    title = "Repeat until"
    aliases = ("while", "loop", "until", "fixed point", "adaptive", "iterate", "equilibrium", "break")
    use = (
        "When the number of steps depends on the data, as in a fixed point or adaptive computation. For a fixed "
        "number of steps over one tensor, repeat the block with shared weights."
    )
    limit: int = param(10, min=1, help="At most so many times.", main=True)
    condition: Name = param(None, help="The output of the block that is asked after each time.",
                            literal=True)  # fmt: skip
    stop: Literal["when true", "when false"] = param(
        "when true", help="What the condition says when it is enough.", literal=True
    )
    over: Literal["one value", "all", "any"] = param(
        "one value", help="For a condition of many values: it is enough when all of them say so, or any.", literal=True
    )

    def roles_in(self, inner: Ports) -> Roles:
        inputs = [p.name for p in inner[0]]
        outputs = [p.name for p in inner[1] if p.name != self.condition]
        chosen = {n: r for n, r in _declared(self.roles, inputs, outputs).items() if r != SEQUENCE}
        carried = [role.removeprefix(FROM) for role in chosen.values() if role.startswith(FROM)]
        open_ = [name for name in inputs if name not in chosen]
        named = _by_name(open_, [o for o in outputs if o not in carried])
        left = [o for o in outputs if o not in (*carried, *named.values())]
        chosen |= {name: FROM + output for name, output in named.items()}
        chosen |= {name: FROM + output for name, output in zip((n for n in open_ if n not in named), left)}
        return _sorted(inputs, {**dict.fromkeys(inputs, CONSTANT), **chosen})

    def ports(self, inner: Sequence[Ports]) -> Ports:
        return inner[0][0], tuple(p for p in inner[0][1] if p.name != self.condition)

    def with_port_renamed(self, inner: Sequence[Ports], before: str, after: str) -> Self:
        renamed = super().with_port_renamed(inner, before, after)
        return renamed.with_(condition=after) if self.condition == before else renamed


def _sorted(inputs: Sequence[str], roles: Mapping[str, str]) -> Roles:
    return Roles(
        tuple(n for n in inputs if roles[n] == SEQUENCE),
        {n: roles[n].removeprefix(FROM) for n in inputs if roles[n].startswith(FROM)},
        tuple(n for n in inputs if roles[n] == CONSTANT),
    )


class Branch(Holder):
    """Chooses between two blocks: by a tensor, by whether the network trains, or by a parameter when it is built.

    Both take the same inputs and give the same outputs, one for one. Without a second block the inputs go through
    as they are.
    """

    category = "block"
    aliases = ("if", "else", "switch", "condition", "choose", "training only", "optional part", "self.training")
    use = (
        "For parts that run only in training, for early exits, and for variants of a network behind one parameter. "
        "To choose for every element of a tensor by itself, take Where."
    )
    inputs = ()
    outputs = ()
    then: str = param("", help="The block for yes.", literal=True)
    then_args: Given = param({}, help="Values for its parameters.", literal=True)
    otherwise: str = param("", help="The block for no; none lets the inputs through.", literal=True)
    otherwise_args: Given = param({}, help="Values for its parameters.", literal=True)
    on: Literal["training", "condition", "parameter"] = param(
        "training",
        help="What decides: whether the network trains, a tensor of one value, or a parameter when it is built.",
        literal=True,
        main=True,
    )
    when: Annotated[bool, Truth()] = param(
        True, help='With "parameter": yes or no, or an expression such as depth > 3.'
    )

    def held(self) -> tuple[BlockLayer, ...]:
        rows = ((self.then, self.then_args), (self.otherwise, self.otherwise_args))
        return tuple(BlockLayer(block=block, args=args) for block, args in rows if block) if self.then else ()

    def with_held(self, held: Sequence[BlockLayer]) -> Self:
        changed = self.with_(then=held[0].block, then_args=held[0].args)
        return changed.with_(otherwise=held[1].block, otherwise_args=held[1].args) if len(held) > 1 else changed

    def parts(self) -> tuple[str, ...]:
        count = len(self.held())
        return ("",) * count if count < 2 or self.on == "parameter" else ("then", "otherwise")

    def ports(self, inner: Sequence[Ports]) -> Ports:
        into, out = inner[0]
        if self.on == "condition":
            into = (Port(self.condition_port(inner), help="One number or truth."), *into)
        return into, out

    def condition_port(self, inner: Sequence[Ports]) -> str:
        """What the port of the condition is called."""
        name, taken = "condition", {p.name for p in inner[0][0]}
        while name in taken:
            name += "_"
        return name


@dataclass(frozen=True)
class ZeroSize:
    """One size of the zeros a state begins with: `axis` of the sequence, else a number that is called `name`."""

    name: str
    value: int = 0
    axis: int | None = None


def zero_sizes(state: str, shape: Sequence[int | str], sequence: Sequence[int | str], dim: int) -> list[ZeroSize]:
    """How the zeros of a state's shape are written beside a sequence; ValueError if a free size is not in it."""
    along = dim % len(sequence)
    axes = [i for i in range(len(sequence)) if i != along]
    numbers = [i for i, size in enumerate(shape) if isinstance(size, int)]
    found = []
    for index, size in enumerate(shape):
        if isinstance(size, str):
            found.append(ZeroSize("", axis=next((i for i in axes if sequence[i] == size), None)))
            if found[-1].axis is None:
                raise ValueError(size)
        elif index >= 2 and index < len(axes) and sequence[axes[index]] == size:
            found.append(ZeroSize("", axis=axes[index]))
        else:
            number = numbers.index(index) + 1
            found.append(ZeroSize(f"{state}_size" + (str(number) if number > 1 else ""), size))
    return found
