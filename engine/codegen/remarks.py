"""Comments in the place of what cannot be written."""

from __future__ import annotations

from engine.codegen.layout import comment_line
from engine.codegen.scope import BODY, Scope
from engine.codegen.source import Line
from engine.graph.graph import NodeId


def problem_line(scope: Scope, node: NodeId, text: str) -> Line:
    """A comment in the place of what cannot be written; it is kept among the scope's failures."""
    name = scope.block.graph.nodes[node].name
    plain = (
        text if not text[:1].isupper() or any(map(str.isupper, text.split(" ")[0][1:])) else text[:1].lower() + text[1:]
    )
    full = text if text.startswith(f"{name} ") or text.startswith(f"{name}:") else f"{name}: {plain}"
    scope.failures.append(full)
    return scope.line(comment_line(full, BODY), node)
