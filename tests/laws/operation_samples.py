"""Inputs that operations on tensors take: counted, rearranged, chosen by indices, created, turned into frequencies."""

from __future__ import annotations

from typing import Any

from engine.expr import Expr
from engine.tensor import NumberSpec, TensorSpec

Inputs = dict[str, Any]


def spec(*sizes: int | str, dtype: str = "float32") -> TensorSpec:
    return TensorSpec(("B", *sizes), dtype)


ROWS = spec(5, 8)
IMAGE = spec(8, 12, 10)
LONG = spec(5, dtype="int64")
SOME = spec(3, 8, dtype="int64")
MASK = spec(5, dtype="bool")
LIST = TensorSpec((3,), "int64")
SIGNALS = spec(400)
NUMBER = NumberSpec.of(4)
FREE = NumberSpec.of("B")
HEADS = spec(4, 6, 8)

OPERATIONS: dict[str, list[Inputs]] = {
    "Logic": [{"a": MASK, "b": MASK}],
    "Not": [{"x": MASK}],
    "Bucketize": [{"x": ROWS, "boundaries": TensorSpec((4,))}],
    "Unbind": [{"x": TensorSpec((3, "B", 8))}],
    "Meshgrid": [{"inputs": (TensorSpec((4,)), TensorSpec((5,)))}],
    "Gather": [{"x": ROWS, "index": SOME}],
    "TakeAlongDim": [{"x": ROWS, "index": spec(3, 1, dtype="int64")}],
    "IndexSelect": [{"x": ROWS, "index": LIST}],
    "IndexAdd": [{"x": TensorSpec((5, 8)), "index": LIST, "source": TensorSpec((3, 8))}],
    "Scatter": [
        {"x": ROWS, "index": SOME},
        {"x": ROWS, "index": SOME, "source": ROWS},
    ],
    "Where": [{"mask": spec(5, 1, dtype="bool"), "a": ROWS, "b": ROWS}, {"mask": MASK, "a": spec(5)}],
    "MaskedFill": [{"x": ROWS, "mask": spec(5, 1, dtype="bool")}, {"x": ROWS, "mask": TensorSpec((5, 8), "bool")}],
    "OneHot": [{"x": LONG}],
    "Einsum": [{"inputs": (spec(3, 4), spec(4, 5))}],
    "Outer": [{"a": TensorSpec((4,)), "b": TensorSpec((5,))}],
    "Cross": [{"a": spec(5, 3), "b": spec(1, 3)}],
    "Triangle": [{"x": ROWS}],
    "Diagonal": [{"x": IMAGE}],
    "DiagonalMatrix": [{"x": ROWS}],
    **{key: [{"like": ROWS}] for key in ("Zeros", "Ones", "Random", "Arange", "Linspace", "Eye")},
    "Full": [{"like": ROWS}],
    "ComplexPart": [{"x": spec(5, dtype="complex64")}],
    "Complex": [{"a": ROWS, "b": spec(1, 8)}],
    "ViewAsReal": [{"x": spec(5, dtype="complex64")}],
    "ViewAsComplex": [{"x": spec(5, 2)}],
    "STFT": [{"x": SIGNALS}],
    "Lerp": [{"a": ROWS, "b": ROWS}, {"a": ROWS, "b": ROWS, "w": spec(5, 1)}],
    "AddProduct": [{"x": ROWS, "a": spec(1, 8), "b": ROWS}],
    "Op": [{"a": ROWS, "b": ROWS}],
    "Repeat": [{"x": spec(8)}],
    "MoveTo": [{"x": ROWS, "like": spec(3)}],
    **{key: [{"x": ROWS}] for key in ("RepeatInterleave", "Roll", "MoveDim", "FFT", "TopK", "Sort", "ArgMax")},
}

OPERATION_VARIANTS: list[tuple[str, dict[str, Any], Inputs]] = [
    ("Size", {"dim": (0, 1, 2), "exact": True}, {"x": ROWS}),
    ("Size", {"dim": (0,), "exact": True}, {"x": spec(dtype="int64")}),
    ("Size", {"dim": (-2, -1), "names": ("h", "w")}, {"x": IMAGE}),
    ("Size", {"dim": (1, 3)}, {"x": IMAGE}),
    ("Number", {"value": 0.5}, {}),
    *(("Index", {"index": text}, {"x": IMAGE}) for text in ("..., 0", ":, None", "0", "::2, 1:-1", ":, -3:, ...")),
    ("Index", {"index": ":, i", "wires": ("i",)}, {"x": IMAGE, "i": TensorSpec((2, 3), "int64")}),
    ("Index", {"index": ":, n // 2:", "wires": ("n",)}, {"x": IMAGE, "n": NUMBER}),
    (
        "Reshape",
        {"shape": Expr("b, 2, n, -1"), "wires": ("b", "n"), "keep_batch": False},
        {"x": IMAGE, "b": FREE, "n": NUMBER},
    ),
    ("Reshape", {"shape": (96, -1), "method": "view"}, {"x": IMAGE}),
    ("Unflatten", {"unflattened_size": Expr("n, -1"), "wires": ("n",)}, {"x": IMAGE, "n": NUMBER}),
    ("Select", {"index": Expr("n - 1"), "wires": ("n",)}, {"x": IMAGE, "n": NUMBER}),
    ("Slice", {"end": Expr("n - 1"), "wires": ("n",)}, {"x": IMAGE, "n": NUMBER}),
    ("Add", {"other": 1}, {"inputs": (ROWS,)}),
    ("Multiply", {}, {"inputs": (ROWS, FREE, NumberSpec.of(0.5))}),
    ("Subtract", {"other": 1.0, "swap": True}, {"a": ROWS}),
    ("Divide", {}, {"a": FREE, "b": NUMBER}),
    ("FloorDivide", {"other": 3}, {"a": NumberSpec.of("2 * B")}),
    ("Remainder", {"other": 3}, {"a": FREE}),
    ("Power", {"other": -0.5}, {"a": FREE}),
    ("Power", {"other": 2, "swap": True}, {"a": ROWS}),
    ("Compare", {"operator": ">", "other": 2}, {"a": FREE}),
    ("Compare", {"operator": "!=", "other": 0}, {"a": LONG}),
    ("Logic", {"operator": "|"}, {"a": MASK, "b": spec(1, dtype="bool")}),
    *(
        (key, {"dim": None}, {"x": ROWS})
        for key in ("Mean", "Sum", "Max", "VectorNorm", "Var", "Any", "Prod", "ArgMax")
    ),
    ("VectorNorm", {"ord": 1.0, "dim": (1, 2), "keepdim": True}, {"x": ROWS}),
    ("Std", {"correction": 0, "dim": 1}, {"x": ROWS}),
    ("TopK", {"k": Expr("n - 1"), "largest": False, "wires": ("n",)}, {"x": ROWS, "n": NUMBER}),
    ("Sort", {"descending": True, "stable": True, "dim": 1}, {"x": LONG}),
    ("Bucketize", {"right": True}, {"x": LONG, "boundaries": TensorSpec((4,))}),
    ("Roll", {"shifts": (1, -2), "dims": (1, 2)}, {"x": ROWS}),
    ("Flip", {"dims": (2, 3)}, {"x": IMAGE}),
    ("Repeat", {"repeats": Expr("n, 1, 2, 1"), "wires": ("n",)}, {"x": ROWS, "n": NUMBER}),
    ("Scatter", {"reduce": "amax"}, {"x": ROWS, "index": SOME, "source": ROWS}),
    ("Scatter", {"reduce": "sum"}, {"x": ROWS, "index": SOME, "source": ROWS}),
    ("MaskedFill", {"value": 0.0}, {"x": ROWS, "mask": spec(5, 1, dtype="bool")}),
    ("Einsum", {"equation": "...ij, jk -> ...ik"}, {"inputs": (spec(3, 4, 5), TensorSpec((5, 2)))}),
    ("Einsum", {"equation": "bii->b"}, {"inputs": (spec(3, 3),)}),
    ("Einsum", {"equation": "bhqd,bhkd"}, {"inputs": (HEADS, HEADS)}),
    ("Triangle", {"part": "upper", "diagonal": 1}, {"x": ROWS}),
    ("Zeros", {"shape": Expr("b, n"), "wires": ("b", "n")}, {"b": FREE, "n": NUMBER}),
    ("Ones", {"shape": (2, 3), "dtype": "bool"}, {"like": ROWS}),
    ("Ones", {"shape": 4, "dtype": "int64"}, {}),
    ("Full", {"shape": (), "value": Expr("n"), "wires": ("n",)}, {"n": FREE}),
    ("Full", {"shape": (2, 3), "value": 0.5}, {"like": ROWS}),
    ("Random", {"shape": Expr("b, 4"), "distribution": "uniform", "wires": ("b",)}, {"like": ROWS, "b": FREE}),
    ("Random", {"distribution": "uniform"}, {"like": ROWS}),
    ("Arange", {"end": Expr("b"), "wires": ("b",)}, {"like": LONG, "b": FREE}),
    ("Arange", {"start": 1, "end": 10, "step": 2}, {}),
    ("Linspace", {"start": -1.0, "steps": Expr("n"), "wires": ("n",)}, {"n": NUMBER}),
    ("Eye", {"n": Expr("size"), "wires": ("size",)}, {"size": NUMBER}),
    *(("FFT", {"function": name}, {"x": ROWS}) for name in ("fft", "fftn", "fftshift")),
    ("FFT", {"function": "irfft", "norm": "ortho"}, {"x": spec(5, dtype="complex64")}),
    ("FFT", {"function": "rfft2", "dim": (-2, -1)}, {"x": IMAGE}),
    *(("ComplexPart", {"part": part}, {"x": spec(5, dtype="complex64")}) for part in ("real", "angle", "conj")),
    ("Complex", {"form": "polar"}, {"a": ROWS, "b": ROWS}),
    ("STFT", {"n_fft": 64, "hop_length": 16, "center": False}, {"x": SIGNALS, "window": TensorSpec((64,))}),
    (
        "Interpolate",
        {"size": Expr("h, 7"), "scale_factor": None, "mode": "bilinear", "wires": ("h",)},
        {"x": IMAGE, "h": NUMBER},
    ),
    ("AddProduct", {"value": 0.5}, {"x": ROWS, "a": ROWS, "b": ROWS}),
    ("Split", {"parts": 3, "uneven": True}, {"x": IMAGE}),
    ("Expand", {"sizes": (2, -1, 5, 8)}, {"x": ROWS}),
    ("Expand", {"sizes": Expr("b, -1"), "wires": ("b",)}, {"x": TensorSpec((1, 8)), "b": FREE}),
    ("Scale", {"factor": Expr("1 / n"), "wires": ("n",)}, {"x": ROWS, "n": NUMBER}),
    ("Math", {"function": "rsqrt"}, {"x": ROWS}),
    ("Parameter", {"shape": (1, 4), "init": "rand", "dtype": "bfloat16"}, {}),
    ("Buffer", {"fill": "arange", "shape": (5,), "persistent": False}, {}),
    ("Buffer", {"fill": "lower", "shape": (4, 4), "dtype": "bool"}, {}),
    ("Buffer", {"fill": "upper", "shape": (4, 5)}, {}),
    ("Buffer", {"fill": "eye", "shape": (3,), "dtype": "float64"}, {}),
    ("Buffer", {"fill": "values", "values": "[[1, 0.5], [-1e-3, 2]]", "dtype": "float32"}, {}),
    ("Buffer", {"fill": "values", "values": "[1, 2, 3]"}, {}),
    ("MoveTo", {"types": False}, {"x": LONG, "like": ROWS}),
]
