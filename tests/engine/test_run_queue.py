"""Runs of different projects wait for one another: one at a time on a device, whatever becomes of them."""

import time

from engine.document.project import Project
from engine.training.beside import going_on
from engine.training.devices import device_of, usable
from engine.training.events import Started
from engine.training.run import TrainingRun
from engine.training.run_order import Order
from engine.training.run_queue import RunQueue, is_free, users_of
from engine.training.store import Store
from engine.training.sweep import Plan, Sweep
from engine.training.sweep_axes import axis_of
from tests.engine.runs import PATIENCE_SECONDS, code, finished, moons, until

LONG = {"epochs": 100_000}


def ordered(project: Project, tmp_path, **options) -> Order:
    return Order(project, runs_dir=tmp_path, **options)


def emptied(queue: RunQueue) -> None:
    """Until nothing waits and nothing goes on."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while queue.waiting or going_on():
        assert time.monotonic() < deadline, queue.waiting
        queue.advance()
        for run in going_on():
            run.wait(0.05)


def test_runs_wait_for_one_another_and_one_that_fails_holds_nobody_up(tmp_path):
    queue, seen = RunQueue(), []
    orders = [
        ordered(moons(width=4), tmp_path),
        ordered(moons(code("def wrong(x):\n    raise RuntimeError('no')\n")), tmp_path, trusted=True),
        ordered(moons(width=5), tmp_path),
    ]
    queue.changed.connect(lambda q: seen.append((len(q.waiting), len(going_on()))))
    for order in orders:
        queue.add(order)
    assert len(queue.waiting) == 2
    emptied(queue)
    assert max(count for _, count in seen) == 1
    first, second, third = sorted(Store(tmp_path).list(), key=lambda run: run.number)
    assert [r.state for r in (first, second, third)] == ["finished", "failed", "finished"]


def test_a_run_of_the_queue_has_the_curve_that_it_has_alone(tmp_path):
    alone = TrainingRun(moons(width=6), runs_dir=tmp_path / "alone")
    finished(alone)
    queue = RunQueue()
    for width in (5, 6):
        queue.add(ordered(moons(width=width), tmp_path / "queue"))
    emptied(queue)
    store = Store(tmp_path / "queue")
    last = max(store.list(), key=lambda run: run.number)
    assert store.losses(last.id).tolist() == alone.store.losses(alone.run_id).tolist()


def test_what_waits_is_moved_given_up_and_had_back(tmp_path):
    queue = RunQueue(lambda order: None)
    a, b, c = (ordered(moons(), tmp_path, name=name) for name in "abc")
    for order in (a, b, c):
        queue.add(order)
    queue.move(c, 0)
    assert [order.name for order in queue.waiting] == ["c", "a", "b"]
    queue.move(c, 99)
    assert [order.name for order in queue.waiting] == ["a", "b", "c"]
    queue.remove(b)
    queue.put_back(b, 1)
    assert [order.name for order in queue.waiting] == ["a", "b", "c"]
    queue.clear()
    assert not queue.waiting


def test_another_device_does_not_wait(tmp_path):
    begun: list[str] = []

    def begin(order: Order) -> TrainingRun | None:
        begun.append(order.name)
        return order.begin() if order.device == "cpu" else None

    queue = RunQueue(begin)
    queue.add(ordered(moons(**LONG), tmp_path, name="here"))
    (run,) = going_on()
    until(run, Started)
    for name, device in (("waits", "cpu"), ("goes", "mps"), ("waits, too", "mps")):
        queue.add(ordered(moons(), tmp_path, name=name).on(device))
    assert set(begun) == {"here", "goes"}
    assert [order.device for order in queue.waiting] == ["cpu", "mps", "mps"]
    run.close()


def test_beside_a_run_in_a_thread_the_next_gets_a_process_of_its_own(tmp_path):
    queue = RunQueue()
    queue.add(ordered(moons(**LONG), tmp_path))
    (first,) = going_on()
    order = ordered(moons(width=6), tmp_path)
    queue.add(order)
    second = queue.begin_now(order)
    assert second is not None
    assert (first.mode, second.mode, queue.waiting) == ("thread", "process", ())
    assert len(users_of("cpu")) == 2
    finished_losses = second.store.losses(second.run_id).tolist() if second.wait(PATIENCE_SECONDS) else None
    first.close()
    alone = TrainingRun(moons(width=6), runs_dir=tmp_path)
    finished(alone)
    assert finished_losses == alone.store.losses(alone.run_id).tolist()
    assert is_free("cpu")


def test_a_sweep_has_its_device_until_its_last_run(tmp_path):
    sweep = Sweep(moons(), Plan((axis_of("recipe.optimizer.lr=0.1,0.01"),), "grid"), runs_dir=tmp_path)
    sweep.start()
    queue, order = RunQueue(), ordered(moons(), tmp_path)
    queue.add(order)
    seen = []
    for _ in sweep.trials():
        now = queue.waiting, sweep.name in users_of("cpu")
        if not sweep.is_over:
            seen.append(now)
    assert set(seen) == {((order,), True)}
    emptied(queue)
    assert len(Store(tmp_path).list()) == 3


def test_auto_is_the_best_device_there_is():
    assert device_of("auto") == usable()[0]
    assert device_of("cuda:1") == "cuda"
    assert usable()[-1] == "cpu"
