"""Every run is kept, found again, and told from one whose process died."""

import subprocess
import sys
import threading

import numpy as np
import pytest

from engine.errors import FileError
from engine.training.events import Steps
from engine.training.liveness import Alive
from engine.training.run import TrainingRun, new_id
from engine.training.store import EpochRecord, RunRecord, Store
from tests.engine.runs import end_of, finished, moons, until


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs")


def record(id, state="finished", **facts):
    return RunRecord(id, "Model", "2026-01-01T00:00:00+00:00", state, **facts)


def test_a_store_that_was_never_written_is_empty(store):
    assert store.list() == ()
    assert not store.folder.exists()


def test_runs_are_listed_newest_first(store):
    for id in ("20260101-000000-aaa", "20260102-000000-aaa", "20251231-000000-aaa"):
        store.add(record(id))
    assert [r.id[:8] for r in store.list()] == ["20260102", "20260101", "20251231"]


def test_what_is_written_is_read_again(store):
    given = record("r1", seed=3, versions={"torch": "2"}, metrics={"loss": 0.5, "f1": float("nan")}, parent="r0")
    store.add(given)
    assert store.get("r1").versions == {"torch": "2"}
    assert np.isnan(store.get("r1").metrics["f1"])
    store.write("r1", {"epochs": 2, "metrics": {"loss": 0.25}}, (EpochRecord(1, 10, {"loss": 0.5}, 0.1),))
    store.write("r1", {}, (EpochRecord(2, 20, {"loss": 0.25}),), ((20, "Steered", {"after": 0.1}),))
    assert store.get("r1").metrics == {"loss": 0.25}
    assert store.metrics("r1") == (EpochRecord(1, 10, {"loss": 0.5}, 0.1), EpochRecord(2, 20, {"loss": 0.25}))
    assert store.events("r1") == ((20, "Steered", {"after": 0.1}),)


def test_a_run_is_found_by_the_beginning_of_its_id(store):
    store.add(record("20260101-000000-abc"))
    store.add(record("20260102-000000-abd"))
    assert store.get("20260102").id == "20260102-000000-abd"
    with pytest.raises(FileError, match="2 runs begin with 2026"):
        store.get("2026")
    for nothing in ("2027", ""):
        with pytest.raises(FileError, match="There is no run"):
            store.get(nothing)


def test_a_deleted_run_leaves_nothing_once_the_trash_is_emptied(store):
    folder = store.add(record("r1"))
    store.write("r1", {}, (EpochRecord(1, 10, {}),))
    store.delete("r1")
    store.empty_trash(days=-1)
    assert store.list() == store.list(deleted=True) == ()
    assert not folder.exists()
    assert not any(store.folder.rglob("r1"))


def test_a_run_that_goes_on_is_not_deleted(store):
    folder = store.add(record("r1", "running"))
    with Alive(folder):
        assert store.get("r1").state == "running"
        with pytest.raises(FileError, match="going on"):
            store.delete("r1")
    assert store.get("r1").state == "interrupted"
    store.delete("r1")


def test_a_run_whose_process_was_killed_is_shown_as_interrupted(store):
    folder = store.add(record("r1", "running"))
    program = (
        "import sys\nfrom pathlib import Path\nfrom engine.training.liveness import Alive\n"
        "with Alive(Path(sys.argv[1])):\n    print('here', flush=True)\n    sys.stdin.read()\n"
    )
    maker = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert maker.stdout is not None
    assert maker.stdout.readline() == "here\n"
    assert store.get("r1").state == "running"
    maker.kill()
    maker.communicate()
    assert store.get("r1").state == "interrupted"


def test_losses_of_all_steps_are_read_without_a_last_one_cut_short(store):
    folder = store.add(record("r1"))
    assert len(store.losses("r1")) == 0
    (folder / "losses.f32").write_bytes(np.arange(5, dtype="<f4").tobytes() + b"\x00\x01")
    assert store.losses("r1").tolist() == [0, 1, 2, 3, 4]


def test_many_write_at_once(store):
    ids = [new_id() + str(i) for i in range(8)]

    def write(id):
        Store(store.folder).add(record(id))
        for epoch in range(10):
            Store(store.folder).write(id, {"epochs": epoch}, (EpochRecord(epoch, epoch, {}),))

    threads = [threading.Thread(target=write, args=(id,)) for id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {r.id for r in store.list()} == set(ids)
    assert all(len(store.metrics(id)) == 10 for id in ids)


def test_a_finished_run_is_in_the_store_with_all_its_figures():
    with TrainingRun(moons(), name="try") as run:
        finished(run)
    kept = run.store.get(run.run_id)
    assert (kept.name, kept.state, kept.seed, kept.device, kept.epochs, kept.planned) == (
        "try",
        "finished",
        1,
        "cpu",
        3,
        3,
    )
    assert kept.metrics["val_accuracy"] <= 1
    assert kept.parameters == 82
    assert {"python", "torch"} <= set(kept.versions)
    assert [e.epoch for e in run.store.metrics(run.run_id)] == [1, 2, 3]
    assert len(run.store.losses(run.run_id)) == 9


def test_a_going_run_can_be_read():
    with TrainingRun(moons(epochs=100_000)) as run:
        run.start()
        until(run, Steps)
        assert run.store.get(run.run_id[:20]).state == "running"


def test_the_window_can_list_runs_without_torch():
    code = "import sys, engine.training.store, engine.training.run; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_damaged_table_is_called_damaged_and_no_full_disk(tmp_path):
    (tmp_path / "runs.sqlite").write_bytes(b"no table at all" * 100)
    end = end_of(finished(TrainingRun(moons(), runs_dir=tmp_path)))
    assert "cannot be kept" in end.message
    assert "damaged" in end.hint
    assert "disk" not in end.hint
