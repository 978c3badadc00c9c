"""Layers with inputs they take, free sizes among them: what the laws of shapes are tried on."""

from dataclasses import dataclass

import engine.layers  # noqa: F401 - fills the registry
from engine.layers.base import Layer
from engine.tensor import TensorSpec
from tests.laws.layer_samples import VARIANTS, samples
from tests.laws.torchvision_here import why_no_torchvision

Given = dict[str, TensorSpec | tuple[TensorSpec, ...] | None]


@dataclass(frozen=True)
class Sample:
    """A layer and one spec per input port, a tuple for a many-port, None for an optional one that is not wired."""

    layer: Layer
    inputs: Given

    @property
    def name(self) -> str:
        options = ", ".join(f"{k}={v}" for k, v in self.layer.changed().items() if k != "source")
        wires = "; ".join(str(spec) for spec in self.inputs.values() if spec)
        return f"{self.layer.key}({options}) of {wires}"


def spec(*sizes: int | str, dtype: str = "float32") -> TensorSpec:
    return TensorSpec(sizes, dtype)


VECTOR = spec("B", 12)
ROWS = spec("B", "T", 12)
SIGNAL = spec("B", 6, 17)
LONG = spec("B", 6, "T")
IMAGE = spec("B", 6, 8, 10)
WIDE = spec("B", 6, "H", "W")
VOLUME = spec("B", 6, 8, 9, 10)
WORDS = spec("B", "T", dtype="int64")
SQUARE = spec("B", "T", "T")

ANYTHING = (VECTOR, ROWS, IMAGE)
_PER_DIMENSION = {1: (SIGNAL, LONG), 2: (IMAGE, WIDE), 3: (VOLUME,)}
_SPATIAL = ("Conv", "ConvTranspose", "MaxPool", "AvgPool", "LPPool", "AdaptiveAvgPool", "AdaptiveMaxPool", "BatchNorm")

# Per layer, pairs of options and inputs; a single spec is for the only port.
_CASES: dict[str, list[tuple[dict, TensorSpec | tuple | Given]]] = {
    "Parameter": [({}, {}), ({"shape": (1, 4, 8), "init": "randn"}, {})],
    "Constant": [({}, {})],
    "Linear": [({"out_features": 5}, x) for x in ANYTHING] + [({"bias": False}, spec("B", "T", "S", 3))],
    "Bilinear": [({"out_features": 5}, {"x1": VECTOR, "x2": spec("B", 7)})],
    "Conv1d": [
        ({"stride": 2, "padding": 1}, LONG),
        ({"kernel_size": 5, "padding": 0, "dilation": 2}, LONG),
        ({"kernel_size": 7, "stride": 3, "padding": 2}, LONG),
    ],
    "Conv2d": [
        ({"out_channels": 4, "stride": (2, 1), "padding": (1, 0), "kernel_size": (3, 5)}, WIDE),
        ({"out_channels": 6, "groups": 6, "bias": False}, IMAGE),
    ],
    "ConvTranspose1d": [({"kernel_size": 4, "stride": 3, "padding": 1, "output_padding": 1}, LONG)],
    "MaxPool1d": [({"kernel_size": 3, "stride": 2, "padding": 1}, LONG)],
    "MaxPool2d": [({"kernel_size": 2, "stride": 2, "ceil_mode": True}, WIDE)],
    "AdaptiveAvgPool2d": [({"output_size": (2, 3)}, WIDE)],
    "BatchNorm1d": [({}, VECTOR), ({"affine": False}, SIGNAL)],
    "GroupNorm": [({"num_groups": 3}, IMAGE), ({"num_groups": 2, "affine": False}, VECTOR)],
    "LayerNorm": [({}, x) for x in ANYTHING],
    "RMSNorm": [({}, x) for x in ANYTHING],
    "LocalResponseNorm": [({}, IMAGE)],
    "PReLU": [({}, IMAGE)],
    "Softmax2d": [({}, IMAGE)],
    "GLU": [({}, VECTOR), ({}, ROWS)],
    "Dropout1d": [({}, SIGNAL)],
    "Dropout2d": [({}, IMAGE)],
    "Dropout3d": [({}, VOLUME)],
    "RNN": [
        ({"hidden_size": 5}, {"input": ROWS, "h0": None}),
        ({"hidden_size": 5, "nonlinearity": "relu", "bias": False}, {"input": ROWS, "h0": spec(1, "B", 5)}),
    ],
    "GRU": [
        ({"hidden_size": 5, "bidirectional": True, "num_layers": 2}, {"input": ROWS, "h0": None}),
        ({"hidden_size": 5, "batch_first": False}, {"input": spec("T", "B", 4), "h0": None}),
    ],
    "LSTM": [
        ({"hidden_size": 5}, {"input": ROWS, "h0": None, "c0": None}),
        ({"hidden_size": 5, "num_layers": 2, "proj_size": 3}, {"input": ROWS, "h0": None, "c0": None}),
        ({"hidden_size": 5, "bidirectional": True}, {"input": ROWS, "h0": spec(2, "B", 5), "c0": spec(2, "B", 5)}),
    ],
    "MultiheadAttention": [
        ({"num_heads": 4}, {"query": ROWS}),
        ({"num_heads": 2}, {"query": ROWS, "key": spec("B", "S", 12), "value": spec("B", "S", 12)}),
    ],
    "TransformerEncoderLayer": [({"nhead": 3}, {"x": ROWS}), ({"nhead": 2, "norm_first": True}, {"x": ROWS})],
    "TransformerDecoderLayer": [({"nhead": 3}, {"x": ROWS, "memory": spec("B", "S", 12)})],
    "Embedding": [({"num_embeddings": 50, "embedding_dim": 8}, WORDS)],
    "EmbeddingBag": [({"num_embeddings": 50, "embedding_dim": 8}, WORDS)],
    "Add": [({}, (IMAGE, IMAGE)), ({}, (ROWS, ROWS, ROWS)), ({}, (ROWS, spec(1, 12)))],
    "Multiply": [({}, (IMAGE, spec("B", 6, 1, 1)))],
    "Subtract": [({}, {"a": IMAGE, "b": IMAGE})],
    "Divide": [({}, {"a": ROWS, "b": ROWS})],
    "Maximum": [({}, {"a": ROWS, "b": ROWS})],
    "MatMul": [
        ({}, {"a": ROWS, "b": spec("B", 12, "S")}),
        ({}, {"a": SQUARE, "b": ROWS}),
        ({}, {"a": VECTOR, "b": spec(12, 3)}),
    ],
    "Concat": [({}, (IMAGE, spec("B", 3, 8, 10))), ({"dim": 1}, (ROWS, spec("B", "S", 12), ROWS))],
    "Stack": [({}, (ROWS, ROWS, ROWS))],
    "Split": [({}, IMAGE)],
    "CosineSimilarity": [({}, {"x1": VECTOR, "x2": VECTOR})],
    "PairwiseDistance": [({}, {"x1": VECTOR, "x2": VECTOR})],
    "Flatten": [({}, IMAGE), ({"start_dim": 0, "end_dim": 1}, ROWS), ({"start_dim": 1, "end_dim": -1}, ROWS)],
    "Unflatten": [({"dim": 1, "unflattened_size": (3, 4)}, VECTOR)],
    "Reshape": [({"shape": (-1,)}, IMAGE), ({"shape": (4, 3)}, VECTOR)],
    "Permute": [({"dims": (0, 2, 1)}, ROWS)],
    "Transpose": [({}, ROWS)],
    "Squeeze": [({"dim": 1}, spec("B", 1, 9))],
    "Unsqueeze": [({}, VECTOR), ({}, ROWS)],
    "Select": [({}, ROWS), ({}, SIGNAL)],
    "Slice": [({}, SIGNAL)],
    "Pad": [({}, IMAGE), ({}, WIDE)],
    "Upsample": [({}, IMAGE), ({}, WIDE), ({"scale_factor": 3.0}, SIGNAL)],
    "PixelShuffle": [({"upscale_factor": 2}, spec("B", 8, "H", 5))],
    "PixelUnshuffle": [({"downscale_factor": 2}, IMAGE)],
    "ChannelShuffle": [({"groups": 3}, IMAGE)],
    "Code": [
        ({}, ROWS),
        ({"source": "def halves(x):\n    a, b = x.chunk(2, -1)\n    return a, b\n"}, {"x": ROWS}),
        ({"source": "def pairs(x):\n    return x[:, :-1] - x[:, 1:]\n"}, {"x": ROWS}),
    ],
}

NOT_A_CALCULATION = frozenset(
    {"Input", "Output", "Missing", "Block", "Shared", "Chosen", "Scan", "While", "Branch", "Module"}
)
"""Layers that inference handles itself."""


def samples_of(key: str) -> list[Sample]:
    """Every sample of one kind of layer."""
    layer = Layer.registry[key]
    cases = list(_CASES.get(key, ()))
    dims = int(key[-2]) if key[-1] == "d" and key[-2].isdigit() else 0
    if dims and key[:-2] in _SPATIAL:
        cases += [({}, given) for given in _PER_DIMENSION[dims]]
    cases += [({}, given) for given in samples(key)]
    cases += [(options, given) for name, options, given in VARIANTS if name == key]
    return [Sample(layer(**options), _ports(layer(**options), given)) for options, given in cases]


def _ports(layer: Layer, given: TensorSpec | tuple | Given) -> Given:
    ports = [port.name for port in layer.ports_in()]
    if isinstance(given, dict):
        return {name: given.get(name) for name in ports}
    return {ports[0]: given} | dict.fromkeys(ports[1:])


def every_sample() -> list[Sample]:
    """The samples of every layer of the registry that calculates something and can be run here."""
    keys = [key for key in Layer.registry if key not in NOT_A_CALCULATION and not why_no_torchvision(key)]
    return [s for key in keys for s in samples_of(key)]
