"""Checkpoints by hand, in the middle of an epoch, and going back to them: every bit as if there had been no pause."""

import numpy as np
import pytest

from engine.errors import FileError
from engine.training.events import Checkpointed, Ended, Evaluated, Failed, Paused, Started, Steps
from engine.training.kept import annotate, find, kept_in, kept_of
from engine.training.run import TrainingRun
from tests.engine.runs import end_of, finished, layer, moons, of, until


def noisy(**recipe):
    return moons(layer("BatchNorm1d"), layer("Dropout", p=0.3), **{"epochs": 3, "batch_size": 16} | recipe)


def curve(events) -> np.ndarray:
    return np.concatenate([s.losses for s in of(events, Steps)])


def saved_at(given, step: int, name: str = "", **options) -> tuple[TrainingRun, list]:
    """A run with a checkpoint by hand after so many steps, made to its end."""
    with TrainingRun(given, **options) as run:
        run.pause()
        run.start()
        events = until(run, Paused)
        while sum(len(s.losses) for s in of(events, Steps)) < step:
            run.step()
            events += until(run, Paused)
        run.save(name)
        run.resume()
        events += finished(run)
    assert isinstance(end_of(events), Ended)
    return run, events


@pytest.mark.parametrize("step", range(1, 8))
def test_going_back_to_any_step_gives_the_same_curve_bit_for_bit(step):
    given = noisy(epochs=2)
    first, events = saved_at(given, step)
    assert [c.step for c in of(events, Checkpointed) if c.kind == "hand"] == [step]
    with TrainingRun(given, resume=first.run_id, checkpoint=f"step-{step:06}") as again:
        after = finished(again)
    started = of(after, Started)[0]
    assert (started.first_step, started.parent) == (step, first.run_id)
    assert np.array_equal(curve(after), curve(events)[step:])
    assert [e.line for e in of(after, Evaluated)] == [e.line for e in of(events, Evaluated) if e.step >= step][
        -len(of(after, Evaluated)) :
    ]
    assert np.array_equal(again.store.losses(again.run_id), curve(events))


def test_a_moment_is_as_good_in_a_process_of_its_own():
    given = noisy()
    first, events = saved_at(given, 4, mode="process")
    with TrainingRun(given, resume=first.run_id, checkpoint="4", mode="process") as again:
        assert np.array_equal(curve(finished(again)), curve(events)[4:])


def test_going_back_leaves_the_run_left_behind_as_it_was():
    given = noisy()
    first, events = saved_at(given, 4)
    with TrainingRun(given.recipe and noisy(clip=0.01), resume=first.run_id, checkpoint="4") as other:
        after = finished(other)
    assert not np.array_equal(curve(after), curve(events)[4:])
    assert np.array_equal(first.store.losses(first.run_id), curve(events))
    assert other.store.get(other.run_id).parent == first.run_id


def test_a_run_paused_in_an_epoch_and_stopped_goes_on_from_that_step():
    given = noisy()
    with TrainingRun(given) as straight:
        whole = finished(straight)
    with TrainingRun(given) as half:
        half.pause()
        half.start()
        until(half, Paused)
        for _ in range(3):
            half.step()
            until(half, Paused)
        half.stop()
        finished(half)
    with TrainingRun(given, resume=half.run_id) as rest:
        after = finished(rest)
    assert of(after, Started)[0].first_step == 3
    assert np.array_equal(curve(after), curve(whole)[3:])
    assert [e.line for e in of(after, Evaluated)] == [e.line for e in of(whole, Evaluated)]


def test_a_moment_saved_before_the_first_step_of_a_resumed_run_is_the_one_it_came_from():
    given = noisy()
    first, events = saved_at(given, 4)
    with TrainingRun(given, resume=first.run_id, checkpoint="4") as second:
        second.pause()
        second.start()
        until(second, Paused)
        second.save("twice")
        second.stop()
        finished(second)
    with TrainingRun(given, resume=second.run_id, checkpoint="twice") as third:
        assert np.array_equal(curve(finished(third)), curve(events)[4:])


def test_another_batch_size_does_not_go_on_in_the_middle_of_an_epoch():
    first, _ = saved_at(noisy(), 4)
    with TrainingRun(noisy(batch_size=32), resume=first.run_id, checkpoint="4") as run:
        ending = end_of(finished(run))
    assert isinstance(ending, Failed)
    assert "4 of the 5 steps" in ending.message


def test_checkpoints_are_listed_named_and_found_without_reading_weights():
    first, _ = saved_at(noisy(), 4, "before the fall", keep_every=2)
    folder = first.folder / "checkpoints"
    known = {k.key: k for k in kept_in(folder)}
    assert set(known) >= {"step-000004", "epoch-0002", "last", "best"}
    assert (known["step-000004"].name, known["step-000004"].step, known["step-000004"].done) == (
        "before the fall",
        4,
        4,
    )
    assert known["epoch-0002"].kind == "epoch"
    named = annotate(known["step-000004"], "the good one", "kept for later")
    assert (named.name, named.note) == ("the good one", "kept for later")
    assert find(folder, "the good one") == find(folder, "4") == named.path
    with pytest.raises(FileError, match="There is no checkpoint nowhere"):
        find(folder, "nowhere")


def test_a_run_that_went_on_knows_the_checkpoints_before_it():
    first, _ = saved_at(noisy(), 4)
    with TrainingRun(noisy(), resume=first.run_id, checkpoint="4") as second:
        finished(second)
    known = kept_of(second.store, second.run_id)
    assert ("step-000004", first.run_id) in [(k.key, k.run) for k in known]
    assert sum(k.kind == "last" for k in known) == 1


@pytest.mark.parametrize("content", ["", "{}", "[1, 2", '{"figures": 3}', '{"figures": {}, "epoch": "x"}'])
def test_a_description_that_is_broken_is_left_out(tmp_path, content):
    (tmp_path / "last.safetensors").write_bytes(b"")
    (tmp_path / "last.json").write_text(content, encoding="utf-8")
    assert [k for k in kept_in(tmp_path) if k.step] == []
