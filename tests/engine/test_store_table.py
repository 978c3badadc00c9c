"""What the table of runs is made of: options by path, older stores, the trash, columns, and the line that filters."""

import json
import sqlite3

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.document.files import dumps
from engine.errors import FileError
from engine.training.run import TrainingRun
from engine.training.store import EpochRecord, RunRecord, Store
from engine.training.store_columns import clock, keys_of, meant, ordered, spread, title_of, value_of
from engine.training.store_filter import Filter, FilterError, Term, read_filter
from engine.training.store_options import options_of
from engine.training.store_rows import tags_in, widened
from engine.training.store_trash import TRASH
from tests.engine.networks import project
from tests.engine.runs import finished, moons

OLD = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, created TEXT NOT NULL, state TEXT NOT NULL,
    seed INTEGER, device TEXT, versions TEXT NOT NULL DEFAULT '{}', duration REAL NOT NULL DEFAULT 0,
    epochs INTEGER NOT NULL DEFAULT 0, planned INTEGER NOT NULL DEFAULT 0, metrics TEXT NOT NULL DEFAULT '{}',
    parameters INTEGER, parent TEXT, message TEXT NOT NULL DEFAULT ''
);
CREATE TABLE epochs (
    run TEXT NOT NULL, epoch INTEGER NOT NULL, step INTEGER NOT NULL, figures TEXT NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (run, epoch)
);
CREATE TABLE events (run TEXT NOT NULL, step INTEGER NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL);
"""


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs")


def record(id="r1", state="finished", name="Model", **facts):
    return RunRecord(id, name, "2026-01-01T00:00:00+00:00", state, **facts)


def older_store(folder):
    """A store as it was before options were kept, with one run of two moons and one whose project is gone."""
    folder.mkdir()
    with sqlite3.connect(folder / "runs.sqlite") as connection:
        connection.executescript(OLD)
        add = "INSERT INTO runs (id, name, created, state, metrics) VALUES (?, ?, ?, ?, ?)"
        connection.execute(add, ("r1", "Old", "2026-01-01", "finished", json.dumps({"loss": 0.25})))
        connection.execute(add, ("r0", "Lost", "2025-01-01", "finished", "{}"))
        for epoch, loss in ((1, 0.5), (2, 0.25)):
            row = ("r1", epoch, epoch * 10, json.dumps({"loss": loss, "f1": float("nan")}), 0.0)
            connection.execute("INSERT INTO epochs VALUES (?, ?, ?, ?, ?)", row)
    connection.close()
    (folder / "r1").mkdir()
    (folder / "r1" / "project.netsmith").write_text(dumps(moons(epochs=7)), encoding="utf-8")
    (folder / "r1" / "losses.f32").write_bytes(np.zeros(20, "<f4").tobytes())
    return Store(folder)


def test_an_older_store_is_read_and_completed_from_its_projects(tmp_path):
    store = older_store(tmp_path / "runs")
    assert [r.name for r in store.list()] == ["Old", "Lost"]
    assert store.get("r1").options == {}
    assert store.complete() == 2
    run = store.get("r1")
    assert (run.options["epochs"], run.options["dataset"], run.steps) == (7, "TwoMoons", 20)
    assert run.extremes == {"loss": (0.25, 0.5)}
    assert store.get("r0").options == {}
    assert store.complete() == 0  # the project that is gone is not looked for again


def test_an_older_netsmith_can_go_on_with_a_newer_store(store):
    store.add(record())
    with sqlite3.connect(store.folder / "runs.sqlite") as connection:
        connection.executescript(OLD.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))
        connection.execute("INSERT INTO runs (id, name, created, state) VALUES ('r2', 'Other', '2026', 'finished')")
        connection.execute("INSERT INTO events VALUES ('r2', 1, 'Steered', '{}')")
    connection.close()
    assert [r.id for r in store.list()] == ["r2", "r1"]


def test_options_are_flat_and_named_as_on_the_command_line():
    found = options_of(moons(batch_size=8))
    assert found["optimizer"] == "AdamW"
    assert found["optimizer.lr"] == 0.001
    assert (found["batch_size"], found["dataset"], found["dataset.samples"]) == (8, "TwoMoons", 100)
    assert found["losses"] == "CrossEntropyLoss"
    assert "losses.0.label_smoothing" in found
    assert all(v is None or isinstance(v, bool | int | float | str) for v in found.values())
    assert json.loads(json.dumps(found)) == found


def test_a_finished_run_has_its_options_steps_and_extremes_in_the_table():
    with TrainingRun(moons(epochs=3), group="sweep 1") as run:
        finished(run)
    kept, losses = run.store.get(run.run_id), [e.figures["loss"] for e in run.store.metrics(run.run_id)]
    assert (kept.steps, kept.group, kept.options["epochs"]) == (9, "sweep 1", 3)
    assert kept.extremes["loss"] == (min(losses), max(losses))


def test_a_run_can_be_named_tagged_and_described_while_others_read(store):
    store.add(record())
    store.describe("r1", name="  Wide\nnet ", tags=tags_in("#fast, wide fast"), notes=" slow start\n")
    run = store.get("r1")
    assert (run.name, run.tags, run.notes) == ("Wide net", ("fast", "wide"), "slow start")
    with pytest.raises(FileError, match="needs a name"):
        store.describe("r1", name=" \n")


def test_only_what_was_written_since_is_read_again(store):
    store.add(record("r1"))
    store.add(record("r2"))
    found, revision = store.changes()
    assert [r.id for r in found] == ["r2", "r1"]
    assert store.changes(revision) == ((), revision)
    store.describe("r1", notes="x")
    found, later = store.changes(revision)
    assert [r.id for r in found] == ["r1"]
    store.delete("r2")
    assert [(r.id, bool(r.deleted)) for r in store.changes(later)[0]] == [("r2", True)]


def test_a_deleted_run_comes_back_whole(store):
    folder = store.add(record("r1", notes="mine"))
    store.write("r1", {}, (EpochRecord(1, 10, {"loss": 1.0}),))
    (folder / "losses.f32").write_bytes(np.ones(3, "<f4").tobytes())
    (folder / "events.out.tfevents.1").write_text("x", encoding="utf-8")
    store.delete(["r1"])
    assert store.list() == ()
    assert not folder.exists()
    assert not list(store.folder.rglob("*tfevents*"))  # TensorBoard would show it
    with pytest.raises(FileError, match="There is no run r1"):
        store.get("r1")
    store.restore("r1")
    assert store.get("r1").notes == "mine"
    assert len(store.losses("r1")) == 3
    assert (folder / "events.out.tfevents.1").exists()
    assert store.metrics("r1")[0].figures == {"loss": 1.0}


def test_the_trash_is_emptied_only_after_some_days(store):
    store.add(record("r1"))
    store.delete("r1")
    assert store.empty_trash() == 0
    assert (store.folder / TRASH / "r1").exists()
    assert [r.id for r in store.list(deleted=True)] == ["r1"]
    assert store.empty_trash(days=-1) == 1
    assert store.list(deleted=True) == ()
    assert not (store.folder / TRASH / "r1").exists()


RUNS = (
    record(
        "a1",
        name="Wide",
        tags=("fast",),
        duration=30.0,
        parameters=2_000_000,
        metrics={"val_accuracy": 0.95, "lr": 1e-5},
        extremes={"val_accuracy": (0.2, 0.97)},
        options={"optimizer": "AdamW", "optimizer.lr": 0.001, "shuffle": True},
    ),
    record(
        "b2",
        name="Narrow",
        state="failed",
        notes="exploded early",
        duration=7300.0,
        parameters=900,
        metrics={"val_accuracy": float("nan")},
        options={"optimizer": "SGD", "optimizer.lr": 0.1, "params.width": 8},
    ),
    record(
        "c3",
        name="Deep net",
        tags=("fast", "best"),
        metrics={"val_accuracy": 0.8},
        options={"optimizer": "SGD"},
    ),
)
KEYS = keys_of(RUNS)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", "a1 b2 c3"),
        ("wide", "a1"),
        ("adamw", "a1"),
        ("exploded", "b2"),
        ("failed", "b2"),
        ("-failed", "a1 c3"),
        ('"deep net"', "c3"),
        ('"deep n', "c3"),
        ("#fast", "a1 c3"),
        ("#fast -#best", "a1"),
        ("lr<0.01", "a1"),
        ("lr >= 0.01", "b2"),
        ("optimizer.lr=0.1", "b2"),
        ("metrics.lr<0.001", "a1"),
        ("optimizer=sgd", "b2 c3"),
        ("optimizer!=sgd", "a1"),
        ("val_accuracy>0.9", "a1"),
        ("val_accuracy.max>0.96", "a1"),
        ("val_accuracy=nan", "b2"),
        ("lr<0.01 val_accuracy>0.9", "a1"),
        ("width=8 or #best", "b2 c3"),
        ("width!=8", "a1 c3"),
        ("-width=8", "a1 c3"),
        ("parameters>1M", "a1"),
        ("duration>2h", "b2"),
        ("duration<1m duration>0", "a1"),
        ("shuffle=yes", "a1"),
        ("shuffle=no", ""),
        ("state=failed", "b2"),
        ('name="deep net"', "c3"),
        ("created>2026", "a1 b2 c3"),
        ("nothing_such=1", ""),
    ],
)
def test_a_line_chooses_runs(line, expected):
    assert " ".join(r.id for r in read_filter(line).chosen(RUNS, KEYS)) == expected


@pytest.mark.parametrize(
    ("line", "words"), [("lr<", "lr< needs a value"), ("<0.1", "is missing"), ("-", "says nothing")]
)
def test_a_line_that_cannot_be_read_says_why(line, words):
    with pytest.raises(FilterError, match=words):
        read_filter(line)


def test_a_name_that_no_run_has_is_told_with_the_nearest():
    with pytest.raises(FilterError, match="val_acuracy") as raised:
        read_filter("wide val_acuracy>0.9").check(KEYS)
    assert "val_accuracy" in raised.value.hint
    read_filter("lr<1 width=3").check(KEYS)


TEXT = st.text(st.characters(exclude_characters='"', exclude_categories=("Z", "C")), max_size=8)
WORDS = st.builds(Term, st.just("word"), TEXT, st.just(""), st.booleans())
TAGS = st.builds(Term, st.just("tag"), TEXT.filter(bool), st.just(""), st.booleans())
COMPARISONS = st.builds(
    Term,
    st.sampled_from(("<", "<=", ">", ">=", "=", "!=")),
    TEXT,
    st.from_regex(r"[a-z_][\w.]{0,6}", fullmatch=True),
    st.booleans(),
)
FILTERS = st.builds(
    Filter, st.lists(st.lists(WORDS | TAGS | COMPARISONS, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple)
)


@given(FILTERS)
def test_what_a_filter_says_is_read_as_that_filter(given_filter):
    assert read_filter(str(given_filter)) == given_filter


@given(st.text(max_size=30))
def test_any_line_is_a_filter_or_says_why_not(line):
    try:
        found = read_filter(line)
    except FilterError:
        return
    assert {r.id for r in found.chosen(RUNS, KEYS)} <= {"a1", "b2", "c3"}
    assert read_filter(str(found)) == found


@given(COMPARISONS | WORDS | TAGS)
def test_a_minus_lets_exactly_the_others_through(term):
    plain, turned = Term(term.kind, term.text, term.key), Term(term.kind, term.text, term.key, minus=True)
    kept, others = (Filter(((t,),)).chosen(RUNS, KEYS) for t in (plain, turned))
    assert [r for r in RUNS if r in kept] == kept
    assert [r for r in RUNS if r not in kept] == others


def test_columns_are_named_for_people_and_found_by_short_names():
    assert "metrics.val_accuracy.max" in KEYS
    assert title_of("metrics.val_accuracy.max") == "greatest val_accuracy"
    assert title_of("params.width") == "width"
    assert meant("lr", KEYS)[0] == "optimizer.lr"
    assert meant("val_accuracy", KEYS) == ("metrics.val_accuracy",)
    assert value_of(RUNS[1], "params.width") == 8
    assert value_of(RUNS[0], "params.width") is None
    assert len(set(KEYS)) == len(KEYS)


def test_runs_without_a_value_are_last_whichever_way_they_are_sorted():
    def order(key, descending):
        return " ".join(r.id for r in ordered(RUNS, key, descending))

    assert order("metrics.val_accuracy", False) == "c3 a1 b2"
    assert order("metrics.val_accuracy", True) == "a1 c3 b2"
    assert order("params.width", True).startswith("b2")
    assert order("name", False) == "c3 b2 a1"


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_the_spread_is_that_of_numpy(values):
    found = spread([*values, None, float("nan"), "x", True])
    assert found["count"] == len(values)
    assert np.isclose(found["mean"], np.mean(values))
    assert np.isclose(found["std"], np.std(values, ddof=1), atol=1e-6)
    assert (found["min"], found["max"]) == (min(values), max(values))


def test_extremes_leave_out_what_is_no_number():
    assert widened({"a": (1.0, 2.0)}, {"a": 3.0, "b": float("inf"), "c": float("nan")}) == {"a": (1.0, 3.0)}


@pytest.mark.parametrize(("seconds", "shown"), [(0.4, "0:00"), (65, "1:05"), (3725, "1:02:05")])
def test_durations_are_read_as_a_clock(seconds, shown):
    assert clock(seconds) == shown


def test_phases_hide_the_options_that_they_replace():
    from engine.recipe.phases import Part
    from engine.recipe.recipe import Recipe

    found = options_of(project(moons().block().graph, recipe=Recipe(phases=(Part(name="one"), Part(name="two")))))
    assert "optimizer" not in found
    assert (found["phases.0.name"], found["phases.1.optimizer"]) == ("one", "Adam")
