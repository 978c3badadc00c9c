"""What a look shows is what went through the network, and the run never learns of it."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from engine.document.files import load
from engine.layers.control import Scan
from engine.training.events import Evaluated, Steps
from engine.training.history import History
from engine.training.look_figures import counted, ends_of, figures_of, histogram_from
from engine.training.look_now import Untrained, looked_at
from engine.training.looked import (
    FIGURES,
    GREATEST_OCTAVE,
    LEAST_OCTAVE,
    OCTAVES,
    Histogram,
    Look,
    Looked,
    Spread,
    Watch,
)
from engine.training.looks import Looks, SpreadLog
from engine.training.run import TrainingRun
from tests.engine.runs import code, end_of, finished, layer, moons, of, until

EXAMPLES = Path(__file__).parents[2] / "resources" / "examples"


def example(name):
    return load(EXAMPLES / f"{name}.netsmith")


def path_to(project, *names):
    """The path of a node by names, from the main block down."""
    found, block = [], project.block()
    for name in names:
        node = block.graph.by_name(name)
        found.append((str(block.id), str(node.id)))
        inner = getattr(node.layer, "block", "")
        block = project.block(inner) if inner else block
    return tuple(found)


def looked(project, look=None, *, change=lambda model: None):
    """One look into the untrained network, the model that it was, and the batch; all events."""
    there = Untrained(project, trusted=True)
    run = there._looker._run
    change(run.model)
    events = there.look(look or Look())
    event = next(e for e in events if isinstance(e, Looked))
    assert event.problem == ""
    data = run.parts["validation_data"]
    return event, run.model.eval(), tuple(t[:64] for t in data), events


def row_of(event, path, module="", turn=0):
    spot = next(s for s in event.spots if s.path == path and s.module == module and s.turn == turn)
    return dict(zip(FIGURES, event.figures[event.spots.index(spot)].tolist(), strict=True))


def by_hand(x, ends=None, units=1):
    """Every figure of a tensor, computed in numpy."""
    v = x.detach().numpy().astype(np.float64)
    each = np.moveaxis(v, units, -1).reshape(-1, v.shape[units])
    found = {"mean": v.mean(), "std": v.std(), "low": v.min(), "high": v.max(), "bad": 0.0}
    found |= {"zeros": (v == 0).mean(), "dead": (each == 0).all(0).mean(), "bytes": x.numel() * x.element_size()}
    if ends:
        margin = (ends[1] - ends[0]) / 100
        found["saturated"] = ((v <= ends[0] + margin) | (v >= ends[1] - margin)).mean()
    return found


def assert_figures(row, x, ends=None, units=1):
    for name, value in by_hand(x, ends, units).items():
        assert row[name] == pytest.approx(value, rel=1e-4, abs=1e-6), name


def test_figures_of_every_node_of_a_network_are_those_of_a_pass_by_hand():
    project = example("digits-cnn")
    event, m, (images, _), _ = looked(project)
    with torch.no_grad():
        stem = m.stem(images)
        relu = m.relu(m.norm(stem))
        proj = m.proj(relu)
        staged = m.stage(relu)
        pooled = m.pool(staged + proj).flatten(1)
        head = m.head(m.drop(pooled))
    parts = {"images": images, "stem": stem, "relu": relu, "proj": proj, "stage": staged, "join": staged + proj}
    parts |= {"flatten": pooled, "head": head}
    for name, value in parts.items():
        assert_figures(row_of(event, path_to(project, name)), value)
    assert event.sample.answer == pytest.approx(head[0].numpy(), abs=1e-5)
    assert event.sample.target == str(int(m_target(event, project)))
    nodes = {str(node) for node in project.block().graph.nodes}
    assert {s.path[0][1] for s in event.spots} == nodes - {str(n.id) for n in project.block().outputs}


def m_target(event, project):
    return Untrained(project)._looker._run.parts["validation_data"][1][event.sample.index]


def test_every_repeat_of_a_row_has_figures_of_its_own():
    project = example("digits-cnn")
    event, m, (images, _), _ = looked(project)
    x = m.relu(m.norm(m.stem(images)))
    for i, block in enumerate(m.stage):
        assert_figures(row_of(event, path_to(project, "stage", "conv1"), f"stage.{i}"), block.conv1(x))
        x = block(x)
        assert_figures(row_of(event, path_to(project, "stage"), f"stage.{i}"), x)


def test_every_turn_of_a_loop_has_figures_of_its_own():
    project = example("signs-scan")
    event, m, (signs, _), _ = looked(project)
    h = signs.new_zeros(len(signs), m.hidden)
    path = path_to(project, next(n.name for n in project.block().graph.nodes.values() if isinstance(n.layer, Scan)))
    gates = [s.path for s in event.spots if s.module == "cell" and s.turn == 3 and s.path[:-1] == path]
    assert len(gates) == len(set(gates)) >= 8
    for t in range(4):
        h = m.cell(signs[:, t], h)
        result = [s for s in event.spots if s.module == "cell" and s.turn == t][-1]
        assert_figures(row_of(event, result.path, "cell", t), h)


def test_a_probe_on_a_wire_between_functions_shows_that_tensor():
    project = example("digits-transformer")
    path = path_to(project, "encoder", "add1")
    event, m, (images, _), _ = looked(project, Look(watched=(Watch(path, "out"),)))
    first, second = event.seen
    x = m.embed(images.squeeze(1)) + m.position
    for seen, block in zip((first, second), m.encoder, strict=True):
        y = block.norm1(x)
        added = x + block.attention(y, y, y, need_weights=False)[0]
        assert seen.shape == tuple(added.shape)
        assert seen.dtype == "float32"
        assert seen.device == "cpu"
        assert seen.figures["mean"] == pytest.approx(added.mean().item(), abs=1e-5)
        assert_same_histogram(seen.histogram, added)
        tile = seen.picture.values[0].astype(float)
        shown = seen.picture.low + (tile - 1) / 254 * (seen.picture.high - seen.picture.low)
        np.testing.assert_allclose(shown, added[0].detach().numpy(), atol=0.02 * float(added.detach().abs().max()))
        x = block(x)


def test_attention_is_what_the_layer_says_when_it_is_asked():
    project = example("digits-transformer")
    event, m, (images, _), _ = looked(project, Look(layer=path_to(project, "encoder", "attention")))
    x = m.embed(images.squeeze(1)) + m.position
    assert len(event.attention) == 2
    for picture, block in zip(event.attention, m.encoder, strict=True):
        y = block.norm1(x)
        weights = block.attention(y, y, y, need_weights=True, average_attn_weights=False)[1][0].detach().numpy()
        shown = picture.low + (picture.values.astype(float) - 1) / 254 * (picture.high - picture.low)
        np.testing.assert_allclose(shown, weights, atol=0.005)
        x = block(x)


def test_feature_maps_and_filters_are_those_of_the_sample():
    project = example("digits-cnn")
    event, m, (images, _), _ = looked(project, Look(layer=path_to(project, "stem"), sample=5))
    maps = m.stem(images[5:6])[0].detach().numpy()
    (seen,) = event.seen
    for picture, values in ((seen.picture, maps), (event.filters[0], m.stem.weight.detach().numpy()[:, 0])):
        shown = picture.low + (picture.values.astype(float) - 1) / 254 * (picture.high - picture.low)
        np.testing.assert_allclose(shown, values, atol=0.005 * (picture.high - picture.low))
    assert event.sample.index == 5


def test_an_embedding_is_the_projection_on_the_main_axes():
    project = example("digits-cnn")
    event, m, _, _ = looked(project, Look(layer=path_to(project, "flatten"), embedding=True))
    images, digit = Untrained(project)._looker._run.parts["validation_data"]
    with torch.no_grad():
        features = m.pool(m.stage(m.relu(m.norm(m.stem(images[:256])))) + m.proj(m.relu(m.norm(m.stem(images[:256])))))
    x = features.flatten(1).double().numpy()
    x = x - x.mean(0)
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    np.testing.assert_allclose(np.abs(event.embedding.places), np.abs(u[:, :2] * s[:2]), atol=1e-4)
    np.testing.assert_allclose(event.embedding.share, (s[:2] ** 2 / (s**2).sum()), rtol=1e-4)
    assert event.embedding.labels.tolist() == digit[:256].tolist()


def test_gradients_of_activations_are_those_of_the_loss():
    project = example("digits-cnn")
    layer_path = path_to(project, "relu")
    event, m, (images, digit), events = looked(project, Look(layer=layer_path, gradients=True))
    relu = m.relu(m.norm(m.stem(images)))
    head = m.head(m.pool(m.stage(relu) + m.proj(relu)).flatten(1))
    gradient = torch.autograd.grad(F.cross_entropy(head, digit), relu)[0]
    assert row_of(event, layer_path)["gradient"] == pytest.approx(gradient.norm().item(), rel=1e-4)
    spread = next(e for e in events if isinstance(e, Spread) and e.kind == "gradients")
    assert_same_histogram(spread.histogram, gradient)
    assert all(p.grad is None for p in m.parameters())


def test_a_look_as_in_training_drops_and_uses_the_statistics_of_the_batch():
    project = moons(layer("BatchNorm1d"), layer("Dropout", p=0.5))
    event, m, (points, _), _ = looked(project, Look(mode="training"))
    m.train()
    normed = m.middle0(m.act(m.first(points[:64])))
    assert_figures(row_of(event, path_to(project, "middle0")), normed)
    assert 0.3 < row_of(event, path_to(project, "middle1"))["zeros"] < 0.7


def test_dead_units_and_saturated_ones_are_counted():
    project = moons(layer("Tanh"))

    def kill(model):
        with torch.no_grad():
            model.first.bias[:4] = -100
            model.first.bias[4:8] = 100

    event, m, (points, _), _ = looked(project, change=kill)
    active = m.act(m.first(points))
    is_dead = (active == 0).all(0)
    assert is_dead[:4].all()
    assert row_of(event, path_to(project, "act"))["dead"] == pytest.approx(is_dead.float().mean().item())
    row = row_of(event, path_to(project, "middle0"))
    assert_figures(row, m.middle0(active), (-1, 1))
    assert row["saturated"] >= 4 / 16


def test_numbers_that_are_not_finite_are_shown_as_such():
    project = moons(code("def hurt(x):\n    return x / (x[:, :1] * 0)"))
    path = path_to(project, "middle0")
    event, m, (points, _), _ = looked(project, Look(layer=path))
    x = m.act(m.first(points))
    hurt = x / (x[:, :1] * 0)
    row = row_of(event, path)
    assert row["bad"] == (~torch.isfinite(hurt)).sum().item() > 0
    assert np.isnan(row["mean"])
    (seen,) = event.seen
    assert seen.histogram.bad == row["bad"]
    assert not np.isfinite(seen.picture.values).any()


def assert_same_histogram(histogram, x):
    values = x.detach().double().numpy().ravel()
    edge = 2.0**histogram.exponent
    assert np.abs(values).max() <= edge
    np.testing.assert_array_equal(histogram.linear, np.histogram(values, bins=128, range=(-edge, edge))[0])
    octave = np.clip(np.frexp(values[values != 0])[1], LEAST_OCTAVE, GREATEST_OCTAVE) - LEAST_OCTAVE
    np.testing.assert_array_equal(histogram.octaves, np.bincount(octave, minlength=OCTAVES))
    assert histogram.zeros == (values == 0).sum()


@given(st.lists(st.floats(width=32), min_size=1, max_size=60))
def test_a_histogram_counts_every_element_once(values):
    x = torch.tensor(values, dtype=torch.float32)
    histogram = histogram_from(counted(x).numpy())
    finite = x[torch.isfinite(x)]
    assert histogram.count == len(values)
    assert histogram.bad == len(values) - len(finite)
    assert histogram.octaves.sum() + histogram.zeros + histogram.bad == len(values)
    if len(finite) and 2.0**-90 < finite.abs().max() < 2.0**90:
        edge = 2.0**histogram.exponent
        np.testing.assert_array_equal(
            histogram.linear, np.histogram(finite.double().numpy(), bins=128, range=(-edge, edge))[0]
        )


@given(st.lists(st.lists(st.floats(-9, 9, width=32), min_size=1, max_size=9), min_size=1, max_size=60))
def test_distributions_over_time_are_bounded_and_lose_nothing(moments):
    log = SpreadLog(most=8)
    for step, values in enumerate(moments):
        log.append(step, histogram_from(counted(torch.tensor(values)).numpy()))
    assert len(log) <= 8
    assert log.steps[0] == 0
    assert sum(h.count for h in log.histograms) == sum(map(len, moments))
    everything = torch.tensor([v for values in moments for v in values])
    total = sum(log.histograms[1:], start=log.histograms[0])
    alone = histogram_from(counted(everything).numpy())
    np.testing.assert_array_equal(total.linear, alone.widened(total.exponent).linear)
    assert log.linear().sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("shape", [(7,), (6, 5), (4, 3, 5), (4, 3, 5, 2), (2, 3, 4, 3, 2), ()])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.bool])
def test_figures_of_every_shape_and_type(shape, dtype):
    x = (torch.randn(shape, generator=torch.Generator().manual_seed(1)) * 3).relu().to(dtype)
    row = dict(zip(FIGURES, figures_of(x).tolist(), strict=False))
    units = {0: 0, 1: 0, 2: 1, 3: 2}.get(x.ndim, 1)
    expected = by_hand(x.double().reshape(shape or (1,)), units=units)
    for name in ("mean", "std", "low", "high", "zeros", "bad", "dead"):
        assert row[name] == pytest.approx(expected[name], rel=1e-2 if dtype is torch.bfloat16 else 1e-4), name


def test_what_squashes_is_known_as_module_and_as_function():
    assert ends_of(torch.nn.Sigmoid()) == (0, 1)
    assert ends_of(None, "x = torch.tanh(x)") == (-1, 1)
    assert ends_of(torch.nn.ReLU(), "x = self.tanh(x)") is None
    assert ends_of(torch.nn.Hardtanh(-2, 2)) == (-2, 2)


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


def test_phases_are_looked_into_as_far_as_the_network_answers():
    project = example("gan-digits")
    event, _, _, _ = looked(project, Look(gradients=True, layer=path_to(project, "generator")))
    assert event.figures.shape == (len(event.spots), len(FIGURES))
    assert np.isfinite(event.figures[:, FIGURES.index("mean")]).all()


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.netsmith")))
def test_every_example_can_be_looked_into(name):
    project = example(name)
    kept, events = looked_at(project, None, Look(gradients=True), trusted=True)
    looks = Looks()
    for event in events:
        looks.take(event)
    assert looks.problem == ""
    known = {path[0][1] for path in looks.figure("mean")}
    outputs = {str(node.id) for node in project.block().outputs}
    assert known >= {str(n) for n in project.block().graph.nodes} - outputs
    again, _ = looked_at(project, None, Look(sample=1), trusted=True, kept=kept)
    assert again is kept


def test_a_figure_of_a_node_is_the_mean_of_its_repeats_or_the_worst():
    project = example("digits-cnn")
    event, _, _, _ = looked(project)
    looks = Looks()
    looks.take(event)
    path = path_to(project, "stage", "conv1")
    each = [row_of(event, path, f"stage.{i}") for i in range(3)]
    assert looks.figure("std")[path] == pytest.approx(np.mean([r["std"] for r in each]))
    assert looks.figure("std", worst=True)[path] == pytest.approx(max(r["std"] for r in each))
    assert looks.figure("bytes")[path] == sum(r["bytes"] for r in each)
    whole = path_to(project, "stage")
    assert looks.figure("bytes")[whole] == row_of(event, whole)["bytes"]


def test_a_histogram_keeps_its_elements_in_a_greater_range():
    small = histogram_from(counted(torch.tensor([0.1, -0.2, 0.3])).numpy())
    both = small + Histogram(2, np.zeros(128, np.int64), np.zeros(OCTAVES, np.int64))
    assert both.exponent == 2
    assert both.count == 3
    np.testing.assert_array_equal(both.linear, np.histogram([0.1, -0.2, 0.3], bins=128, range=(-4, 4))[0])
