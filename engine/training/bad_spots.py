"""Which node is being executed, with its repeat: read from the frames on the way to an operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.build import file_name
from engine.training.bad import BadInput, BadNode, Way
from engine.training.events import NodePath
from engine.training.job import Job
from engine.training.look_figures import as_numbers, figures_of

MOST_INPUTS = 16
BINS = 32


class Where(NamedTuple):
    """A node in one of its repeats."""

    path: NodePath
    name: str


class Found(NamedTuple):
    """A bad node and the tensors that it was given, by name."""

    where: Where | None
    way: Way
    inputs: Mapping[str, Tensor]


class Spots:
    """Where operations of a model stand."""

    def __init__(self, job: Job, model: nn.Module) -> None:
        self._job = job
        self._file = file_name(job.source)
        self._modules = {id(module): name for name, module in model.named_modules()}
        self._parameters = {p.data_ptr(): name for name, p in (*model.named_buffers(), *model.named_parameters())}

    def here(self, frame: FrameType | None) -> Where | None:
        """The innermost node that is under way; None outside of the network."""
        node: tuple[str, str] | None = None
        while frame is not None:
            is_text = frame.f_code.co_filename == self._file
            if is_text and node is None:
                node = self._job.source.node_of_line.get(frame.f_lineno)
            module = self._modules.get(id(frame.f_locals.get("self")))
            outer = self._job.outline.path(module) if module is not None else None
            if module is not None and outer is not None:
                # The line that calls, rather than one of a function that several nodes may call.
                node = (self._job.source.node_of_line.get(frame.f_lineno) or node) if is_text else node
                is_it = bool(outer) and node == outer[-1]  # a line of a class of one's own, which is the node
                if node is not None and is_text and not is_it:
                    return Where((*outer, (str(node[0]), str(node[1]))), self._name(module, node))
                if module and (is_it or (not is_text and node is None)):
                    return Where(outer, module)
            frame = frame.f_back
        return Where(((str(node[0]), str(node[1])),), self._name("", node)) if node is not None else None

    def _name(self, module: str, node: tuple[str, str]) -> str:
        return f"{module}.{self._job.names.get(node, node[1])}".lstrip(".")

    def owner(self, parameter: str) -> Where:
        """The node that holds a parameter."""
        path, rest = self._job.outline.owner(parameter)
        return Where(path, parameter.removesuffix(rest).rstrip("."))

    def named(self, tensors: list[Tensor], where: Where | None) -> dict[str, Tensor]:
        """Names for the inputs of a node: its parameters have theirs."""
        found: dict[str, Tensor] = {}
        count = 0
        for tensor in tensors[:MOST_INPUTS]:
            name = self._parameters.get(tensor.data_ptr(), "") if tensor.numel() else ""
            if not name:
                count += 1
                name = f"input {count}"
            elif where is not None:
                name = name.removeprefix(f"{where.name}.")
            found.setdefault(name, tensor.detach())
        return found


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Every tensor in arguments or results, however they are nested."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from tensors_in(each)
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from tensors_in(each)


def kind_of(tensor: Tensor) -> str:
    """ "nan", "inf", or "" where every element is finite."""
    if not (tensor.is_floating_point() or tensor.is_complex()) or not tensor.numel():
        return ""
    if bool(torch.isnan(tensor).any()):
        return "nan"
    return "inf" if bool(torch.isinf(tensor).any()) else ""


def told(found: Found, path: str) -> BadNode:
    """The node in plain data; its inputs are written to `path`."""
    figures = tuple(_figures(name, tensor) for name, tensor in found.inputs.items())
    try:
        if figures:
            save_file({name: tensor.contiguous().clone() for name, tensor in found.inputs.items()}, path)
    except (OSError, RuntimeError, ValueError, KeyError):
        path = ""
    where = found.where or Where((), "the loss")
    return BadNode(where.path, where.name, found.way, figures, path if figures else "")


def _figures(name: str, tensor: Tensor) -> BadInput:
    mean, _, low, high, bad, *_ = figures_of(tensor).tolist()
    values = as_numbers(tensor).cpu().numpy().astype(np.float64)
    counts = (
        np.histogram(values[np.isfinite(values)], BINS, (low, high))[0] if low <= high else np.zeros(BINS, np.int64)
    )
    kind = str(tensor.dtype).removeprefix("torch.")
    return BadInput(name, tuple(tensor.shape), kind, mean, low, high, int(bad), counts)
