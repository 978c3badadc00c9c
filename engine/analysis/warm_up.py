"""What torch does slowly the first time, done before anybody waits for it: imports, first shapes, a first step."""

from __future__ import annotations

import importlib

import torch

from engine.analysis.infer import infer
from engine.document.edits import AddNode, Connect, fresh_ids
from engine.document.project import Project
from engine.graph.graph import Edge, NodeId
from engine.layers.base import Layer
from engine.layers.convolution import Conv2d
from engine.layers.io import Input, Output
from engine.layers.normalization import BatchNorm2d

LATE = "torch._dynamo"  # torch imports it in the middle of the first shape of a norm and of the first step


def warm_up() -> None:
    """Work out the shapes of a small network and take one step with one number. Draws nothing at random."""
    importlib.import_module(LATE)
    infer(_small())
    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.zeros(1)
    torch.optim.AdamW([weight]).step()


def _small() -> Project:
    project, before = Project(), None
    layers: tuple[Layer, ...] = (Input(shape=(1, 8, 8)), Conv2d(), BatchNorm2d(), Output())
    for layer in layers:
        (new,) = fresh_ids(project)
        project = AddNode(layer)(project)
        if before is not None:
            project = Connect(_wire(project, before, new))(project)
        before = new
    return project


def _wire(project: Project, source: NodeId, target: NodeId) -> Edge:
    out = project.ports(project.node(source))[1][0]
    into = project.ports(project.node(target))[0][0]
    return Edge(source, out.name, target, into.name)
