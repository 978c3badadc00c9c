"""A letter whose accent stands apart, as some keyboards write it, is the letter it looks like, wherever it is typed."""

import unicodedata

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from engine.document.block_edits import AddBlock, RenameBlock, RenameParam, SetBlockParams
from engine.document.edits import AddNode, Rename
from engine.document.files import dumps, loads
from engine.document.project import Project
from engine.errors import EditError, FileError
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.layers import Layer
from gui.canvas.view import CanvasView
from tests.gui.canvas_driver import CTRL, key, type_text
from tests.gui.conftest import chain

L = Layer.registry


def apart(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def paste(canvas: CanvasView, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    key(canvas, Qt.Key.Key_V, CTRL)


def test_a_name_typed_on_the_canvas_is_taken_with_its_accents(canvas, session, settled):
    session.document.replace(chain(L["Input"](shape=(4,)), L["Linear"](), names=("x", "head")))
    settled()
    head = next(n.id for n in session.block.graph.nodes.values() if n.name == "head")
    session.select([head])
    canvas.rename()
    paste(canvas, apart("tête"))
    key(canvas, Qt.Key.Key_Return)
    assert session.project.node(head).name == "tête"
    assert loads(dumps(session.project)) == session.project


def test_a_parameter_typed_into_a_field_is_the_one_of_the_block(canvas, session, settled):
    session.document.replace(chain(L["Input"](shape=(4,)), L["Linear"](), names=("x", "head")))
    session.apply(SetBlockParams(session.block_id, [BlockParam(apart("größe"), default=8)]))
    settled()
    head = next(n.id for n in session.block.graph.nodes.values() if n.name == "head")
    session.select([head])
    canvas.editing.edit_option(head, "out_features")
    paste(canvas, apart("größe"))
    type_text(" * 2")
    key(canvas, Qt.Key.Key_Return)
    assert session.project.node(head).layer.out_features == Expr("größe * 2")
    assert [p.name for p in session.block.params] == ["größe"]


def test_a_layer_is_found_by_its_name(canvas, session, settled):
    session.document.replace(chain(L["Input"](shape=(4,)), L["Linear"](), names=("x", "tête")))
    settled()
    canvas.finder.open()
    paste(canvas, apart("tête"))
    assert [entry.title for entry in canvas.finder.list.entries] == ["tête"]


def test_every_edit_that_names_something_takes_it():
    project = AddBlock(apart("Réseau"))(Project())
    block = next(b for b in project.blocks.values() if b.name == "Réseau")
    project = RenameBlock(block.id, apart("Bloc_é"))(project)
    project = SetBlockParams(block.id, [BlockParam("width")])(project)
    project = RenameParam(block.id, "width", apart("é"))(project)
    project = Rename("n1", apart("î"))(AddNode(L["ReLU"](), apart("û"))(project))
    named = project.block(block.id)
    assert (named.name, [p.name for p in named.params], project.node("n1").name) == ("Bloc_é", ["é"], "î")


def test_what_is_taken_already_is_said_whichever_way_it_is_typed():
    project = AddNode(L["ReLU"](), "é")(Project())
    with pytest.raises(EditError, match="already has a layer called é"):
        AddNode(L["ReLU"](), apart("é"))(project)


def test_a_file_that_was_written_so_says_what_is_wrong_with_it():
    text = dumps(AddNode(L["ReLU"](), "tête")(Project())).replace("tête", apart("tête"))
    with pytest.raises(FileError, match="Accents stand apart from their letters"):
        loads(text)
