"""The edit that takes a class of a package as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.document.edits import SetParam
from engine.document.project import Project
from engine.errors import EditError, SpecError
from engine.graph.graph import NodeId
from engine.layers.outside import OutsideModule


@dataclass(frozen=True)
class ReadAgain:
    """Give a module of a package the signature of `layer`; arguments that it still takes keep their values.

    Names for its results stay where the class is the same. Wires of inputs that are gone are taken away.
    """

    node: str
    layer: OutsideModule
    block: str = ""

    label = "Read a class again"

    def __call__(self, project: Project) -> Project:
        old = project.node(self.node, self.block).layer
        if not isinstance(old, OutsideModule):
            raise EditError("Only a module of a package has a class to be read.")
        made = self.layer
        for name, value in old.args.items():
            try:
                made = made.with_(args={**made.args, name: value})
            except SpecError:  # an argument that the class no longer takes, or of another type
                continue
        returns = old.returns if old.path == made.path else made.returns
        steps: tuple[tuple[str, Any], ...] = (
            ("args", {}),
            ("path", made.path),
            ("signature", made.signature),
            ("returns", returns),
            ("args", made.args),
        )
        for name, value in steps:
            project = SetParam(NodeId(self.node), name, value, self.block)(project)
        return project
