"""What a loop or a branch means, turn by turn: beside it the generated text is held."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch

from engine.layers.block import Holder, Ports
from engine.layers.control import Branch, Scan, While

Tensors = dict[str, torch.Tensor]
Run = Callable[[int, Tensors], Sequence[torch.Tensor]]


def enough(layer: While, condition: torch.Tensor) -> bool:
    says = [bool(value) == (layer.stop == "when true") for value in condition.flatten()]
    return any(says) if layer.over == "any" else all(says)


def meaning(
    layer: Holder,
    inner: Sequence[Ports],
    run: Run,
    given: Mapping[str, torch.Tensor | None],
    *,
    zeros: Callable[[str], torch.Tensor] | None = None,
    training: bool = True,
) -> Tensors:
    """The value of every output port. run: one of the blocks with its inputs by name; zeros: where a state begins."""
    wired: Tensors = {name: value for name, value in given.items() if value is not None}
    out = [p.name for p in inner[0][1]]
    if isinstance(layer, Branch):
        chosen = {"training": training, "parameter": layer.when}.get(layer.on)
        if chosen is None:
            chosen = bool(wired[layer.condition_port(inner)])
        into = [p.name for p in inner[0][0]]
        values = [wired[name] for name in into]
        if not chosen and len(inner) == 1:
            return dict(zip(out, values))
        part = 0 if chosen else 1
        return dict(zip(out, run(part, dict(zip((p.name for p in inner[part][0]), values)))))
    assert isinstance(layer, Scan | While)
    roles = layer.roles_in(inner[0])
    for state in roles.states:
        if state not in wired and zeros is not None:
            wired[state] = zeros(state)
    if isinstance(layer, While):
        for _ in range(layer.limit):
            found = dict(zip(out, run(0, wired)))
            wired |= {state: found[output] for state, output in roles.states.items()}
            if layer.condition and enough(layer, found[layer.condition]):
                break
        return {name: value for name, value in found.items() if name != layer.condition}
    steps: dict[str, list[torch.Tensor]] = {name: [] for name in out}
    count = wired[roles.sequences[0]].shape[layer.dim]
    order = range(count - 1, -1, -1) if layer.reverse else range(count)
    for t in order:
        found = dict(zip(out, run(0, wired | {name: wired[name].select(layer.dim, t) for name in roles.sequences})))
        wired |= {state: found[output] for state, output in roles.states.items()}
        for name, value in found.items():
            steps[name].append(value)
    stacked = {name: torch.stack(rows[::-1] if layer.reverse else rows, dim=layer.dim) for name, rows in steps.items()}
    return stacked | {state: wired[state] for state in roles.states}
