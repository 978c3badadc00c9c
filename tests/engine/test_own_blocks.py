"""The user's own library: what is put by is found again, renamed and taken away as files, and never trusted."""

import pytest

from engine.analysis.infer import infer
from engine.document.bringing import brought
from engine.document.library import entries, own, search
from engine.document.own_blocks import discard, keep, rename, restore
from engine.document.project import Project
from engine.document.trust import Trust
from engine.errors import EngineError, FileError
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.layers.block import BlockLayer
from engine.layers.code import CodeLayer
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.places import blocks_dir
from engine.tensor import TensorSpec
from tests.engine.networks import block, chain, project


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("NETSMITH_HOME", str(tmp_path))


WIDE = BlockParam("width", "int", 8, "Size of the result.")


def drawn(layer=None) -> tuple[Project, BlockLayer]:
    """A project with one block of its own, and an instance of it."""
    inside = chain(x=Input(), inner=layer or Linear(out_features=Expr("width")), out=Output())
    instance = BlockLayer(block="head", args={"width": 5})
    return project(chain(x=Input(), head=instance, out=Output()), block("head", inside, WIDE)), instance


def test_a_block_that_is_put_by_is_found_and_brought_back():
    there, instance = drawn()
    keep(there, instance, {"x": TensorSpec(("B", 12))})
    (entry,) = own().entries
    assert entry is search(entries(), "head")[0]
    assert entry.block.graph == there.blocks["head"].graph
    assert brought(there, entry.project, entry.id) == (there, "head")


def test_the_file_is_a_network_that_shows_how_the_block_was_used():
    there, instance = drawn()
    entry = keep(there, instance, {"x": TensorSpec(("B", 12))}).entry
    analysis = infer(entry.project)
    assert analysis.main.problems == ()
    assert [str(spec) for spec in analysis.main.outputs] == ["B × 5"]


def test_a_block_of_the_same_name_is_written_over_and_can_be_had_back():
    there, instance = drawn()
    first = keep(there, instance).entry
    kept = keep(*drawn(Linear(out_features=3)))
    assert len(own().entries) == 1
    restore(kept.entry.path, kept.before)
    assert own().entries[0].block.graph == first.block.graph


def test_a_block_gets_another_name_and_file():
    entry = rename(keep(*drawn()).entry, "TaskHead")
    assert [path.name for path in blocks_dir().iterdir()] == ["task-head.netsmith"]
    assert own().entries[0].name == entry.name == "TaskHead"


def test_a_name_that_is_taken_or_no_name_is_refused():
    keep(*drawn())
    other = rename(keep(*drawn()).entry, "Other")
    keep(*drawn())
    with pytest.raises(EngineError, match="already holds"):
        rename(other, "Head")
    with pytest.raises(EngineError, match="no Python name"):
        rename(other, "two words")


def test_a_block_that_was_deleted_can_be_had_back():
    entry = keep(*drawn()).entry
    text = discard(entry)
    assert own().entries == ()
    restore(entry.path, text)
    assert own().entries[0].block == entry.block


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_there():
    keep(*drawn())
    (blocks_dir() / "broken.netsmith").write_text("{", encoding="utf-8")
    assert [entry.name for entry in own().entries] == ["Head"]
    ((path, reason),) = own().failures
    assert path.name == "broken.netsmith"
    assert "damaged" in reason


def test_code_in_a_block_that_was_put_by_is_not_trusted_by_that():
    entry = keep(*drawn(CodeLayer(source="def twice(x):\n    return x * 2\n"))).entry
    target, _ = brought(Project(), entry.project, entry.id)
    assert not Trust().allows(target)


@pytest.mark.parametrize("way", ["damaged", "folder", "no folder"])
def test_what_is_in_the_way_of_a_block_is_said_and_left_as_it_is(way):
    there, instance = drawn()
    path = keep(there, instance).entry.path
    path.unlink()
    if way == "damaged":
        path.write_bytes(b"\xff\xfe")
    elif way == "folder":
        path.mkdir()
    else:
        path.parent.rmdir()
        path.parent.write_text("no folder")
    with pytest.raises(FileError, match="head"):
        keep(there, instance)
    assert path.is_dir() if way == "folder" else not path.is_file() or path.read_bytes() == b"\xff\xfe"
