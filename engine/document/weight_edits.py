"""Edits of how the parameters of layers begin and learn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from engine.document.project import Project
from engine.document.weights import need_tie, need_weights
from engine.document.wiring import need_nodes, with_graph
from engine.graph.graph import NodeId
from engine.recipe.weights import PLAIN, Weights


@dataclass(frozen=True)
class SetWeights:
    """Set how the parameters of some layers begin and learn.

    name: an option of `Weights`, or "init.weight" for what one parameter starts from, None for as the layer begins.
    """

    nodes: Iterable[NodeId]
    name: str
    value: Any
    block: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "nodes", tuple(self.nodes))

    @property
    def label(self) -> str:
        if self.name == "frozen":
            return "Freeze" if self.value else "Unfreeze"
        if self.name == "tied":
            return "Tie weights" if self.value else "Untie weights"
        option, _, parameter = self.name.partition(".")
        return f"Set start of {parameter}" if option == "init" and parameter else f"Set {option}"

    def __call__(self, project: Project) -> Project:
        changed, graph = [], project.block(self.block).graph
        for node in need_nodes(project, self.block, self.nodes):
            weights = self._changed(node.weights)
            need_weights(node, weights)
            need_tie(graph, node, weights)
            if weights != node.weights:
                changed.append(replace(node, weights=PLAIN if weights.is_plain else weights))
        if not changed:
            return project
        return with_graph(project, self.block, graph.with_nodes(changed))

    def _changed(self, weights: Weights) -> Weights:
        option, _, parameter = self.name.partition(".")
        if option != "init" or not parameter:
            return weights.with_(**{self.name: self.value})
        kept = {name: init for name, init in weights.init.items() if name != parameter}
        return weights.with_(init=kept if self.value is None else {**weights.init, parameter: self.value})
