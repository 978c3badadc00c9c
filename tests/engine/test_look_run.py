"""A run may be looked into, and never learns of it."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.errors import TrainingError
from engine.training.events import Evaluated, Preparing, Steps
from engine.training.history import History
from engine.training.look_figures import counted, histogram_from
from engine.training.look_now import looked_at
from engine.training.looked import (
    ALONE,
    Look,
    Looked,
)
from engine.training.looks import SpreadLog
from engine.training.run import TrainingRun
from tests.engine.looking import path_to
from tests.engine.runs import code, end_of, finished, layer, moons, of, until


def curve_with(look, project, mode="thread"):
    """Losses and lines of a run, looked into or not."""
    run = TrainingRun(project, mode=mode)
    if look is not None:
        run.look(look)
    events = finished(run)
    history = History()
    history.extend(events)
    return np.concatenate([s.losses for s in of(events, Steps)]), [e.line for e in of(events, Evaluated)], history


@pytest.mark.parametrize("mode", ["use", "training"])
def test_the_curve_is_the_same_bit_for_bit_whether_or_not_one_looks(mode):
    project = moons(layer("BatchNorm1d"), layer("Dropout", p=0.3), epochs=4)
    path = path_to(project, "first")
    losses, lines, _ = curve_with(None, project)
    look = Look(layer=path, gradients=True, embedding=True, every=0.0, mode=mode)
    seen, seen_lines, history = curve_with(look, project)
    assert np.array_equal(losses, seen)
    assert lines == seen_lines
    assert history.looks.last is not None
    assert history.looks.problem == ""


def test_distributions_of_weights_gradients_and_updates_are_told_while_training():
    project = moons(epochs=30)
    path = path_to(project, "first")
    _, _, history = curve_with(Look(layer=path, every=0.0, gradients=True), project, mode="thread")
    found = history.looks.spreads(path)
    wanted = {(name, kind) for name in ("weight", "bias") for kind in ("weights", "gradients", "updates")}
    assert set(found) >= wanted | {("out", "activations"), ("out", "gradients")}
    assert {h.count for h in found["weight", "updates"].histograms} == {32}


def test_a_run_in_a_process_tells_of_its_looks_too():
    project = moons(epochs=2)
    _, _, history = curve_with(Look(layer=path_to(project, "first"), every=0.0), project, mode="process")
    assert history.looks.last is not None
    assert {s.path[-1][1] for s in history.looks.last.spots} == {"x", "first", "act", "last"}


def test_one_may_look_while_the_run_is_paused_and_stop_looking():
    project = moons(epochs=400)
    with TrainingRun(project) as run:
        run.start()
        until(run, Steps)
        run.pause()
        run.look(Look(sample=3))
        (event,) = of(until(run, Looked), Looked)
        assert event.sample.index == 3
        run.look(Look(sample=4))
        (event,) = of(until(run, Looked), Looked)
        assert event.sample.index == 4
        run.look(None)
        run.resume()
        until(run, Steps)
        assert of(finished(run), Looked) == []


def test_a_look_that_fails_is_told_and_does_no_harm():
    project = moons(code("def odd(x):\n    assert len(x) != 64, 'no 64'\n    return x"), samples=400, epochs=2)
    run = TrainingRun(project, trusted=True)
    run.look(Look(every=0.0))
    events = finished(run)
    problems = [e.problem for e in of(events, Looked)]
    assert problems
    assert all(problem == "AssertionError: no 64" for problem in problems)
    assert end_of(events).reason == "finished"


def test_after_a_run_one_looks_at_what_it_has_learned():
    project = moons(epochs=3)
    run = TrainingRun(project)
    finished(run)
    path = run.folder / "checkpoints" / "last.safetensors"
    _, before = looked_at(project, None, Look(), trusted=True)
    kept, after = looked_at(project, None, Look(), trusted=True, weights=path)
    model = kept._looker.run.model.eval()
    points = kept._looker.run.parts["validation_data"][0]
    learned = of(after, Looked)[0]
    assert learned.step == 3 * 3
    assert learned.sample.answer == pytest.approx(model(points)[0].detach().numpy(), abs=1e-5)
    assert not np.allclose(learned.sample.answer, of(before, Looked)[0].sample.answer)
    weights = load_file(path)
    assert torch.equal(weights["first.weight"], model.first.weight)


def test_no_look_from_outside_draws_from_the_random_numbers_of_a_run():
    project = moons(layer("Dropout"), epochs=400)
    kept, _ = looked_at(project, None, Look(), trusted=True)
    with TrainingRun(project) as run:
        run.start()
        until(run, Steps)
        with pytest.raises(TrainingError, match="going on"):
            looked_at(project, None, Look(), trusted=True, kept=kept)
    with ALONE:
        waiting = TrainingRun(moons(epochs=1))
        waiting.start()
        until(waiting, Preparing)
        assert of(waiting.drain(), Steps) == []
    assert end_of(finished(waiting)).reason == "finished"


def test_what_is_seen_of_a_step_again_takes_the_place_of_what_was_seen_before():
    log = SpreadLog()
    for step, value in ((3, 1.0), (3, 2.0), (4, 4.0)):
        log.append(step, histogram_from(counted(torch.tensor([value])).numpy()))
    assert log.steps == [3, 4]
    assert [h.exponent for h in log.histograms] == [2, 3]
