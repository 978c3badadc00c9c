"""`netsmith runs`: chosen, sorted, compared, described, deleted and brought back from the command line."""

import csv
import io
import json

import pytest

from engine.cli import run
from engine.document.edits import AddNode, RemoveNodes, SetParam
from engine.layers import Layer
from engine.recipe.base import Optimizer
from engine.training.run import TrainingRun
from tests.engine.runs import finished, moons


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs that are the same, and one with another network and optimizer. Returns: the folder, the three ids."""
    folder = tmp_path_factory.mktemp("kept") / "runs"
    plain = moons(epochs=2)
    ids = {n.name: n.id for n in plain.block().graph.nodes.values()}
    other = SetParam(ids["first"], "out_features", 32)(moons(epochs=2, optimizer=Optimizer.registry["SGD"](lr=0.1)))
    other = RemoveNodes([ids["act"]])(other)
    other = AddNode(Layer.registry["Tanh"](), "tanh")(other)
    from engine.document.edits import Connect
    from engine.graph.graph import Edge

    tanh = other.block().graph.by_name("tanh").id
    other = Connect(Edge(ids["first"], "out", tanh, "x"))(other)
    other = Connect(Edge(tanh, "out", ids["last"], "x"))(other)
    made = []
    for project, name in ((plain, "plain"), (plain, "again"), (other, "other")):
        with TrainingRun(project, runs_dir=folder, name=name) as training:
            finished(training)
            made.append(training.run_id)
    return folder, made


@pytest.fixture
def call(runs, capsys):
    """Runs `netsmith runs ...` on the three. Returns: what it prints; the exit code is 0."""

    def call(*words, code=0):
        assert run(["runs", *map(str, words), "--runs", str(runs[0])]) == code
        out, err = capsys.readouterr()
        return out if code == 0 else err

    return call


def ids(out):
    return [line.split()[0] for line in out.splitlines()]


def test_runs_are_filtered_and_sorted(call, runs):
    plain, again, other = runs[1]
    assert ids(call("list", "--filter", "lr<0.05")) == [again, plain]
    assert ids(call("--filter", "SGD or plain")) == [other, plain]
    assert ids(call("--sort", "name")) == [again, other, plain]
    assert ids(call("--sort", "optimizer.lr", "--reverse", "--limit", 1)) == [other]
    assert [r["id"] for r in json.loads(call("--filter", "#none", "--json"))] == []


def test_columns_are_shown_under_their_names(call):
    lines = call("--columns", "name,lr,val_loss.min", "--sort", "name").splitlines()
    assert lines[0].split() == ["id", "name", "optimizer.lr", "least", "val_loss"]
    assert lines[1].split()[1:3] == ["again", "0.001"]
    assert "There is no column speed" in call("--columns", "speed", code=1)
    assert "No run has anything called sped" in call("--filter", "sped>1", code=1)


def test_the_table_is_written_as_csv_with_every_column(call, runs):
    rows = list(csv.DictReader(io.StringIO(call("--csv", "--sort", "name"))))
    assert [row["name"] for row in rows] == ["again", "other", "plain"]
    assert rows[0]["optimizer.lr"] == "0.001"
    assert float(rows[0]["metrics.loss"]) == json.loads(call("show", runs[1][1], "--json"))["metrics"]["loss"]


def test_the_same_run_made_twice_differs_in_nothing_that_counts(call, runs):
    plain, again, _ = runs[1]
    found = json.loads(call("compare", plain, again, "--json"))
    assert (found["a"], found["b"]) == (plain, again)
    assert found["options"] == []
    assert found["network"] == {"blocks": [], "gone": []}
    assert found["losses"] == {"steps_a": 6, "steps_b": 6, "same_steps": 6}
    assert "the same at all 6 steps" in call("compare", plain, again)


def test_two_runs_are_compared_by_options_layers_and_figures(call, runs):
    plain, _, other = runs[1]
    found = json.loads(call("compare", plain, other, "--json"))
    options = {d["name"]: (d["a"], d["b"]) for d in found["options"]}
    assert options["optimizer"] == ("AdamW", "SGD")
    assert options["optimizer.lr"] == (0.001, 0.1)
    (block,) = found["network"]["blocks"]
    assert block["added"] == {"tanh": "Tanh"}
    assert block["removed"] == {"act": "ReLU"}
    assert block["changed"] == {"first": ["out_features 16 → 32"]}
    assert "first.out → act.x" in block["unwired"]
    assert found["losses"]["same_steps"] == 0
    said = " ".join(call("compare", plain, other).split())
    for words in ("AdamW → SGD", "+ tanh (Tanh)", "- act (ReLU)", "~ first: out_features 16 → 32", "from step 1 on"):
        assert words in said


def test_a_run_is_tagged_noted_and_renamed(call, runs):
    plain = runs[1][0]
    assert "#fast #wide" in call("tag", plain[:20], "fast", "#wide")
    call("tag", plain, "--remove", "fast")
    call("note", plain, "learns", "slowly")
    call("rename", plain, "first", "try")
    shown = json.loads(call("show", plain, "--json"))
    assert (shown["tags"], shown["notes"], shown["name"]) == (["wide"], "learns slowly", "first try")
    assert ids(call("--filter", "#wide slowly")) == [plain]
    call("rename", plain, "plain")
    call("note", plain)
    call("tag", plain, "--remove", "wide")


def test_a_deleted_run_is_in_the_trash_until_it_is_restored(call, runs):
    other = runs[1][2]
    call("delete", other)
    assert other not in ids(call())
    assert ids(call("--deleted")) == [other]
    call("restore", other)
    assert other in ids(call())
    assert call("--deleted") == ""


@pytest.mark.parametrize("words", [("compare", "x"), ("note",), ("rename", "x"), ("delete",), ("list", "x")])
def test_what_is_missing_is_told_as_wrong_usage(call, words):
    assert "error:" in call(*words, code=2)
