"""Measuring keeps to its share of the time, comes to rest, and is not frightened by a single bad moment."""

from threading import Event, Thread

from hypothesis import given
from hypothesis import strategies as st

from engine.training.pace import Pace
from engine.training.telling import Telling, without_waiting


def settled(pace, cost, step, times=40):
    for _ in range(times):
        pace.settle(cost, step)
    return pace.stride


@given(st.floats(1e-6, 1e-1), st.floats(1e-5, 1.0))
def test_the_share_is_kept_and_most_of_it_is_used(cost, step):
    pace = Pace(0.02)
    stride = settled(pace, cost, step)
    assert cost / stride <= 0.02 * step * 1.0001 or stride == 1 << 16
    assert stride == 1 or cost / stride >= 0.4 * 0.02 * step * 0.4999
    assert settled(pace, cost, step) == stride, "it has come to rest"


def test_it_follows_when_steps_become_longer_and_shorter():
    pace = Pace(0.02)
    assert settled(pace, 1e-3, 1e-3) == 64
    assert settled(pace, 1e-3, 1.0) == 1
    assert settled(pace, 1e-3, 1e-2) == 8


def test_one_bad_moment_changes_nothing():
    pace = Pace(0.02)
    settled(pace, 1e-4, 1e-2)
    pace.settle(1.0, 1e-2)
    assert pace.stride == 1


def test_a_step_is_due_by_its_number():
    pace = Pace(0.02)
    settled(pace, 1e-3, 1e-2)
    assert [s for s in range(1, 33) if pace.is_due(s)] == [8, 16, 24, 32]


def test_the_next_step_that_is_due_is_the_first_one_after():
    pace = Pace(0.02)
    settled(pace, 1e-3, 1e-2)
    assert [pace.next(s) for s in (0, 1, 7, 8, 9)] == [8, 8, 8, 16, 16]


def test_waiting_for_the_processor_counts_no_more_than_it_slows_down_everything():
    quiet = without_waiting(seconds=0.001, worked=0.001, spent=0.05, busy=0.05)
    assert quiet == 0.001
    loaded = without_waiting(seconds=0.02, worked=0.001, spent=0.1, busy=0.05)
    assert loaded / 0.1 == quiet / 0.05, "the share is that of the quiet machine"


def test_what_waits_for_data_pays_for_telling_by_the_clock():
    assert without_waiting(seconds=0.001, worked=0.001, spent=0.05, busy=0.002) == 0.001


def test_a_thread_that_waits_while_it_tells_has_not_worked():
    """It waits for another thread that has the work: the clock goes on, and hardly any of it counts."""
    began, done, telling = Event(), Event(), Telling()
    Thread(target=lambda: (began.wait(), sum(range(3_000_000)), done.set())).start()
    with telling:
        began.set()
        done.wait()
    sum(range(3_000_000))
    assert telling.counted(telling.seconds * 2) < telling.seconds / 2
