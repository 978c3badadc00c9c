"""What a look shows is what went through the network."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from engine.layers.control import Scan
from engine.training.look_now import Untrained, looked_at
from engine.training.looked import (
    FIGURES,
    Look,
    Spread,
    Watch,
)
from engine.training.looks import Looks
from tests.engine.looking import EXAMPLES, assert_figures, assert_same_histogram, example, looked, path_to, row_of
from tests.engine.runs import code, layer, moons


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
    return Untrained(project)._looker.run.parts["validation_data"][1][event.sample.index]


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
    images, digit = Untrained(project)._looker.run.parts["validation_data"]
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
