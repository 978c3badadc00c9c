"""A run in a process of its own: the same events, and neither outlives the other."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.training.events import Ended, Failed, Paused, Preparing, Started, Steered, Steps
from engine.training.run import TrainingRun
from tests.engine.runs import PATIENCE_SECONDS, code, end_of, finished, moons, of, until

LONG = 1_000_000
ROOT = Path(__file__).resolve().parents[2]


def in_process(given, **options):
    return TrainingRun(given, mode="process", **options)


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


def child_of(run: TrainingRun):
    process = run._control._process
    assert process is not None
    return process


def test_a_process_is_steered_like_a_thread_and_leaves_nothing_behind():
    with in_process(moons(epochs=LONG)) as run:
        run.start()
        events = until(run, Steps)
        pid = child_of(run).pid
        assert of(events, Started)[0].parameters[0] == "first.weight"
        assert of(events, Started)[0].nodes[0] == (("main", "first"),)
        run.pause()
        paused = of(until(run, Paused), Paused)[0]
        run.step()
        assert of(until(run, Paused), Paused) == [Paused(paused.step + 1)]
        run.set(lr=0.5)
        assert of(until(run, Steered), Steered)[0].after == 0.5
        run.resume()
        until(run, Steps)
        run.stop()
        events = finished(run)
        assert end_of(events).reason == "stopped"
        assert run.store.checkpoint_path(run.run_id).exists()
        assert run.store.get(run.run_id).state == "stopped"
    assert not is_running(pid)


def test_a_child_that_dies_fails_the_run():
    with in_process(moons(epochs=LONG)) as run:
        run.start()
        until(run, Steps)
        child_of(run).kill()
        ending = end_of(finished(run))
        assert isinstance(ending, Failed)
        assert "died" in ending.message
        assert run.state == "failed"
        assert run.store.get(run.run_id).state == "failed"


def test_a_failure_in_the_child_names_its_node():
    broken = code("def broken(x):\n    if x.device.type != 'meta':\n        raise ValueError('oh no')\n    return x\n")
    with in_process(moons(broken), trusted=True) as run:
        ending = end_of(finished(run))
    assert isinstance(ending, Failed)
    assert (ending.block, ending.node, ending.message) == ("main", "middle0", "middle0: ValueError: oh no")


def test_a_stop_while_the_process_starts_ends_it():
    with in_process(moons(epochs=LONG)) as run:
        run.start()
        until(run, Preparing)
        run.stop()
        ending = end_of(finished(run))
    assert isinstance(ending, Ended)
    assert ending.reason == "stopped"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_child_ends_when_its_parent_is_killed(netsmith_home):
    program = (
        "from engine.training.events import Steps\n"
        "from engine.training.run import TrainingRun\n"
        "from tests.engine.runs import moons, until\n"
        "if __name__ == '__main__':\n"
        f"    run = TrainingRun(moons(epochs={LONG}), mode='process')\n"
        "    run.start()\n"
        "    until(run, Steps)\n"
        "    print(run._control._process.pid, flush=True)\n"
        "    run.wait()\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    script = netsmith_home.parent / "parent.py"
    script.write_text(program, encoding="utf-8")
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while is_running(child):
        assert time.monotonic() < deadline, "the child outlives its parent"
        os.sched_yield()
