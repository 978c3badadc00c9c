"""Where time goes is told part by part and layer by layer, and measuring it changes nothing of a run."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from engine.document.files import load
from engine.recipe.optimizers_special import LBFGS
from engine.training import clock as clock_module
from engine.training.clock import Clock, tensors_in
from engine.training.control import Control
from engine.training.events import PARTS_OF_A_STEP, Ended, Steps, Timed, Traced
from engine.training.history import History
from engine.training.job import Job
from engine.training.run import TrainingRun
from engine.training.running import Running
from engine.training.trace import MOST_STEPS
from tests.engine.runs import end_of, finished, moons, of, until

EXAMPLES = Path(__file__).resolve().parents[2] / "resources" / "examples"


def losses_of(events):
    return np.concatenate([event.losses for event in of(events, Steps)])


def running(model, optimizer, emit=lambda event: None):
    """What a member is given, around a network of its own."""
    job = Job(None, "run", "", 1, {})
    return Running(job, {}, {"model": model, "optimizer": optimizer}, emit, Control(), 1, 1)


def marks_of(step, optimizer_of=torch.optim.SGD, every=1):
    """The names of the marks that a step makes."""
    model = nn.Linear(2, 1)
    optimizer = optimizer_of(model.parameters(), lr=0.1)
    clock = Clock(running(model, optimizer))
    clock.before_step()
    step(model, optimizer)
    clock.after_step()
    return [part for part, _, _ in clock._waiting[0]]


def plain(model, optimizer):
    loss = model(torch.ones(3, 2)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def test_the_marks_of_a_step_stand_in_order():
    assert marks_of(plain) == ["data", "forward", "backward", "optimizer", "rest", ""]


def test_parts_of_a_batch_that_are_accumulated_are_marked_one_by_one():
    def accumulated(model, optimizer):
        for _ in range(2):
            model(torch.ones(3, 2)).mean().backward()
        optimizer.step()

    assert marks_of(accumulated) == ["data", *["forward", "backward"] * 2, "optimizer", "rest", ""]


def test_what_lies_between_two_marks_belongs_to_the_first():
    clock = Clock(running(nn.Linear(2, 1), None))
    marks = [("data", 1.0, None), ("forward", 1.5, None), ("backward", 3.5, None), ("forward", 4.5, None)]
    split = clock._split([*marks, ("optimizer", 5.0, None), ("rest", 9.0, None), ("", 9.25, None)])
    assert split == {"data": 0.5, "forward": 2.5, "backward": 1.0, "optimizer": 4.0, "rest": 0.25}


def test_an_epoch_that_ends_where_a_step_was_expected_is_no_time_of_the_step():
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    clock = Clock(running(model, optimizer))
    clock.before_step()
    with torch.no_grad():
        model(torch.ones(1, 2))  # evaluation
    clock.before_step()
    plain(model, optimizer)
    clock.after_step()
    assert [part for part, _, _ in clock._waiting[0]] == ["data", "forward", "backward", "optimizer", "rest", ""]


def test_between_the_steps_that_are_measured_nothing_is_hooked():
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    clock = Clock(running(model, optimizer))
    for _ in range(3):
        clock.before_step()
        plain(model, optimizer)
        clock.after_step()
    assert len(clock._waiting) == 1
    assert not model._forward_hooks
    assert not model._forward_pre_hooks
    assert not optimizer._optimizer_step_pre_hooks
    assert not optimizer._optimizer_step_post_hooks
    clock._next = 0.0
    clock.before_step()
    clock.leave()
    assert not model._forward_hooks


@pytest.mark.parametrize("recipe", [{}, {"accumulate": 2}, {"optimizer": LBFGS()}, {"clip": 0.5}], ids=str)
def test_every_run_tells_where_its_time_goes(recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(clock_module, "SAMPLED_SECONDS", 0.0)
    monkeypatch.setattr(clock_module, "TOLD_SECONDS", 0.0)
    with TrainingRun(moons(**recipe), runs_dir=tmp_path) as run:
        events = finished(run)
    timed = of(events, Timed)
    assert timed
    for event in timed:
        assert tuple(event.seconds) == PARTS_OF_A_STEP
        assert all(value >= 0.0 for value in event.seconds.values())
        assert event.seconds["forward"] > 0
        assert event.seconds["backward"] > 0
        assert event.used.memory > 10_000_000
        assert event.used.cores >= 1
    history = History()
    history.extend(events)
    assert history.times.last is timed[-1]
    assert len(history.times.parts["forward"]) == len(timed)
    assert not of(history.events, Timed)


@pytest.mark.parametrize("result", [torch.ones(2), (torch.arange(2), {"a": [torch.ones(2)]})])
def test_outputs_are_found_in_whatever_holds_them(result):
    assert [tensor.tolist() for tensor in tensors_in(result)] == [[1.0, 1.0]]


@pytest.mark.parametrize("mode", ["thread", "process"])
def test_a_trace_names_every_layer_and_changes_nothing(mode, tmp_path):
    with TrainingRun(moons(), runs_dir=tmp_path) as run:
        without = losses_of(finished(run))
    with TrainingRun(moons(), runs_dir=tmp_path, mode=mode) as run:
        run.trace(4)
        events = finished(run)
    assert isinstance(end_of(events), Ended)
    assert np.array_equal(losses_of(events), without)
    (traced,) = of(events, Traced)
    assert traced.steps == 4
    assert [node.name for node in traced.nodes] == ["first", "act", "last"]
    assert [node.path for node in traced.nodes] == [(("main", node),) for node in ("first", "act", "last")]
    assert all(node.forward > 0 and node.backward > 0 and node.calls == 1 for node in traced.nodes)
    written = json.loads(Path(traced.path).read_text(encoding="utf-8"))
    assert sum(event.get("name") == "node: act" for event in written["traceEvents"]) == 4


def test_repeats_of_a_block_have_a_line_each_with_the_way_to_their_node(tmp_path):
    project = load(EXAMPLES / "digits-transformer.netsmith")
    with TrainingRun(project, runs_dir=tmp_path) as run:
        run.trace(2)
        run.start()
        (traced,) = of(until(run, Traced), Traced)
    nodes = {node.name: node for node in traced.nodes}
    first, second = nodes["encoder.0.attention"], nodes["encoder.1.attention"]
    assert first.path == second.path
    assert [project.block(block).graph.nodes[node].name for block, node in first.path] == ["encoder", "attention"]
    inside = sum(node.forward for name, node in nodes.items() if name.startswith("encoder."))
    assert nodes["encoder"].forward >= inside * 0.9


def test_a_trace_that_the_end_cuts_short_is_of_the_steps_there_were(tmp_path):
    with TrainingRun(moons(epochs=1), runs_dir=tmp_path) as run:
        run.trace(MOST_STEPS + 1)
        events = finished(run)
    (traced,) = of(events, Traced)
    assert traced.steps == 3
    assert isinstance(end_of(events), Ended)
