"""Inputs for modules of torch whose ports or sizes are out of the ordinary, and options of theirs to be tried."""

from __future__ import annotations

from typing import Any

from engine.tensor import TensorSpec

Inputs = dict[str, Any]


def spec(*sizes: int | str, dtype: str = "float32") -> TensorSpec:
    """A tensor of samples with these sizes."""
    return TensorSpec(("B", *sizes), dtype)


X2, SEQUENCE, MEMORY = spec(6), spec(5, 8), spec(7, 8)
SIGNAL, IMAGE, VOLUME = spec(8, 12), spec(8, 12, 10), spec(8, 6, 8, 10)


def _unpooled(*sizes: int) -> Inputs:
    return {"x": spec(*sizes), "indices": spec(*sizes, dtype="int64")}


INDICES = spec(5, dtype="int64")
CLASSES = spec(dtype="int64")

HEADS = spec(4, 5, 8)
GRID = spec(6, 7, 2)

BOXES, SCORES = TensorSpec((6, 4)), TensorSpec((6,))

_SAME = {"input": X2, "target": X2}
_ALIKE = """MSELoss L1Loss SmoothL1Loss HuberLoss PoissonNLLLoss KLDivLoss BCELoss BCEWithLogitsLoss SoftMarginLoss
HingeEmbeddingLoss MultiLabelSoftMarginLoss"""
_TRIPLET = {"anchor": X2, "positive": X2, "negative": X2}
LOSSES: dict[str, list[Inputs]] = {
    **{key: [_SAME] for key in _ALIKE.split()},
    "CrossEntropyLoss": [{"input": X2, "target": CLASSES}, {"input": IMAGE, "target": spec(12, 10, dtype="int64")}],
    "NLLLoss": [{"input": X2, "target": CLASSES}],
    "MultiMarginLoss": [{"input": X2, "target": CLASSES}],
    "MultiLabelMarginLoss": [{"input": X2, "target": spec(6, dtype="int64")}],
    "GaussianNLLLoss": [{**_SAME, "var": X2}],
    "CosineEmbeddingLoss": [{"input1": X2, "input2": X2, "target": spec()}],
    "MarginRankingLoss": [{"input1": spec(), "input2": spec(), "target": spec()}],
    "TripletMarginLoss": [_TRIPLET],
    "TripletMarginWithDistanceLoss": [_TRIPLET],
    "LinearCrossEntropyLoss": [{"input": X2, "target": CLASSES}],
    "CTCLoss": [
        {
            "log_probs": TensorSpec((7, "B", 5)),
            "targets": spec(3, dtype="int64"),
            "input_lengths": CLASSES,
            "target_lengths": CLASSES,
        }
    ],
}

MODULES: dict[str, list[Inputs]] = {
    **{key: [{"boxes1": BOXES, "boxes2": TensorSpec((5, 4))}] for key in ("BoxIoU", "GeneralizedBoxIoU")},
    **{key: [{"boxes1": BOXES, "boxes2": BOXES}] for key in ("DistanceBoxIoU", "CompleteBoxIoU")},
    **{key: [{"boxes": BOXES}] for key in ("BoxArea", "BoxConvert")},
    "NMS": [{"boxes": BOXES, "scores": SCORES}],
    "BatchedNMS": [{"boxes": BOXES, "scores": SCORES, "idxs": TensorSpec((6,), "int64")}],
    **{key: [{"x": IMAGE, "rois": TensorSpec((5, 5))}] for key in ("RoIAlign", "RoIPool")},
    **{key: [{"x": spec(98, 12, 10), "rois": TensorSpec((5, 5))}] for key in ("PSRoIAlign", "PSRoIPool")},
    "DeformConv2d": [{"x": IMAGE, "offset": spec(18, 12, 10), "mask": spec(9, 12, 10)}],
    "FeaturePyramidNetwork": [{"x0": IMAGE, "x1": spec(16, 6, 5), "x2": spec(32, 3, 3)}],
    "Conv3dNormActivation": [{"x": VOLUME}],
    "PerceptronRow": [{"x": X2}, {"x": SEQUENCE}],
    "AffineGrid": [{"theta": spec(2, 3), "like": IMAGE}, {"theta": spec(3, 4), "like": VOLUME}],
    "GridSample": [{"x": IMAGE, "grid": GRID}, {"x": VOLUME, "grid": spec(3, 6, 7, 3)}],
    "Interpolate": [{"x": IMAGE}, {"x": SIGNAL, "like": spec(1, 30)}],
    "ScaledDotProductAttention": [
        {"query": HEADS, "key": spec(4, 7, 8), "value": spec(4, 7, 3), "attn_mask": TensorSpec((5, 7), "bool")},
        {"query": HEADS, "key": HEADS, "value": HEADS},
    ],
    "AdaptiveLogSoftmaxWithLoss": [{"x": spec(16)}],
    **LOSSES,
    "EmbeddingBag": [{"x": INDICES}, {"x": TensorSpec((12,), "int64"), "offsets": CLASSES}],
    "Fold": [{"x": spec(12, 16)}],
    "MaxUnpool1d": [_unpooled(8, 5), {**_unpooled(8, 5), "like": spec(8, 11)}],
    "MaxUnpool2d": [_unpooled(8, 6, 5), {**_unpooled(8, 6, 5), "like": spec(1, 12, 11)}],
    "MaxUnpool3d": [_unpooled(8, 3, 4, 5)],
    "TransformerEncoder": [{"x": SEQUENCE}, {"x": SEQUENCE, "padding_mask": spec(5, dtype="bool")}],
    "TransformerDecoder": [{"x": SEQUENCE, "memory": MEMORY}],
    "Transformer": [{"src": MEMORY, "tgt": SEQUENCE, "tgt_mask": TensorSpec((5, 5)), "memory_padding_mask": spec(7)}],
    "RNNCell": [{"input": X2}, {"input": X2, "h0": spec(64)}],
    "GRUCell": [{"input": X2}, {"input": X2, "h0": spec(64)}],
    "LSTMCell": [{"input": X2}, {"input": X2, "h0": spec(64), "c0": spec(64)}],
}

MODULE_VARIANTS: list[tuple[str, dict[str, Any], Inputs]] = [
    ("Conv2dNormActivation", {"activation_layer": "GELU", "norm_layer": None, "stride": 2}, {"x": IMAGE}),
    ("Conv2dNormActivation", {"activation_layer": None, "padding": "same", "kernel_size": (3, 4)}, {"x": IMAGE}),
    ("FeaturePyramidNetwork", {"levels": 1, "norm_layer": "BatchNorm2d"}, {"x0": IMAGE}),
    ("PerceptronRow", {"norm_layer": "LayerNorm", "activation_layer": "GELU", "dropout": 0.1}, {"x": SEQUENCE}),
    ("SqueezeExcitation", {"activation": "SiLU", "scale_activation": "Hardsigmoid"}, {"x": IMAGE}),
    ("StochasticDepth", {"mode": "batch", "p": 1.0}, {"x": SEQUENCE}),
    ("GridSample", {"mode": "bicubic", "padding_mode": "border", "align_corners": True}, {"x": IMAGE, "grid": GRID}),
    ("GumbelSoftmax", {"hard": True, "tau": 0.5, "dim": 1}, {"x": IMAGE}),
    ("Interpolate", {"size": (5, 20), "scale_factor": None, "mode": "bicubic", "antialias": True}, {"x": IMAGE}),
    ("Interpolate", {"mode": "trilinear", "align_corners": False}, {"x": VOLUME, "like": spec(1, 4, 4, 3)}),
    ("Normalize", {"dim": -1, "p": 1.0}, {"x": SEQUENCE}),
    (
        "ScaledDotProductAttention",
        {"dropout_p": 0.1, "is_causal": True, "scale": 0.5, "enable_gqa": True},
        {"query": HEADS, "key": spec(2, 5, 8), "value": spec(2, 5, 8)},
    ),
    (
        "AdaptiveLogSoftmaxWithLoss",
        {"with_loss": True, "n_classes": 9, "cutoffs": (3, 5), "div_value": 2.0, "head_bias": True},
        {"x": spec(16), "target": CLASSES},
    ),
    ("EmbeddingBag", {"mode": "sum"}, {"x": INDICES, "per_sample_weights": spec(5)}),
    ("EmbeddingBag", {"include_last_offset": True}, {"x": TensorSpec((12,), "int64"), "offsets": CLASSES}),
    ("ConstantPad1d", {"padding": (2, 0), "value": -1.0}, {"x": SIGNAL}),
    ("ZeroPad2d", {"padding": (1, 2, 0, -1)}, {"x": spec(5, 4, dtype="int64")}),
    ("ReflectionPad2d", {"padding": (1, 2, 0, 3)}, {"x": IMAGE}),
    ("ReplicationPad3d", {"padding": (1, 2, 0, 3, 5, 6)}, {"x": VOLUME}),
    ("CircularPad1d", {"padding": 4}, {"x": SIGNAL}),
    ("MaxPool2d", {"return_indices": True}, {"x": IMAGE}),
    ("MaxUnpool2d", {"kernel_size": 3, "stride": 2, "padding": 1, "output_size": 10}, _unpooled(8, 5, 5)),
    ("MaxUnpool1d", {"output_size": 11}, _unpooled(8, 5)),
    ("FractionalMaxPool2d", {"output_ratio": None, "output_size": (5, 7), "return_indices": True}, {"x": IMAGE}),
    ("Fold", {"output_size": (6, 8), "kernel_size": 3, "padding": 1, "stride": (2, 1)}, {"x": spec(18, 24)}),
    ("UpsamplingBilinear2d", {"size": (5, 7), "scale_factor": None}, {"x": IMAGE}),
    ("MultiheadAttention", {"average_attn_weights": False}, {"query": SEQUENCE}),
    (
        "MultiheadAttention",
        {"is_causal": True, "batch_first": False},
        {"query": TensorSpec((5, "B", 8)), "attn_mask": TensorSpec(("4 * B", 5, 5), "bool")},
    ),
    ("TransformerEncoder", {"norm": True, "norm_first": True, "nhead": 1, "bias": False}, {"x": SEQUENCE}),
    ("TransformerDecoder", {"norm": True, "layer_norm_eps": 1e-3}, {"x": SEQUENCE, "memory": MEMORY}),
    (
        "TransformerEncoder",
        {"is_causal": True},
        {"x": SEQUENCE, "mask": TensorSpec((5, 5), "bool"), "padding_mask": spec(5, dtype="bool")},
    ),
    ("TransformerEncoderLayer", {"is_causal": True}, {"x": SEQUENCE, "mask": TensorSpec((5, 5))}),
    ("TransformerDecoder", {}, {"x": SEQUENCE, "memory": MEMORY, "mask": TensorSpec((5, 5))}),
    ("Transformer", {"num_encoder_layers": 1, "norm_first": True}, {"src": MEMORY, "tgt": SEQUENCE}),
    ("RNNCell", {"nonlinearity": "relu", "bias": False}, {"input": X2}),
]
