"""Ready blocks with arguments and inputs that they take: for each at least two sizes, odd ones among them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import nn

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.module import module
from engine.codegen.source import Source
from engine.document.bringing import brought
from engine.document.edits import AddNode, Connect, fresh_ids
from engine.document.library import Entry, shipped
from engine.document.project import Project
from engine.graph.graph import Edge, NodeId
from engine.graph.shapes import Analysis
from engine.layers.activation import GELU, ReLU
from engine.layers.base import Layer
from engine.layers.block import BlockLayer
from engine.layers.io import Input, Output
from engine.layers.linear import Identity
from engine.layers.normalization import GroupNorm
from engine.layers.shape import Unsqueeze

Sizes = tuple[int | str, ...]
BATCH = 3
FREE = 11  # what a size that is left free is in a real pass
SMALL_ENCODER = {"width": 12, "heads": 3, "hidden": 20}

# Per block: arguments, and the sizes of each input without the batch.
CASES: dict[str, list[tuple[dict[str, Any], dict[str, Sizes]]]] = {
    "BasicBlock": [
        ({"channels": 6}, {"x": (6, 7, 5)}),
        ({"channels": 4, "norm": GroupNorm(num_groups=2), "act": GELU()}, {"x": (4, "H", "W")}),
    ],
    "BasicBlockDown": [
        ({"channels": 6}, {"x": (4, 9, 7)}),
        ({"channels": 4, "stride": 1}, {"x": (2, "H", "W")}),
        ({"channels": 4, "stride": 3}, {"x": (2, 8, 8)}),
    ],
    "Bottleneck": [({"channels": 8}, {"x": (8, 7, 5)}), ({"channels": 9, "expansion": 3}, {"x": (9, "H", "W")})],
    "BottleneckDown": [
        ({"channels": 8}, {"x": (4, 9, 7)}),
        ({"channels": 6, "stride": 1, "expansion": 2}, {"x": (5, "H", "W")}),
    ],
    "PreActBlock": [({"channels": 6}, {"x": (6, 7, 5)}), ({"channels": 4}, {"x": (4, "H", "W")})],
    "PreActBlockDown": [
        ({"channels": 6}, {"x": (4, 9, 7)}),
        ({"channels": 4, "stride": 1}, {"x": (2, "H", "W")}),
    ],
    "DenseBlock": [
        ({"layers": 1, "growth": 3}, {"x": (4, 5, 6)}),
        ({"layers": 3, "growth": 2, "bottleneck": 2}, {"x": (5, "H", "W")}),
    ],
    "Transition": [({"channels": 3}, {"x": (6, 7, 5)}), ({"channels": 8}, {"x": (5, 4, 4)})],
    "Inception": [
        ({"narrow": 3, "reduce3": 2, "medium": 4, "reduce5": 1, "broad": 2, "pooled": 2}, {"x": (5, 7, 6)}),
        ({"narrow": 2, "reduce3": 2, "medium": 2, "reduce5": 2, "broad": 2, "pooled": 2}, {"x": (2, "H", "W")}),
    ],
    "SqueezeExcite": [
        ({"channels": 8, "reduction": 4}, {"x": (8, 5, 6)}),
        ({"channels": 6, "reduction": 1}, {"x": (6, "H", "W")}),
    ],
    "InvertedResidual": [
        ({"channels": 4}, {"x": (4, 7, 5)}),
        ({"channels": 3, "expand": 1}, {"x": (3, "H", "W")}),
    ],
    "InvertedResidualDown": [
        ({"in_channels": 4, "channels": 6}, {"x": (4, 7, 5)}),
        ({"in_channels": 2, "channels": 3, "expand": 4, "stride": 1}, {"x": (2, "H", "W")}),
    ],
    "MobileNetV3Block": [
        ({"channels": 4, "hidden": 8}, {"x": (4, 7, 5)}),
        ({"channels": 3, "hidden": 6, "kernel": 3, "reduction": 2}, {"x": (3, "H", "W")}),
    ],
    "MobileNetV3Down": [
        ({"channels": 4, "hidden": 8}, {"x": (3, 7, 5)}),
        ({"channels": 3, "hidden": 4, "kernel": 3, "stride": 1, "act": ReLU()}, {"x": (2, "H", "W")}),
    ],
    "DoubleConv": [
        ({"channels": 4}, {"x": (3, 5, 6)}),
        ({"channels": 2, "norm": GroupNorm(num_groups=2), "act": GELU()}, {"x": (3, "H", "W")}),
    ],
    "UNetDown": [({"channels": 4}, {"x": (3, 7, 6)}), ({"channels": 2, "norm": Identity()}, {"x": (1, 5, 5)})],
    "UNetUp": [
        ({"channels": 4}, {"x": (8, 4, 3), "skip": (4, 7, 6)}),
        ({"channels": 3}, {"x": (2, 3, 3), "skip": (5, 6, 6)}),
    ],
    "FeaturePyramid": [
        ({"channels": 4}, {"c2": (2, 23, 17), "c3": (3, 12, 9), "c4": (4, 6, 5), "c5": (5, 3, 3)}),
        ({"channels": 2}, {"c2": (2, 16, 8), "c3": (2, 8, 4), "c4": (2, 4, 2), "c5": (2, 2, 1)}),
    ],
    "TemporalBlock": [
        ({"channels": 4}, {"x": (4, 9)}),
        ({"channels": 3, "kernel": 2, "dilation": 4, "dropout": 0.0}, {"x": (3, "T")}),
    ],
    "TemporalBlockIn": [
        ({"channels": 4}, {"x": (2, 9)}),
        ({"channels": 3, "kernel": 4, "dilation": 3, "act": GELU()}, {"x": (5, "T")}),
    ],
    "MixerBlock": [
        ({"tokens": 6, "width": 8, "token_hidden": 5, "hidden": 12}, {"x": (6, 8)}),
        ({"tokens": 9, "width": 4, "token_hidden": 4, "hidden": 4}, {"x": (9, 4)}),
    ],
    "PatchEmbedding": [
        ({"size": 8, "patch": 4, "width": 6}, {"x": (3, 8, 8)}),
        ({"size": 11, "patch": 3, "width": 4}, {"x": (1, 11, 11)}),
    ],
    "DropPath": [({"rate": 0.1}, {"x": (4, 5, 3)}), ({"rate": 0.0}, {"x": (2, "H", "W")})],
    "ConvNeXtBlock": [
        ({"channels": 4, "layer_scale": 1.0}, {"x": (4, 5, 3)}),
        ({"channels": 2, "expand": 1, "drop_path": 0.5}, {"x": (2, "H", "W")}),
    ],
    "Rotary": [({}, {"x": (2, 5, 6)}), ({"base": 100.0}, {"x": (1, "T", 4)})],
    "CausalAttention": [
        ({"width": 12, "heads": 3}, {"x": (5, 12)}),
        ({"width": 8, "heads": 1, "dropout": 0.5}, {"x": ("T", 8)}),
    ],
    "LlamaBlock": [
        ({"width": 12, "heads": 3, "hidden": 20}, {"x": (5, 12)}),
        ({"width": 8, "heads": 2, "hidden": 4}, {"x": ("T", 8)}),
    ],
    "MixtureOfExperts": [
        ({"width": 6, "hidden": 5, "experts": 4}, {"x": (7, 6)}),
        ({"width": 4, "hidden": 3, "experts": 3, "chosen": 1}, {"x": ("T", 4)}),
    ],
    "EncoderLayer": [
        (SMALL_ENCODER, {"x": (5, 12)}),
        (SMALL_ENCODER, {"x": (6, 12), "padding_mask": (6,)}),
        ({"width": 8, "heads": 2, "hidden": 8, "dropout": 0.0}, {"x": ("T", 8)}),
    ],
    "DecoderLayer": [
        (SMALL_ENCODER, {"x": (5, 12), "memory": (7, 12)}),
        ({"width": 8, "heads": 2, "hidden": 8}, {"x": (4, 8), "memory": (5, 8), "memory_padding_mask": (5,)}),
    ],
    "SwiGLU": [({"width": 12, "hidden": 20}, {"x": (5, 12)}), ({"width": 6, "hidden": 8}, {"x": ("T", 6)})],
    "VAEHead": [({"latent": 4}, {"x": (12,)}), ({"latent": 1}, {"x": (3,)})],
    "GRUEncoder": [
        ({"tokens": 9, "embedding": 4, "width": 6}, {"x": (5,)}),
        ({"tokens": 20, "embedding": 3, "width": 3}, {"x": ("T",)}),
    ],
    "AttentionDecoder": [
        ({"tokens": 9, "embedding": 4, "width": 6}, {"x": (5,), "memory": (7, 6), "state": (6,)}),
        ({"tokens": 20, "embedding": 3, "width": 3}, {"x": (1,), "memory": (4, 3)}),
    ],
}
LAYERS_FIRST = frozenset({"state"})
"""Inputs of (1, B, width), which no Input of a network can have: an Unsqueeze makes them of (B, width)."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One block with arguments and the sizes of its inputs, alone in a network."""

    entry: Entry
    args: tuple[tuple[str, Any], ...]
    inputs: tuple[tuple[str, Sizes], ...]

    def __str__(self) -> str:
        return f"{self.entry.name}({', '.join(f'{k}={v}' for k, v in self.args)})"

    def project(self) -> Project:
        """The block by itself, an Input before each of its inputs, an Output behind each of its outputs."""
        project, id = brought(Project(), self.entry.project, self.entry.id)
        block, sizes = project.blocks[id], dict(self.inputs)
        project = AddNode(BlockLayer(block=id, args=dict(self.args)), "block")(project)
        for node in (n for n in block.inputs if n.name in sizes):
            source, project = _added(
                project, Input(shape=sizes[node.name], dtype=node.layer.dtype), f"in_{node.name}", None
            )
            if node.name in LAYERS_FIRST:
                source, project = _added(project, Unsqueeze(dim=0), f"first_{node.name}", (source, "out"))
            project = Connect(Edge(source, "out", NodeId("n1"), node.name))(project)
        for node in block.outputs:
            _, project = _added(project, Output(), f"out_{node.name}", (NodeId("n1"), node.name))
        return project


def _added(project: Project, layer: Layer, name: str, wire: tuple[NodeId, str] | None) -> tuple[NodeId, Project]:
    (new,) = fresh_ids(project)
    project = AddNode(layer, name)(project)
    return new, Connect(Edge(*wire, new, "x"))(project) if wire else project


def samples() -> list[Sample]:
    """Every case of every block that comes along."""
    found = {entry.name: entry for entry in shipped().entries}
    return [
        Sample(found[name], tuple(args.items()), tuple(inputs.items()))
        for name, cases in CASES.items()
        if name in found
        for args, inputs in cases
    ]


@cache
def made(sample: Sample) -> tuple[Project, Analysis, Source]:
    """The network of a sample, what is known of it, and its text."""
    project = sample.project()
    analysis = infer(project)
    return project, analysis, module(project, analysis)


def model_of(source: Source) -> nn.Module:
    torch.manual_seed(0)
    model: nn.Module = build(source)[source.main]()
    return model


def given(sample: Sample, free: int = FREE) -> list[torch.Tensor]:
    """A real tensor for every input."""
    torch.manual_seed(1)
    kinds = {node.name: node.layer.dtype for node in sample.entry.block.inputs}
    tensors = []
    for port, sizes in sample.inputs:
        shape = (BATCH, *(free if isinstance(s, str) else s for s in sizes))
        made = {"int64": torch.randint(0, 5, shape), "bool": torch.arange(math.prod(shape)).reshape(shape) % 4 == 3}
        tensors.append(made.get(kinds[port], torch.randn(shape)))
    return tensors
