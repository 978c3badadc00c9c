"""The text that layers contribute is the one a good engineer would write."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from engine.codegen.calls import call_text
from engine.codegen.memo import option_texts
from engine.expr import Expr
from engine.layers import Layer, catalogue
from engine.layers.base import Names
from engine.layers.block import Holder
from tests.laws.layer_samples import IMAGE, SEQUENCE, VARIANTS, X2, Inputs, every_port, samples, spec

KEYS = {layer.key for layer in catalogue() if not issubclass(layer, Holder)} - {"Input", "Output"}


def made(key: str, **options: Any) -> Layer:
    return Layer.registry[key](**options)


def statements(layer: Layer, unused: tuple[str, ...] = (), connected: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The layer's lines; inputs are called like their ports, those of a many-port a, b, c."""
    wires: dict[str, Any] = {}
    for port in layer.ports_in():
        wires[port.name] = port.name
        if port.kind == "optional" and port.name not in connected:
            wires[port.name] = "None"
        if port.kind == "many":
            wires[port.name] = ("a", "b", "c")
    outputs = {port.name: "_" if port.name in unused else port.name for port in layer.ports_out()}
    return layer.emit(Names("self.layer", wires, outputs, option_texts(layer, wires)))


def built(layer: Layer, inputs: Inputs) -> str:
    call = layer.build(layer.derive(**every_port(layer, inputs)))
    assert call is not None
    return call_text(call)


@pytest.mark.parametrize(
    ("layer", "inputs", "text"),
    [
        (made("Linear"), {"x": X2}, "nn.Linear(6, 64)"),
        (made("Linear", bias=False), {"x": X2}, "nn.Linear(6, 64, bias=False)"),
        (made("Conv2d"), {"x": IMAGE}, 'nn.Conv2d(8, 32, 3, padding="same")'),
        (made("Conv2d", padding=0, stride=2), {"x": IMAGE}, "nn.Conv2d(8, 32, 3, stride=2)"),
        (made("Conv2d", kernel_size=(3, 5), out_channels=Expr("2*w")), {"x": IMAGE}, None),
        (made("ConvTranspose2d"), {"x": IMAGE}, "nn.ConvTranspose2d(8, 32, 2, stride=2)"),
        (made("MaxPool2d"), {"x": IMAGE}, "nn.MaxPool2d(2)"),
        (made("AdaptiveAvgPool2d"), {"x": IMAGE}, "nn.AdaptiveAvgPool2d(1)"),
        (made("LPPool2d"), {"x": IMAGE}, "nn.LPPool2d(2.0, 2)"),
        (made("BatchNorm2d"), {"x": IMAGE}, "nn.BatchNorm2d(8)"),
        (made("GroupNorm"), {"x": IMAGE}, "nn.GroupNorm(8, 8)"),
        (made("LayerNorm"), {"x": SEQUENCE}, "nn.LayerNorm(8)"),
        (made("LayerNorm", dims=2, eps=1e-6), {"x": SEQUENCE}, "nn.LayerNorm((5, 8), eps=1e-6)"),
        (made("ReLU"), {"x": IMAGE}, "nn.ReLU()"),
        (made("Softmax"), {"x": X2}, "nn.Softmax(-1)"),
        (made("Dropout"), {"x": X2}, "nn.Dropout(0.5)"),
        (made("LSTM"), {"input": SEQUENCE}, "nn.LSTM(8, 64, batch_first=True)"),
        (made("MultiheadAttention"), {"query": SEQUENCE}, "nn.MultiheadAttention(8, 4, batch_first=True)"),
        (
            made("MultiheadAttention"),
            {"query": SEQUENCE, "key": spec(7, 4)},
            "nn.MultiheadAttention(8, 4, kdim=4, vdim=4, batch_first=True)",
        ),
        (
            made("TransformerEncoderLayer"),
            {"x": SEQUENCE},
            "nn.TransformerEncoderLayer(8, 4, dim_feedforward=256, batch_first=True)",
        ),
        (made("Upsample"), {"x": IMAGE}, "nn.Upsample(scale_factor=2.0)"),
        (made("Parameter", shape=(1, 8)), {}, "nn.Parameter(torch.zeros(1, 8))"),
        (made("Constant", value=0.5), {}, "nn.Buffer(torch.tensor(0.5))"),
        (made("Constant", shape=(2, 3)), {}, "nn.Buffer(torch.full((2, 3), 1.0))"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_module_is_built_with_what_differs_from_torch(layer, inputs, text):
    if text is None:
        values = layer.resolve({"w": 16}).derive(**inputs)
        assert call_text(layer.build(values)) == 'nn.Conv2d(8, 2 * w, (3, 5), padding="same")'
    else:
        assert built(layer, inputs) == text


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (made("Linear"), "out = self.layer(x)"),
        (made("Flatten"), "out = x.flatten(1)"),
        (made("Flatten", end_dim=2), "out = x.flatten(1, 2)"),
        (made("Unflatten", unflattened_size=(1, 8, 8)), "out = x.unflatten(1, (1, 8, 8))"),
        (made("Reshape", shape=(1, 8, 8)), "out = x.reshape(x.shape[0], 1, 8, 8)"),
        (made("Reshape", shape=Expr("(c, 8)")), "out = x.reshape(x.shape[0], c, 8)"),
        (made("Reshape", shape=Expr("sizes")), "out = x.reshape(x.shape[0], *sizes)"),
        (made("Reshape", shape=(-1, 64), keep_batch=False), "out = x.reshape(-1, 64)"),
        (made("Permute"), "out = x.permute(0, 2, 1)"),
        (made("Transpose"), "out = x.transpose(1, 2)"),
        (made("Squeeze"), "out = x.squeeze(-1)"),
        (made("Unsqueeze"), "out = x.unsqueeze(1)"),
        (made("Expand", sizes=(4, -1, -1)), "out = x.expand(4, -1, -1)"),
        (made("Select"), "out = x[:, -1]"),
        (made("Select", dim=-1, index=0), "out = x[..., 0]"),
        (made("Select", dim=Expr("axis")), "out = x.select(axis, -1)"),
        (made("Slice", end=5), "out = x[:, :5]"),
        (made("Slice", start=1, step=2, dim=2), "out = x[:, :, 1::2]"),
        (made("Slice", start=Expr("n - 1"), dim=-2), "out = x[..., n - 1 :, :]"),
        (made("Add"), "out = a + b + c"),
        (made("Multiply"), "out = a * b * c"),
        (made("Subtract", other=1), "out = a - 1"),
        (made("Divide", other=Expr("n - 1"), swap=True), "out = (n - 1) / a"),
        (made("Power", other=2), "out = a**2"),
        (made("MatMul"), "out = a @ b"),
        (made("Concat"), "out = torch.cat([a, b, c], dim=1)"),
        (made("Stack"), "out = torch.stack([a, b, c], dim=1)"),
        (made("Split"), "out1, out2 = x.chunk(2, dim=1)"),
        (made("Split", sizes=(1, 2, 5), dim=-1), "out1, out2, out3 = x.split((1, 2, 5), dim=-1)"),
        (made("Mean", dim=1), "out = x.mean(dim=1)"),
        (made("Mean", dim=(2, 3), keepdim=True), "out = x.mean(dim=(2, 3), keepdim=True)"),
        (made("Max", dim=1), "out = x.amax(dim=1)"),
        (made("Pad"), "out = F.pad(x, (1, 1, 1, 1))"),
        (made("Pad", value=1.0), "out = F.pad(x, (1, 1, 1, 1), value=1.0)"),
        (made("Pad", mode="reflect", value=1.0), 'out = F.pad(x, (1, 1, 1, 1), mode="reflect")'),
        (made("Scale", factor=2.0, shift=-1.0), "out = x * 2.0 - 1.0"),
        (made("Scale", factor=Expr("1 / width"), shift=0.5), "out = x * (1 / width) + 0.5"),
        (made("Clamp", highest=None), "out = x.clamp(min=0.0)"),
        (made("Math", function="log"), "out = x.log()"),
        (made("Cast"), "out = x.to(torch.float32)"),
        (made("MaxPool2d", return_indices=True), "out, indices = self.layer(x)"),
        (made("Bilinear"), "out = self.layer(x1, x2)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_statement_reads_as_written_by_hand(layer, text):
    assert statements(layer) == (text,)


@pytest.mark.parametrize(
    ("key", "unused", "connected", "text"),
    [
        ("LSTM", ("h", "c"), (), "output, _ = self.layer(input)"),
        ("LSTM", ("output", "c"), (), "_, (h, _) = self.layer(input)"),
        ("LSTM", (), ("h0", "c0"), "output, (h, c) = self.layer(input, (h0, c0))"),
        ("GRU", ("h",), (), "output, _ = self.layer(input)"),
        ("RNN", (), ("h0",), "output, h = self.layer(input, h0)"),
        ("MultiheadAttention", ("weights",), (), "out, _ = self.layer(query, query, query, need_weights=False)"),
        ("MultiheadAttention", (), ("key",), "out, weights = self.layer(query, key, key)"),
        (
            "MultiheadAttention",
            (),
            ("value", "key_padding_mask", "attn_mask"),
            "out, weights = self.layer(query, query, value, key_padding_mask=key_padding_mask, attn_mask=attn_mask)",
        ),
        ("TransformerEncoderLayer", (), (), "out = self.layer(x)"),
        ("TransformerEncoderLayer", (), ("mask",), "out = self.layer(x, src_mask=mask)"),
        ("TransformerDecoderLayer", (), (), "out = self.layer(x, memory)"),
        (
            "TransformerDecoderLayer",
            (),
            ("memory_padding_mask",),
            "out = self.layer(x, memory, memory_key_padding_mask=memory_padding_mask)",
        ),
    ],
)
def test_states_masks_and_unused_outputs_are_written_only_where_they_are(key, unused, connected, text):
    assert statements(made(key), unused, connected) == (text,)


def test_all_text_is_as_a_formatter_leaves_it():
    cases = [(key, {}, samples(key)[0]) for key in sorted(KEYS)]
    lines = ["import torch", "from torch import nn", "", "", "class Model(nn.Module):", "    def __init__(self):"]
    layers = [(made(key, **options), inputs) for key, options, inputs in [*cases, *VARIANTS]]
    calls = [layer.build(layer.derive(**every_port(layer, inputs))) for layer, inputs in layers]
    lines += [f"        self.layer{i} = {call_text(call)}" for i, call in enumerate(calls) if call]
    lines += ["", "    def forward(self, x):"]
    lines += [f"        {line}" for layer, _ in layers for line in statements(layer)]
    text = "\n".join(lines) + "\n"
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "320", "-"]
    result = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    assert result.stdout == text


def test_layers_need_no_imports_but_of_torch_and_of_torchvision():
    layers = (Layer.registry[key]() for key in KEYS)
    allowed = {"import torch.nn.functional as F", "from torchvision import ops"}
    assert {line for layer in layers for line in layer.imports()} <= allowed


def test_sizes_that_wiring_determines_are_derived_and_never_asked():
    asked = {name for key in KEYS for name in Layer.registry[key].params}
    derived = {"in_channels", "in_features", "num_features", "input_size", "embed_dim", "d_model", "normalized_shape"}
    assert not asked & (derived | {"num_channels", "in1_features", "in2_features", "kdim", "vdim"})


def test_a_derived_size_is_marked_so_that_it_can_become_a_constructor_argument():
    call = made("Linear").build({"in_features": 6})
    assert call is not None
    assert call.positional[0].name == "in_features"
