"""For every layer, inputs that it takes: what its statements are executed on."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from engine.layers import Layer
from engine.tensor import NumberSpec, TensorSpec
from tests.laws.module_samples import MODULE_VARIANTS, MODULES
from tests.laws.operation_samples import OPERATION_VARIANTS, OPERATIONS

Inputs = dict[str, Any]

X2 = TensorSpec(("B", 6))
SEQUENCE = TensorSpec(("B", 5, 8))
MEMORY = TensorSpec(("B", 7, 8))
INDICES = TensorSpec(("B", 5), "int64")
SIGNAL = TensorSpec(("B", 8, 12))
IMAGE = TensorSpec(("B", 8, 12, 10))
VOLUME = TensorSpec(("B", 8, 6, 8, 10))
BY_DIMS = {"1d": SIGNAL, "2d": IMAGE, "3d": VOLUME}
MANY = ("Add", "Multiply", "Concat", "Stack")
PAIRS = ("Subtract", "Divide", "Maximum", "Minimum", "FloorDivide", "Remainder", "Power", "Compare")


def spec(*sizes: int | str, dtype: str = "float32") -> TensorSpec:
    return TensorSpec(("B", *sizes), dtype)


SPECIAL: dict[str, list[Inputs]] = {
    "Linear": [{"x": X2}, {"x": SEQUENCE}],
    "Bilinear": [{"x1": X2, "x2": spec(3)}],
    "BatchNorm1d": [{"x": X2}, {"x": SIGNAL}],
    "GroupNorm": [{"x": IMAGE}, {"x": spec(8)}],
    "Softmax2d": [{"x": IMAGE}],
    "Embedding": [{"x": INDICES}, {"x": spec(dtype="int32")}],
    "RNN": [{"input": SEQUENCE}, {"input": SEQUENCE, "h0": TensorSpec((1, "B", 64))}],
    "GRU": [{"input": SEQUENCE}, {"input": SEQUENCE, "h0": TensorSpec((1, "B", 64))}],
    "LSTM": [
        {"input": SEQUENCE},
        {"input": SEQUENCE, "h0": TensorSpec((1, "B", 64)), "c0": TensorSpec((1, "B", 64))},
    ],
    "MultiheadAttention": [
        {"query": SEQUENCE},
        {"query": SEQUENCE, "key": spec(7, 4), "attn_mask": TensorSpec((5, 7))},
        {"query": SEQUENCE, "key": spec(7, 4), "value": spec(7, 3), "key_padding_mask": spec(7, dtype="bool")},
    ],
    "TransformerEncoderLayer": [
        {"x": SEQUENCE},
        {"x": SEQUENCE, "mask": TensorSpec((5, 5), "bool"), "padding_mask": spec(5, dtype="bool")},
    ],
    "TransformerDecoderLayer": [
        {"x": SEQUENCE, "memory": MEMORY},
        {"x": SEQUENCE, "memory": MEMORY, "mask": TensorSpec((5, 5)), "memory_padding_mask": spec(7)},
    ],
    "MatMul": [{"a": spec(3, 4), "b": spec(4, 5)}, {"a": spec(3, 4), "b": TensorSpec((4, 5))}],
    "Mean": [{"x": SEQUENCE}, {"x": IMAGE}],
    "Permute": [{"x": SEQUENCE}],
    "Transpose": [{"x": SEQUENCE}, {"x": IMAGE}],
    "Expand": [{"x": TensorSpec((1, 3, 8)), "like": SEQUENCE}],
    "Squeeze": [{"x": spec(6, 1)}],
    "Select": [{"x": SEQUENCE}],
    "Slice": [{"x": SEQUENCE}],
    "Split": [{"x": IMAGE}],
    "CosineSimilarity": [{"x1": X2, "x2": X2}],
    "PairwiseDistance": [{"x1": X2, "x2": X2}],
    "Upsample": [{"x": SIGNAL}, {"x": IMAGE}, {"x": VOLUME}],
    "LocalResponseNorm": [{"x": SIGNAL}, {"x": IMAGE}],
    "GLU": [{"x": X2}, {"x": IMAGE}],
    **OPERATIONS,
    "Pad": [{"x": IMAGE}, {"x": spec(5, 4, dtype="int64")}],
}

VARIANTS: list[tuple[str, dict[str, Any], Inputs]] = [
    ("Conv2d", {"kernel_size": (3, 5), "stride": 2, "padding": 1, "bias": False}, {"x": IMAGE}),
    ("Conv2d", {"out_channels": 16, "groups": 8, "padding_mode": "reflect"}, {"x": IMAGE}),
    ("Conv1d", {"padding": "valid", "dilation": 2}, {"x": SIGNAL}),
    ("ConvTranspose2d", {"kernel_size": 3, "padding": 1, "output_padding": 1, "groups": 4}, {"x": IMAGE}),
    ("MaxPool2d", {"return_indices": True, "padding": 1, "ceil_mode": True}, {"x": IMAGE}),
    ("AdaptiveMaxPool1d", {"return_indices": True, "output_size": 3}, {"x": SIGNAL}),
    ("AdaptiveAvgPool3d", {"output_size": (1, 2, 3)}, {"x": VOLUME}),
    ("AvgPool2d", {"stride": (1, 2), "divisor_override": 3}, {"x": IMAGE}),
    ("LayerNorm", {"dims": 3, "bias": False}, {"x": IMAGE}),
    ("RMSNorm", {"dims": 2, "eps": 1e-6}, {"x": SEQUENCE}),
    ("BatchNorm2d", {"momentum": None, "affine": False}, {"x": IMAGE}),
    ("PReLU", {"num_parameters": 8}, {"x": IMAGE}),
    ("Softmax", {"dim": 1}, {"x": X2}),
    ("EmbeddingBag", {"mode": "max"}, {"x": INDICES}),
    ("RNN", {"nonlinearity": "relu", "num_layers": 2, "dropout": 0.1}, {"input": SEQUENCE}),
    ("GRU", {"bidirectional": True, "hidden_size": 3}, {"input": SEQUENCE, "h0": TensorSpec((2, "B", 3))}),
    ("LSTM", {"proj_size": 3, "batch_first": False}, {"input": SEQUENCE}),
    ("MultiheadAttention", {"num_heads": 2, "add_bias_kv": True, "add_zero_attn": True}, {"query": SEQUENCE}),
    ("TransformerEncoderLayer", {"activation": "gelu", "norm_first": True, "nhead": 8}, {"x": SEQUENCE}),
    ("Flatten", {"start_dim": 2, "end_dim": 3}, {"x": IMAGE}),
    ("Flatten", {"start_dim": 0}, {"x": X2}),
    ("Unflatten", {"unflattened_size": (2, 2, 2)}, {"x": IMAGE}),
    ("Reshape", {"shape": (4, -1)}, {"x": IMAGE}),
    ("Reshape", {"shape": ()}, {"x": spec(1)}),
    ("Reshape", {"shape": (-1, 4), "keep_batch": False}, {"x": IMAGE}),
    ("Permute", {"dims": (0, 2, 3, 1)}, {"x": IMAGE}),
    ("Select", {"dim": -1, "index": 0}, {"x": IMAGE}),
    ("Select", {"dim": -2, "index": 3}, {"x": IMAGE}),
    ("Select", {"dim": 6, "index": 0}, {"x": spec(1, 1, 1, 1, 1, 2)}),
    ("Slice", {"start": 1, "end": -1, "dim": -2}, {"x": IMAGE}),
    ("Slice", {"step": 2}, {"x": SEQUENCE}),
    ("Split", {"sizes": (1, 3, 4)}, {"x": IMAGE}),
    ("Split", {"sizes": (8,)}, {"x": IMAGE}),
    ("Concat", {"dim": -1}, {"inputs": (SEQUENCE, spec(5, 2))}),
    ("Mean", {"dim": (2, 3), "keepdim": True}, {"x": IMAGE}),
    ("Upsample", {"mode": "bilinear", "size": (5, 7), "scale_factor": None, "align_corners": True}, {"x": IMAGE}),
    ("Pad", {"padding": (1, 2), "mode": "reflect"}, {"x": SIGNAL}),
    ("Pad", {"padding": (0, 0, 1, 1, 0, -1), "value": 0.5}, {"x": IMAGE}),
    ("Constant", {"shape": (2, 3), "value": -1e-5}, {}),
    ("Parameter", {"shape": (1, 4), "init": "randn"}, {}),
    ("Code", {"source": "def pair(x, scale=None):\n    mean = x.mean(1)\n    return mean, x\n"}, {"x": X2}),
    *MODULE_VARIANTS,
    *OPERATION_VARIANTS,
]


def samples(key: str) -> list[Inputs]:
    """Inputs for a layer at its defaults."""
    layer = Layer.registry[key]()
    if not layer.ports_in():
        return [{}]
    if key in SPECIAL or key in MODULES:
        return SPECIAL.get(key) or MODULES[key]
    if key in MANY:
        return [{"inputs": (IMAGE, IMAGE)}, {"inputs": (SEQUENCE, SEQUENCE, SEQUENCE)}]
    if key in PAIRS:
        return [{"a": IMAGE, "b": IMAGE}, {"a": SEQUENCE, "b": spec(1, 8)}]
    default = next((s for suffix, s in BY_DIMS.items() if key.endswith(suffix)), IMAGE)
    return [{"x": default}]


def every_port(layer: Layer, inputs: Inputs) -> Inputs:
    """The inputs as inference hands them over: None for an optional port that is not connected."""
    return {port.name: inputs.get(port.name) for port in layer.ports_in()}


def resized(inputs: Inputs) -> st.SearchStrategy[Inputs]:
    """The inputs with some sizes, numbers of dimensions and types changed, the batch apart."""
    return st.fixed_dictionaries(
        {
            port: st.tuples(*map(_resized, specs))
            if isinstance(specs, tuple)
            else _resized(specs)
            if specs
            else st.none()
            for port, specs in inputs.items()
        }
    )


def _resized(found: TensorSpec) -> st.SearchStrategy[TensorSpec]:
    if isinstance(found, NumberSpec):
        return st.just(found)
    size = st.sampled_from([1, 2, 3, 4, 6, 8, 12, "T", "2 * B"])
    places = range(1, found.rank) if found.rank > 1 else range(found.rank)
    shapes = st.just(found.shape)
    if places:
        shapes |= st.builds(lambda i, s: (*found.shape[:i], s, *found.shape[i + 1 :]), st.sampled_from(places), size)
        shapes |= st.builds(lambda i: found.shape[:i] + found.shape[i + 1 :], st.sampled_from(places))
        shapes |= st.builds(lambda i, s: (*found.shape[:i], s, *found.shape[i:]), st.sampled_from(places), size)
    types = st.just(found.dtype) | st.sampled_from(["float32", "float64", "int64", "bool"])
    return st.builds(TensorSpec, shapes, types)
