"""Files: what stands in them, what is refused and in which words, and that saving loses nothing."""

import errno
import json
import os
import stat
from pathlib import Path

import pytest

import engine.layers  # noqa: F401 - fills the registry
from engine.document import files
from engine.document.decoding import decode
from engine.document.edits import AddNode, Connect, MoveNodes, SetParam
from engine.document.files import LARGEST_BYTES, dumps, load, loads, save
from engine.document.migrations import STEPS, VERSION, migrate
from engine.document.project import Project
from engine.document.schema import schema
from engine.errors import FileError
from engine.graph.graph import Edge
from engine.layers.base import Layer
from engine.layers.code import Missing
from engine.recipe.recipe import Recipe

HERE = Path(__file__).parent
EXAMPLES = sorted((HERE.parents[1] / "resources" / "examples").glob("*.netsmith"))
VERSIONS = sorted((HERE / "files").glob("v*.netsmith"))


def small() -> Project:
    project = AddNode(Layer.find("Input")(), "x")(Project())
    project = AddNode(Layer.find("Linear")(out_features=10), "head", at=(216, 0))(project)
    project = AddNode(Layer.find("Output")(), "logits")(project)
    return Connect(Edge("n2", "out", "n3", "x"))(Connect(Edge("n1", "out", "n2", "x"))(project))


def text_with(*path_and_value: object) -> str:
    """The small project's file with one value changed."""
    data = json.loads(dumps(small()))
    *path, last, value = path_and_value
    owner = data
    for key in path:
        owner = owner[key]
    owner[last] = value
    return json.dumps(data)


def node(**changes: object) -> dict:
    return {"id": "n2", "name": "head", "layer": {"kind": "Linear"}, **changes}


MAIN = ("blocks", "main")
SIZE = (*MAIN, "nodes", 1, "layer", "out_features")
BLOCK = {"kind": "Block", "block": "b", "args": {"a": [{"b": 1}]}}
REFUSED = {
    "empty": ("", "damaged or cut off at line 1"),
    "cut off": (dumps(small())[:200], "damaged or cut off at line"),
    "another format": ('{"nodes": []}', "no Netsmith project"),
    "a list": ("[1]", "no Netsmith project"),
    "the future": (text_with("version", 99), "saved by a newer Netsmith"),
    "no version": (text_with("version", "1"), 'no "version"'),
    "version yes": (text_with("version", True), 'no "version"'),
    "no main": (text_with("main", "other"), "main: there is no block 'other'"),
    "unknown key": (text_with("nodes", []), '"nodes" means nothing here'),
    "key twice": ('{"format": "netsmith", "format": "netsmith"}', '"format" twice'),
    "not a number": (text_with("layout", "main", "positions", "n1", [float("nan"), 0]), "the number NaN"),
    "endless": (text_with("recipe", "clip", float("inf")), "the number Infinity"),
    "overflow": (text_with("recipe", "clip", 1).replace('"clip": 1', '"clip": 1e999'), "too large"),
    "huge": (text_with("recipe", "epochs", 10**30), "too large"),
    "longer than any number": (
        text_with("recipe", "epochs", 1).replace('"epochs": 1', f'"epochs": {"9" * 5000}'),
        "data",
    ),
    "deep": ('{"format": "netsmith", "version": 1, "a": ' + "[" * 99 + "]" * 99 + "}", "nested more than"),
    "very deep": ('{"format": "netsmith", "a": ' + "[" * 10**5 + "]" * 10**5 + "}", "data that no project has"),
    "half a character": (text_with(*MAIN, "help", "\ud800"), "half a character"),
    "far away": (text_with("layout", "main", "positions", "n1", [1e300, 0]), "layout.main.positions.n1"),
    "one coordinate": (text_with("layout", "main", "positions", "n1", [1]), "must be two numbers"),
    "id twice": (text_with(*MAIN, "nodes", 0, node()), r"blocks.main.nodes\[1\]: the id n2 is used twice"),
    "name twice": (text_with(*MAIN, "nodes", 0, "name", "head"), r"blocks.main.nodes\[1\]: .* already has a layer"),
    "no identifier": (text_with(*MAIN, "nodes", 1, "name", "1 head"), "'1 head' is no Python name"),
    "keyword": (text_with(*MAIN, "nodes", 1, "name", "class"), "'class' is no Python name"),
    "shadows torch": (text_with(*MAIN, "nodes", 1, "name", "forward"), "Every PyTorch module has its own forward"),
    "no class name": (text_with(*MAIN, "name", "a-b"), "blocks.main.name"),
    "strange id": (text_with(*MAIN, "nodes", 1, "id", "../x"), "is no id"),
    "no layer": (text_with(*MAIN, "nodes", 1, {"id": "n2", "name": "head"}), '"layer" is missing'),
    "layer no table": (text_with(*MAIN, "nodes", 1, "layer", "Linear"), r"nodes\[1\].layer: must be a table"),
    "no kind": (text_with(*MAIN, "nodes", 1, "layer", {}), r"nodes\[1\].layer.kind: must be text"),
    "unknown option": (text_with(*MAIN, "nodes", 1, "layer", "speed", 3), "has no option 'speed'"),
    "bad option": (text_with(*MAIN, "nodes", 1, "layer", "out_features", "ten"), "out_features must be"),
    "option out of range": (text_with(*MAIN, "nodes", 1, "layer", "out_features", 0), "at least 1"),
    "bad expression": (
        text_with(*MAIN, "nodes", 1, "layer", "out_features", {"expr": "open('x')"}),
        "Linear: out_features: .* is not allowed here. Allowed are",
    ),
    "expression of nothing": (
        text_with(*MAIN, "nodes", 1, "layer", "out_features", {"expr": [1]}),
        "Linear: out_features: An expression is text.",
    ),
    "no wire": (text_with(*MAIN, "edges", 0, "n1 to n2"), "is no wire"),
    "wire twice": (text_with(*MAIN, "edges", 1, "n1.out -> n2.x"), "is there twice"),
    "wire to nowhere": (text_with(*MAIN, "edges", 0, "n1.out -> n9.x"), "ends at n9"),
    "no such input": (text_with(*MAIN, "edges", 0, "n1.out -> n2.y"), "head has no input y. Its inputs: x."),
    "no such output": (text_with(*MAIN, "edges", 0, "n1.h -> n2.x"), "x has no output h. Its outputs: out."),
    "taken input": (text_with(*MAIN, "edges", ["n1.out -> n3.x", "n2.out -> n3.x"]), "already taken"),
    "slot at a single input": (text_with(*MAIN, "edges", 0, "n1.out -> n2.x[1]"), "already taken"),
    "data in a circle": (text_with(*MAIN, "edges", 0, "n2.out -> n2.x"), "round in a circle through head"),
    "no such block": (text_with(*MAIN, "nodes", 1, "layer", {"kind": "Block", "block": "b"}), "no block b"),
    "block in itself": (text_with(*MAIN, "nodes", 1, "layer", {"kind": "Block", "block": "main"}), "network itself"),
    "shares nothing": (text_with(*MAIN, "nodes", 1, "layer", {"kind": "Shared", "node": "n8"}), "no layer n8"),
    "shares itself": (text_with(*MAIN, "nodes", 1, "layer", {"kind": "Shared", "node": "n2"}), "no layer n2"),
    "id to come": (text_with(*MAIN, "next_id", 2), "next_id: must be at least 4"),
    "no code": (text_with(*MAIN, "nodes", 1, "layer", {"kind": "Code", "source": "import os"}), "exactly one function"),
    "unknown data set": (text_with("recipe", "dataset", {"kind": "Nope"}), "recipe: There is no dataset called 'Nope'"),
    "recipe no table": (text_with("recipe", []), "recipe: must be a table"),
    "frame without size": (
        text_with("layout", "main", "frames", [{"id": "f", "text": "", "x": 0, "y": 0, "width": 0, "height": 1}]),
        "above 0",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_broken_file_says_what_is_wrong_and_where(case):
    text, words = REFUSED[case]
    with pytest.raises(FileError, match=words):
        loads(text)


@pytest.mark.parametrize("path", VERSIONS, ids=lambda p: p.stem)
def test_a_file_of_every_past_version_still_opens(path):
    project = load(path)
    assert project.block().name == "Everything"
    assert loads(dumps(project)) == project


def test_there_is_a_file_of_every_version():
    assert len(VERSIONS) == VERSION


def test_a_file_of_the_present_version_is_saved_byte_for_byte_as_it_was():
    text = VERSIONS[-1].read_text(encoding="utf-8")
    assert dumps(loads(text)) == text


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_every_example_is_saved_byte_for_byte_as_it_is(path):
    assert dumps(load(path)) == path.read_text(encoding="utf-8")


def test_there_are_ten_examples_at_least():
    assert len(EXAMPLES) >= 10


def test_a_layer_of_an_unknown_kind_is_kept_with_its_wires():
    text = text_with(*MAIN, "nodes", 1, "layer", {"kind": "Conv9d", "size": [1, {"a": 0.5}]})
    project = loads(text)
    assert isinstance(project.node("n2").layer, Missing)
    assert [p.name for p in project.ports(project.node("n2"))[0]] == ["x"]
    assert json.loads(dumps(project))["blocks"] == json.loads(text)["blocks"]


def test_a_node_and_a_wire_take_one_line_each():
    before, after = dumps(small()).splitlines(), dumps(SetParam("n2", "out_features", 11)(small())).splitlines()
    assert len(before) == len(after)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1
    moved = dumps(MoveNodes({"n2": (8, 8)})(small())).splitlines()
    assert sum(a != b for a, b in zip(before, moved, strict=True)) == 1


def test_positions_of_layers_that_are_gone_are_left_out():
    assert loads(text_with("layout", "main", "positions", "n77", [1, 2])) == small()


def test_steps_lead_from_every_version_to_the_next():
    steps = {1: lambda d: {**d, "b": d["a"]}, 2: lambda d: {**d, "c": d["b"]}}
    assert migrate({"version": 1, "a": 5}, steps, 3) == {"version": 3, "a": 5, "b": 5, "c": 5}
    assert set(STEPS) == set(range(1, VERSION))


def test_saving_and_loading_gives_the_same_project(tmp_path):
    save(small(), tmp_path / "net.netsmith")
    assert load(tmp_path / "net.netsmith") == small()
    assert [p.name for p in tmp_path.iterdir()] == ["net.netsmith"]


def test_a_file_with_a_byte_order_mark_opens(tmp_path):
    (tmp_path / "a.netsmith").write_bytes(b"\xef\xbb\xbf" + dumps(small()).encode())
    assert load(tmp_path / "a.netsmith") == small()


@pytest.mark.parametrize("content", [b"\xff\xfe{", b"\x80\x81", bytes(1000)])
def test_a_file_that_is_no_text_says_so(tmp_path, content):
    (tmp_path / "a.netsmith").write_bytes(content)
    with pytest.raises(FileError, match=r"a\.netsmith"):
        load(tmp_path / "a.netsmith")


def test_a_hundred_megabytes_of_zeros_are_not_even_read(tmp_path):
    with open(tmp_path / "a.netsmith", "wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(FileError, match="larger than 32 MiB"):
        load(tmp_path / "a.netsmith")
    with pytest.raises(FileError, match="larger than"):
        loads(" " * (LARGEST_BYTES + 1))


@pytest.mark.parametrize("path", ["missing.netsmith", ".", "a\0b"])
def test_a_file_that_cannot_be_opened_says_why(tmp_path, path):
    with pytest.raises(FileError, match="cannot be opened"):
        load(os.path.join(tmp_path, path))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, code, call):
    path = tmp_path / "net.netsmith"
    save(Project(), path)
    old = path.read_bytes()

    def fail(*args: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(files.os, call, fail)
    with pytest.raises(FileError, match=r"net\.netsmith was not saved"):
        save(small(), path)
    monkeypatch.undo()
    assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["net.netsmith"]


def test_a_full_disk_is_told_in_words(tmp_path, monkeypatch):
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(FileError, match=r"no space left on the disk\. Free some space"):
        save(small(), tmp_path / "a.netsmith")


def test_a_folder_that_is_not_there_is_told_in_words(tmp_path):
    with pytest.raises(FileError, match="the folder does not exist"):
        save(small(), tmp_path / "no" / "a.netsmith")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only_is_told_in_words(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(FileError, match="you may not write there"):
            save(small(), tmp_path / "a.netsmith")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX")
def test_saving_keeps_the_mode_and_follows_a_link(tmp_path):
    real, link = tmp_path / "real.netsmith", tmp_path / "link.netsmith"
    save(Project(), real)
    real.chmod(0o640)
    link.symlink_to(real)
    save(small(), link)
    assert link.is_symlink()
    assert load(real) == small()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_file_that_is_read_only_is_not_written_over(tmp_path):
    path = tmp_path / "a.netsmith"
    save(Project(), path)
    path.chmod(0o444)
    with pytest.raises(FileError, match=r"the file is read-only\. Save under another name"):
        save(small(), path)
    assert load(path) == Project()
    assert [p.name for p in tmp_path.iterdir()] == ["a.netsmith"]


def test_the_schema_knows_every_layer_and_every_option_of_the_recipe():
    described = schema()
    json.dumps(described, allow_nan=False)
    layers = {str(s["properties"]["kind"]) for s in described["$defs"]["layer"]["anyOf"]}
    assert all(any(f"'{key}'" in kind for kind in layers) for key in Layer.registry if key != "Missing")
    assert set(described["properties"]["recipe"]["properties"]) == set(Recipe.params)


def test_every_option_in_the_schema_says_what_it_is():
    for described in schema()["$defs"]["layer"]["anyOf"][:-1]:
        assert described["description"]
        assert all(o.get("description") for name, o in described["properties"].items() if name != "kind")


def test_decode_wants_plain_data_only():
    with pytest.raises(FileError, match="must be a table"):
        decode([])


def test_the_help_page_shows_a_file_that_opens():
    page = (HERE.parents[1] / "resources" / "help" / "file-format.md").read_text(encoding="utf-8")
    shown = page.split("```json\n")[1].split("```")[0]
    assert loads(shown).block().name == "TwoLayers"
