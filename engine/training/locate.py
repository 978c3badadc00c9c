"""Where in the network something happens: a place in the text is a place in the graph."""

from __future__ import annotations

from types import FrameType, TracebackType

from engine.build import file_name
from engine.codegen.source import Place, Source
from engine.document.project import Project
from engine.graph.block import Block
from engine.graph.chain import chain_of, is_row
from engine.graph.graph import BlockId, Node
from engine.layers.block import BlockLayer, held, module_names
from engine.training.events import NodePath


def node_path(project: Project, name: str) -> NodePath:
    """The node that holds a parameter, by the parameter's name: "stage.0.conv.weight"; empty if there is none."""
    path: list[Place] = []
    block: BlockId | None = project.main
    in_row = False
    for part in name.split("."):
        if block is None or block not in project.blocks or (in_row and part.isdigit()):
            in_row = False
            continue
        found = _module(project.blocks[block], part)
        if found is None:
            break
        path.append((block, found[0].id))
        is_counted = part.isdigit() and is_row(project.blocks[block])  # then the number is that of the repeat
        block, layer = found[1], found[0].layer
        in_row = isinstance(layer, BlockLayer) and layer.repeat != 1 and not layer.shared and not is_counted
    return tuple((str(b), str(n)) for b, n in path)


def _module(block: Block, name: str) -> tuple[Node, BlockId | None] | None:
    """The node that a module of the block belongs to, and the block that the module is an instance of."""
    node = block.graph.by_name(name)
    if name.isdigit() and block.sequence and (is_row(block) or int(name) < len(chain_of(block))):
        node = chain_of(block)[0 if is_row(block) else int(name)]
        name = node.name
    for each in block.graph.nodes.values() if node is None else (node,):
        for module, instance in zip(module_names(each.name, each.layer), held(each.layer)):
            if module == name:
                return each, BlockId(instance.block)
    return (node, None) if node is not None else None


def place_of_frame(frame: FrameType | None, source: Source) -> Place | None:
    """The node whose line is being executed, from the innermost frame inside the text."""
    name = file_name(source)
    while frame is not None:
        if frame.f_code.co_filename == name:
            place = source.node_of_line.get(frame.f_lineno)
            if place is not None:
                return place
        frame = frame.f_back
    return None


def functions_on_the_way(error: BaseException) -> set[str]:
    """Names of the functions that the error passed through."""
    names = set()
    step: TracebackType | None = error.__traceback__
    while step is not None:
        names.add(step.tb_frame.f_code.co_name)
        step = step.tb_next
    return names
