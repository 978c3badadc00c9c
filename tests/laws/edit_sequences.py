"""Random edits of random projects: what the laws of the document are tried on."""

from hypothesis import strategies as st

import engine.layers  # noqa: F401 - fills the registry
from engine.document.control_edits import Unwrap, Wrap
from engine.document.edits import (
    AddBlock,
    AddNode,
    Batch,
    Connect,
    Disconnect,
    Insert,
    MakeUnique,
    MoveNodes,
    RemoveBlock,
    RemoveNodes,
    Rename,
    RenameBlock,
    RenameParam,
    SetBlockHelp,
    SetBlockParams,
    SetBookmarks,
    SetFrames,
    SetLayer,
    SetMainName,
    SetParam,
    SetRecipe,
    SetReroutes,
    SetWeights,
)
from engine.document.fragment import Fragment, Paste, copy, fragment_from_json, fragment_to_json
from engine.document.grouping import Group, Ungroup
from engine.document.muting import Mute
from engine.document.project import Bookmark, Frame, Project, Reroute
from engine.document.reroutes import added, merged, moved, settled
from engine.errors import EngineError
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.graph.graph import Edge
from engine.layers.base import Layer
from engine.layers.block import BlockLayer, Shared
from engine.layers.code import CodeLayer
from engine.recipe.initialisation import KaimingNormal
from engine.recipe.parametrisation import WeightNorm

NAMES = st.sampled_from(["a", "b", "conv", "x", "self", "forward", "1a", "class", "Stage", "nn", "näh", ""])
NUMBERS = st.integers(0, 60)
POINTS = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
KINDS = [k for k in ("Input", "Output", "Linear", "Conv2d", "ReLU", "Add", "Concat", "LSTM", "Split") if Layer.find(k)]
SOURCES = [
    "def f(x):\n    return x\n",
    "def g(a, b=None):\n    return a, b\n",
    "def h(x, y):\n    a = x\n    return a\n",
]

WEIGHTS = [
    ("frozen", True),
    ("lr_factor", 0.1),
    ("init.weight", KaimingNormal(a=Expr("width * 0.1"))),
    ("init.weight", None),
    ("parametrisations", (WeightNorm(),)),
]

# One step: the name of an edit and some numbers that choose among what the project has when its turn comes.
EDITS = """
    add add add add wire wire wire wire unwire remove heal rename move frames layer param weights mute code
    shared unique view insert group group ungroup instance wrap unwrap paste block params rename_param rename_block
    drop_block recipe help batch points points points
"""
STEPS = st.tuples(
    st.sampled_from(EDITS.split()),
    NUMBERS,
    NUMBERS,
    NUMBERS,
    NAMES,
    POINTS,
)


def edit_of(project: Project, step: tuple) -> object:
    """The edit that a step means for this project; it may well be one that is refused."""
    what, i, j, k, name, at = step
    blocks = list(project.blocks)
    block = blocks[i % len(blocks)]
    graph = project.blocks[block].graph
    nodes = list(graph.nodes) or ["n1"]
    one, other = nodes[j % len(nodes)], nodes[k % len(nodes)]
    edges = sorted(graph.edges) or [Edge("n1", "out", "n2", "x")]
    edge = edges[j % len(edges)]
    layer = Layer.find(KINDS[k % len(KINDS)])()
    some = [n for n in nodes if (hash_of(n) + j) % 3 == 0] or [one]
    inner = blocks[k % len(blocks)]
    match what:
        case "mute":
            return Mute(some, bool(j % 3), block)
        case "weights":
            return SetWeights([one, other], *WEIGHTS[k % len(WEIGHTS)], block)
        case "add":
            return AddNode(layer, "", at, block)
        case "wire":
            return Connect(_edge(project, block, one, other, i, k), block)
        case "unwire":
            return Disconnect(edge, block)
        case "remove":
            return RemoveNodes(some, block)
        case "heal":
            return RemoveNodes(some, block, heal=True)
        case "rename":
            return Rename(one, name, block)
        case "move":
            return MoveNodes({one: at}, block)
        case "frames":
            return SetFrames([Frame("f1", name, at[0], at[1], 10.0, 1.0 + k)], block)
        case "layer":
            return SetLayer(one, layer, block)
        case "param":
            return SetParam(one, "out_features", Expr("width * 2") if k % 2 else k, block)
        case "code":
            return SetLayer(one, CodeLayer(source=SOURCES[k % len(SOURCES)]), block)
        case "shared":
            return AddNode(Shared(node=one), "", at, block)
        case "insert":
            return Insert(edge, layer, at, block)
        case "group":
            return Group(some, name, block)
        case "ungroup":
            found = [n for n in nodes if n in graph.nodes and isinstance(graph.nodes[n].layer, BlockLayer)]
            return Ungroup(found[0] if found else one, block)
        case "instance":
            return AddNode(BlockLayer(block=inner, repeat=1 + j % 3, shared=bool(i % 2)), "", at, block)
        case "paste":
            into = at if i % 2 else None
            return lambda p: Paste(_through_text(copy(p, some, block)), into, block=inner)(p)
        case "batch":
            return Batch("Two", (AddNode(layer, "", at, block), MoveNodes({one: at}, block)))
    if what in ("wrap", "unwrap"):
        return Wrap(some, ("Scan", "While", "Branch")[k % 3], block) if what == "wrap" else Unwrap(one, block)
    return _points(project, block, edge, at, k) if what == "points" else _edit_of_blocks(step, block)


def _points(project: Project, block: str, edge: Edge, at: tuple[float, float], k: int) -> SetReroutes:
    """Lead a wire, or all wires of its output, through one point more; or move, merge or drop points."""
    layout, edges = project.layout_of(block), project.blocks[block].graph.edges
    one, last = (layout.reroutes[0].id, layout.reroutes[-1]) if layout.reroutes else ("", None)
    if k % 5 == 1 and last:
        return SetReroutes(moved(layout.reroutes, {one: at}), block, "Move point")
    if k % 5 == 2 and last and one != last.id and sources(layout.reroutes[0]) == sources(last):
        return SetReroutes(merged(layout, one, last.id), block, "Merge points")
    if k % 5 == 3 and last:
        return SetReroutes(layout.reroutes[1:], block, "Remove point")
    wires = {e for e in edges if (e.source, e.source_port) == (edge.source, edge.source_port)} if k % 2 else {edge}
    return SetReroutes(added(layout, at, {e: k % (1 + len(layout.through(e))) for e in wires})[0], block, "Add point")


def sources(reroute: Reroute) -> set[tuple[str, str]]:
    return {(e.source, e.source_port) for e in reroute.wires}


def _edit_of_blocks(step: tuple, block: str) -> object:
    what, _, j, k, name, at = step
    match what:
        case "unique":
            return MakeUnique(f"n{1 + k}", block)
        case "view":
            return SetBookmarks([Bookmark(name, at[0], at[1], 1.0 + k)], block)
        case "block":
            return AddBlock(name)
        case "params":
            return SetBlockParams(block, [BlockParam("width", default=1 + k)] if j % 2 else [])
        case "rename_param":
            return RenameParam(block, "width", name)
        case "rename_block":
            return RenameBlock(block, name) if j % 2 else SetMainName(name)
        case "drop_block":
            return RemoveBlock(block)
        case "recipe":
            return SetRecipe(["epochs", "optimizer.lr", "nothing.here", "losses.3"][k % 4], j)
        case "help":
            return SetBlockHelp(block, name)
    raise AssertionError(f"no edit is called {what}")


def hash_of(node: str) -> int:
    """A number of an id that is the same in every run."""
    return sum(map(ord, node))


def _through_text(fragment: Fragment) -> Fragment:
    return fragment_from_json(fragment_to_json(fragment))


def _edge(project: Project, block: str, source: str, target: str, i: int, k: int) -> Edge:
    graph = project.blocks[block].graph
    if source not in graph.nodes or target not in graph.nodes:
        return Edge(source, "out", target, "x")
    out, into = project.ports(graph.nodes[source], block)[1], project.ports(graph.nodes[target], block)[0]
    return Edge(
        source, out[i % len(out)].name if out else "out", target, into[k % len(into)].name if into else "x", k % 2
    )


def tried(project: Project, step: tuple) -> Project:
    """The project after a step, or the same if the step is refused in words."""
    try:
        return settled(project, edit_of(project, step)(project))
    except EngineError:
        return project


def after(steps: list[tuple]) -> Project:
    """An empty project after random steps."""
    project = Project()
    for step in steps:
        project = tried(project, step)
    return project


PROJECTS = st.lists(STEPS, max_size=20).map(after)


def faults(project: Project) -> list[str]:
    """Whatever in a project is not as every edit must leave it."""
    found = [] if project.main in project.blocks else ["no main block"]
    names = [b.name for b in project.blocks.values()]
    found += ["two classes of one name"] * (len(set(names)) != len(names))
    for key, block in project.blocks.items():
        graph = block.graph
        found += [f"{key}: wrong key"] * (block.id != key) + [f"{key}: in a circle"] * (key in project.uses(key))
        called = [n.name for n in graph.nodes.values()]
        found += [f"{key}: names {called}"] * (len(set(called)) != len(called))
        found += [f"{key}: {n} is no identifier" for n in called if not n.isidentifier()]
        found += [f"{key}: id {n} to come" for n in graph.nodes if n[1:].isdigit() and int(n[1:]) >= graph.next_id]
        found += [f"{key}: id {k}" for k, n in graph.nodes.items() if n.id != k]
        found += [f"{key}: data in a circle"] * (len(graph.order()) != len(graph.nodes))
        found += [f"{key}: layout of nothing"] * (not set(project.layout_of(key).positions) <= set(graph.nodes))
        found += _wire_faults(project, key)
        points = project.layout_of(key).reroutes
        found += [f"{key}: points of one id"] * (len({r.id for r in points}) != len(points))
        found += [f"{key}: {r.id} on wires of nothing" for r in points if not r.wires or not r.wires <= graph.edges]
        found += [f"{key}: {r.id} on wires of several outputs" for r in points if len(sources(r)) > 1]
    return found + [f"layout of {b}" for b in project.layout if b not in project.blocks]


def _wire_faults(project: Project, block: str) -> list[str]:
    graph, found, ends = project.blocks[block].graph, [], set()
    ports = {n.id: project.ports(n, block) for n in graph.nodes.values()}
    for edge in graph.edges:
        kinds = {p.name: p.kind for p in ports[edge.target][0]} if edge.target in ports else {}
        if edge.source not in ports or edge.source_port not in {p.name for p in ports[edge.source][1]}:
            found.append(f"{block}: {edge} starts nowhere")
        if edge.target_port not in kinds:
            found.append(f"{block}: {edge} ends nowhere")
        end = (edge.target, edge.target_port, edge.slot if kinds.get(edge.target_port) == "many" else 0)
        found += [f"{block}: {edge} is one too many"] * (end in ends)
        ends.add(end)
    for node in graph.nodes.values():
        if isinstance(node.layer, Shared):
            original = graph.nodes.get(node.layer.node)
            found += [f"{block}: {node.name} shares nothing"] * (original is None or isinstance(original.layer, Shared))
    return found
