"""What would keep a run from going well is known before it begins, and has a way out where there is one."""

import pytest

import engine.layers  # noqa: F401 - fills the registry
from engine.analysis import fit_training
from engine.analysis.infer import infer
from engine.analysis.machine import memory_bytes, readable
from engine.analysis.repairs import with_repairs
from engine.build import build
from engine.codegen.script import script
from engine.layers.activation import ReLU
from engine.layers.block import BlockLayer
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.layers.normalization import BatchNorm1d
from engine.recipe.generated import TwoMoons
from engine.recipe.optimizers import SGD, Adagrad, Adam
from engine.recipe.recipe import Recipe
from engine.recipe.schedules import OneCycle
from tests.engine.networks import block, chain, graph, project


def moons(drawn=None, **options):
    drawn = drawn or chain(x=Input(), head=Linear(out_features=2), y=Output())
    return project(drawn, recipe=Recipe(dataset=TwoMoons(), device="cpu", epochs=1).with_(**options))


def normed():
    return chain(x=Input(), body=Linear(out_features=4), norm=BatchNorm1d(), head=Linear(out_features=2), y=Output())


def problem_of(made, severity="error"):
    (found,) = [p for p in with_repairs(made, infer(made)).problems if p.severity == severity]
    return found


TROUBLE = {
    "no validation": (moons(dataset=TwoMoons(samples=10), validation=0.05), "10 samples leave 0 for validation"),
    "one alone": (moons(normed(), batch_size=799), "The last of 800 training samples is alone"),
    "each alone": (moons(normed(), batch_size=1), "Every sample is alone in a batch"),
    "nesterov": (moons(optimizer=SGD(nesterov=True)), "nesterov needs a momentum"),
    "dampened": (moons(optimizer=SGD(nesterov=True, momentum=0.9, dampening=0.5)), "no dampening"),
}


@pytest.mark.parametrize("case", TROUBLE)
def test_what_would_end_a_run_is_a_problem_with_a_repair_after_which_it_can_be_trained(case):
    made, words = TROUBLE[case]
    problem = problem_of(made)
    assert words in problem.message
    assert problem.hint
    assert problem.repairs
    for repair in problem.repairs:
        mended = repair.edit(made)
        assert script(mended, infer(mended)).text


def test_a_lonely_sample_is_told_at_the_layer_that_minds_it_however_deep_it_stands():
    inner = block("stage", chain(x=Input(), norm=BatchNorm1d(), y=Output()))
    nodes = {"x": Input(), "stage": BlockLayer(block="stage"), "head": Linear(out_features=2), "y": Output()}
    outer = graph(nodes, "x -> stage.x", "stage.y -> head", "head -> y")
    made = project(outer, inner, recipe=Recipe(dataset=TwoMoons(), batch_size=799))
    problem = problem_of(made)
    assert (problem.block, problem.path) == ("stage", "stage.norm")


def test_nothing_to_learn_is_a_problem():
    assert "nothing to train" in problem_of(moons(chain(x=Input(), relu=ReLU(), y=Output()))).message


def test_one_cycle_goes_with_every_optimizer_and_says_so_where_it_has_no_steps_to_rise_in():
    for optimizer in (SGD(), Adam(), Adagrad()):
        made = moons(optimizer=optimizer, schedule=OneCycle())
        analysis = infer(made)
        assert analysis.is_valid
        space = build(script(made, analysis))
        events = list(space["train"](*space["setup"]()))
        assert len(events) == 25 + 1
    assert "One cycle" in problem_of(moons(schedule=OneCycle(pct_start=0.04))).message


def test_a_network_larger_than_memory_is_refused_before_it_is_built_and_a_large_batch_is_warned_of(monkeypatch):
    made = moons(chain(x=Input(), wide=Linear(out_features=10**6), head=Linear(out_features=2), y=Output()))
    assert infer(made).is_valid
    needed = infer(made).training_bytes
    monkeypatch.setattr(fit_training, "memory_bytes", lambda: needed - 1)
    assert "A step may need" in problem_of(made, "warning").message
    monkeypatch.setattr(fit_training, "memory_bytes", lambda: 10**6)
    problem = problem_of(made)
    assert problem.path == "wide"
    assert "1.0 MB of memory" in problem.message


def test_memory_is_read_and_written_as_people_do():
    assert (memory_bytes() or 10**9) > 10**8
    shown = [readable(n) for n in (0, 999, 1000, 36_384, 8.1e12)]
    assert shown == ["0 bytes", "999 bytes", "1.0 kB", "36.4 kB", "8.1 TB"]
