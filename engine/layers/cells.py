"""One step of a recurrent layer, for a loop of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from engine.errors import LayerError
from engine.layers.base import ModuleLayer, Names, Port
from engine.layers.checks import need_weights_type
from engine.spec import param
from engine.tensor import TensorSpec

_INPUT = Port("input", help="What comes in at this step, (B, features).")
_H0 = Port("h0", "optional", "The state before the step, (B, hidden_size); zeros if not connected.")
_H = Port("h", help="The state after the step, (B, hidden_size).")


class Cell(ModuleLayer, abstract=True):
    """What the cells have in common."""

    category = "recurrent"
    inputs: ClassVar[tuple[Port, ...]] = (_INPUT, _H0)
    outputs: ClassVar[tuple[Port, ...]] = (_H,)
    example: ClassVar[Mapping[str, Any]] = {"input": "B, 32"}
    signature: ClassVar[tuple[str, ...]] = ("input_size", "hidden_size")
    hidden_size: int = param(64, min=1, required=True, main=True, help="Numbers in the state that is carried along.")
    bias: bool = param(True, advanced=True, help="Adds learned numbers.")

    def derive(self, input: TensorSpec, **states: TensorSpec | None) -> dict[str, Any]:
        hint = "For a whole sequence (B, T, features) take the layer without Cell." if input.rank == 3 else ""
        input.need_rank(2, of="one step (B, features)", hint=hint)
        need_weights_type(input, "input")
        wanted = TensorSpec((input.shape[0], self.hidden_size))
        for port, state in states.items():
            if state is None:
                continue
            need_weights_type(state, port)
            if state.shape != wanted.shape:
                hint = "" if state.rank == 2 else "A layer's state has its layers first: take one of them by a Select."
                raise LayerError(f"{port} must be {wanted}, gets {state}.", hint, port=port)
        return {"input_size": input.dim(1, "features", of="(B, features)")}

    def emit(self, names: Names) -> tuple[str, ...]:
        h0 = names.inputs.get("h0", "None")
        return (names.fill("{h} = {self}({input})" if h0 == "None" else "{h} = {self}({input}, {h0})"),)


class RNNCell(Cell):
    """Makes one step of a simple recurrent layer: mixes what comes in with the state it is given.

    Input shape:  input (B, features), h0 (B, hidden_size)
    Output shape: (B, hidden_size)
    """

    target = "nn.RNNCell"
    formula = r"h' = \tanh(W_{ih} x + b_{ih} + W_{hh} h + b_{hh})"
    use = "Take it in a loop that does something of its own at every step. For a whole sequence RNN is faster."
    aliases = ("recurrent", "one step", "elman", "loop")
    nonlinearity: Literal["tanh", "relu"] = param("tanh", help="The activation of the state.")


class GRUCell(Cell):
    """Makes one step of a GRU: two gates decide what of the state it is given is kept.

    Input shape:  input (B, features), h0 (B, hidden_size)
    Output shape: (B, hidden_size)
    """

    target = "nn.GRUCell"
    formula = r"h' = (1 - z) \odot n + z \odot h"
    use = "Take it in a loop, as in a decoder that feeds itself. For a whole sequence that is known GRU is faster."
    aliases = ("gated recurrent unit", "recurrent", "one step", "loop", "decoder")


class LSTMCell(Cell):
    """Makes one step of an LSTM: gates decide what of its memory is kept, added and shown.

    Input shape:  input (B, features), h0 and c0 (B, hidden_size)
    Output shape: h and c (B, hidden_size)
    """

    target = "nn.LSTMCell"
    formula = r"c' = f \odot c + i \odot g, \quad h' = o \odot \tanh(c')"
    use = "Take it in a loop, as in a decoder that feeds itself. For a whole sequence that is known LSTM is faster."
    aliases = ("long short-term memory", "recurrent", "one step", "loop", "decoder")
    inputs = (_INPUT, _H0, Port("c0", "optional", "The memory before the step; zeros if not connected."))
    outputs = (_H, Port("c", help="The memory after the step, (B, hidden_size)."))

    def derive(self, input: TensorSpec, **states: TensorSpec | None) -> dict[str, Any]:
        derived = super().derive(input, **states)
        missing = [port for port in ("h0", "c0") if states.get(port) is None]
        if len(missing) == 1:
            other = "c0" if missing == ["h0"] else "h0"
            raise LayerError(
                f"{other} is connected, but {missing[0]} is not.", "Connect both or none.", port=missing[0]
            )
        return derived

    def emit(self, names: Names) -> tuple[str, ...]:
        given = names.inputs.get("h0", "None") != "None" and names.inputs.get("c0", "None") != "None"
        return (names.fill("{h}, {c} = {self}({input}" + (", ({h0}, {c0}))" if given else ")")),)
