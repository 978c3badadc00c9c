"""Recurrent layers: a state is carried from step to step of a sequence."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from engine.errors import LayerError
from engine.layers.base import ModuleLayer, Names, Port
from engine.layers.checks import need_weights_type
from engine.spec import param
from engine.tensor import TensorSpec

_SEQUENCE = Port("input", help="The sequence, (B, T, features).")
_H0 = Port("h0", "optional", "The state before the first step; zeros if not connected.")
_OUTPUT = Port("output", help="The state after every step, (B, T, hidden_size).")
_H = Port("h", help="The state after the last step, (num_layers, B, hidden_size).")


class Recurrent(ModuleLayer, abstract=True):
    """What recurrent layers have in common."""

    category = "recurrent"
    inputs: ClassVar[tuple[Port, ...]] = (_SEQUENCE, _H0)
    outputs: ClassVar[tuple[Port, ...]] = (_OUTPUT, _H)
    signature: ClassVar[tuple[str, ...]] = ("input_size", "hidden_size")
    hidden_size: int = param(64, min=1, required=True, main=True, help="Numbers in the state that is carried along.")
    num_layers: int = param(1, min=1, main=True, help="Layers on top of one another.")
    bias: bool = param(True, advanced=True, help="Adds learned numbers.")
    batch_first: bool = param(True, torch=False, advanced=True, help="The batch comes first, then the steps.")
    dropout: float = param(0.0, min=0, max=1, help="Share left out between the layers; needs two layers or more.")
    bidirectional: bool = param(False, help="Reads the sequence from both ends; twice as many features come out.")

    def derive(self, input: TensorSpec, **states: TensorSpec | None) -> dict[str, Any]:
        x = input
        x.need_rank(3, of="a sequence (B, T, features)", hint=_hint(x))
        need_weights_type(x, "input")
        if self.dropout > 0 and self.num_layers == 1:
            raise LayerError(
                "dropout works between layers, and there is only one.", "Set num_layers to 2 or more, or dropout to 0."
            )
        self._check_states(x, states)
        return {"input_size": x.dim(2, "features", of="(B, T, features)")}

    def _check_states(self, x: TensorSpec, states: dict[str, TensorSpec | None]) -> None:
        batch = x.shape[0 if self.batch_first else 1]
        layers = self.num_layers * (2 if self.bidirectional else 1)
        for port, state in states.items():
            if state is None:
                continue
            need_weights_type(state, port)
            wanted = TensorSpec((layers, batch, self._state_size(port)))
            if state.shape != wanted.shape:
                raise LayerError(f"{port} must be {wanted}, gets {state}.", "A state has its layers first.", port=port)

    def _state_size(self, port: str) -> int:
        return self.hidden_size

    def emit(self, names: Names) -> tuple[str, ...]:
        h0 = names.inputs.get("h0", "None")
        call = "{self}({input})" if h0 == "None" else "{self}({input}, {h0})"
        return (names.fill("{output}, {h} = " + call),)


class RNN(Recurrent):
    """Reads a sequence step by step and carries one simple state along.

    Input shape:  (B, T, features)
    Output shape: output (B, T, hidden_size), h (num_layers, B, hidden_size)
    """

    target = "nn.RNN"
    formula = r"h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})"
    use = (
        "Take it for short sequences and to learn how recurrence works; it forgets after a few dozen steps, "
        "where an LSTM or a GRU remembers."
    )
    aliases = ("recurrent", "sequence", "elman", "time series")
    nonlinearity: Literal["tanh", "relu"] = param("tanh", help="The activation of the state.")


class GRU(Recurrent):
    """Reads a sequence step by step; two gates decide what its state keeps.

    Input shape:  (B, T, features)
    Output shape: output (B, T, hidden_size), h (num_layers, B, hidden_size)
    """

    target = "nn.GRU"
    formula = r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}"
    use = (
        "Take it for sequences where an LSTM is too heavy: fewer weights, often as good. For long ones take attention."
    )
    aliases = ("gated recurrent unit", "sequence", "time series", "recurrent")


class LSTM(Recurrent):
    """Reads a sequence step by step; gates decide what its long memory keeps, adds and shows.

    Input shape:  (B, T, features)
    Output shape: output (B, T, hidden_size), h and c (num_layers, B, hidden_size)
    """

    target = "nn.LSTM"
    formula = r"c_t = f_t \odot c_{t-1} + i_t \odot g_t, \quad h_t = o_t \odot \tanh(c_t)"
    use = (
        "Take it for sequences of up to some hundred steps; a GRU has fewer weights, attention sees further "
        "and trains faster."
    )
    aliases = ("long short-term memory", "sequence", "time series", "recurrent")
    inputs = (_SEQUENCE, _H0, Port("c0", "optional", "The memory before the first step; zeros if not connected."))
    outputs = (_OUTPUT, _H, Port("c", help="The memory after the last step, (num_layers, B, hidden_size)."))
    proj_size: int = param(0, min=0, advanced=True, help="Makes the state this much smaller than the memory; 0: no.")

    def derive(self, input: TensorSpec, **states: TensorSpec | None) -> dict[str, Any]:
        derived = super().derive(input, **states)
        if self.proj_size >= self.hidden_size:
            raise LayerError(
                f"proj_size={self.proj_size} must be smaller than hidden_size={self.hidden_size}.",
                "Set proj_size to 0 to switch it off.",
            )
        missing = [port for port in ("h0", "c0") if states.get(port) is None]
        if len(missing) == 1:
            other = "c0" if missing == ["h0"] else "h0"
            raise LayerError(
                f"{other} is connected, but {missing[0]} is not.", "Connect both or none.", port=missing[0]
            )
        return derived

    def _state_size(self, port: str) -> int:
        return self.proj_size if port == "h0" and self.proj_size else self.hidden_size

    def emit(self, names: Names) -> tuple[str, ...]:
        given = names.inputs.get("h0", "None") != "None" and names.inputs.get("c0", "None") != "None"
        call = "{self}({input}, ({h0}, {c0}))" if given else "{self}({input})"
        unused = names.outputs["h"] == "_" and names.outputs["c"] == "_"
        return (names.fill("{output}, " + ("_" if unused else "({h}, {c})") + " = " + call),)


def _hint(x: TensorSpec) -> str:
    if x.rank == 4:
        return "Put a Squeeze or a Reshape before it; the rows of an image can be the steps."
    return "Put an Unflatten before it." if x.rank == 2 else "Put a Reshape before it."
