"""The eight networks as project files: drawn edit by edit, as in the window, and laid out on the canvas.

`python -m tests.golden.drawn` writes the files anew; with a folder it draws pictures of them there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from engine.codegen.classes import used_blocks
from engine.document.document import Document
from engine.document.edits import AddBlock, AddNode, Connect, SetBlockParams, SetBlockSequence, SetMainName
from engine.document.files import save
from engine.document.project import Project
from engine.document.weight_edits import SetWeights
from engine.graph.block import Block
from engine.graph.graph import NodeId
from tests.golden.architectures import ARCHITECTURES

FOLD = 1400.0  # px: a longer chain goes on below, as text does


def file_of(name: str) -> Path:
    return Path(__file__).with_name("reference") / f"{name}.netsmith"


def drawn(name: str) -> Project:
    """The network after one edit for everything that is in it."""
    target = ARCHITECTURES[name]()
    document = Document(Project())
    for block in used_blocks(target):
        here = "" if block.id == target.main else block.id
        if here:
            document.apply(AddBlock(block.name, block.params, help=block.help, id=block.id))
        else:
            document.apply(SetMainName(block.name))
            document.apply(SetBlockParams(document.project.main, block.params))
        draw(document, block, here)
    return document.project


def draw(document: Document, block: Block, here: str) -> None:
    """The layers and wires of one block."""
    for node in block.graph.nodes.values():
        document.apply(AddNode(node.layer, node.name, block=here))
    for edge in sorted(block.graph.edges, key=lambda e: (e.target, e.target_port, e.slot)):
        document.apply(Connect(edge, here))
    for node in block.graph.nodes.values():
        if node.weights.tied:
            document.apply(SetWeights((node.id,), "tied", NodeId(node.weights.tied), here))
    if block.sequence:
        document.apply(SetBlockSequence(here, True))


def laid_out(project: Project) -> Project:
    """The project with the layers of every block in columns."""
    from engine.analysis.infer import infer
    from engine.document.edits import MoveNodes
    from gui.canvas.arranging import laid_out as places
    from gui.canvas.drawing import Drawing

    analysis = infer(project)
    for block in project.blocks.values():
        drawing = Drawing(project, block.id, analysis)
        is_chain = all(len(block.graph.out_of(node)) < 2 for node in block.graph.nodes)
        fold = FOLD if is_chain and block.id == project.main else None
        project = MoveNodes(places(drawing, None, fold), block.id)(project)
    return project


def main() -> None:
    from PySide6.QtWidgets import QApplication

    from engine.analysis.infer import infer
    from engine.document.files import load
    from gui.canvas.picture import Shot, render

    app = QApplication(["netsmith", "-platform", "offscreen"])
    for name in ARCHITECTURES:
        if len(sys.argv) < 2:
            save(laid_out(drawn(name)), file_of(name))
            continue
        project = load(file_of(name))
        for block in project.blocks.values():
            path = Path(sys.argv[1]) / f"{name}-{block.id}.png"
            render(project, infer(project), path, Shot(block.id, colours="light", scale=1.0))
    del app


if __name__ == "__main__":
    main()
