"""A fault that was planted is named by its rule, with a repair that is one edit; the examples have none."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.document.document import Document
from engine.document.edits import RemoveNodes
from engine.document.files import load
from engine.document.project import Project
from engine.graph.graph import NodeId
from engine.layers.io import Input, Output
from engine.recipe.base import Dataset
from engine.recipe.files import CSVFile, ImageFolder
from engine.recipe.optimizers import SGD, Adam
from engine.recipe.recipe import Recipe
from engine.recipe.schedules import Constant
from engine.recipe.transforms import Scale
from engine.training.case import Finding
from engine.training.diagnosis import RULES, diagnose
from engine.training.events import Checked, Ended, Evaluated, InputFigures, Started, Steps, Timed, Used
from engine.training.history import History
from engine.training.run import TrainingRun
from tests.engine.networks import chain, project
from tests.engine.recipe_networks import suited
from tests.engine.runs import finished, layer, moons, until
from tests.engine.test_recipe import pictures

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "resources" / "examples").glob("*.netsmith"))


def trained(of: Project, tmp_path) -> History:
    with TrainingRun(of, runs_dir=tmp_path, trusted=True) as run:
        history = History()
        history.extend(finished(run))
    return history


def trained_until(rule: str, of: Project, tmp_path) -> dict[str, Finding]:
    """What is found after as many epochs as planned, or later: on a busy machine gradients are measured more rarely."""
    longer = replace(of, recipe=of.recipe.with_(epochs=10 * of.recipe.epochs))
    history, findings = History(), {}
    with TrainingRun(longer, runs_dir=tmp_path, trusted=True) as run:
        run.start()
        for event in run.events():
            history.extend([event])
            is_long = len(history.evaluations) >= of.recipe.epochs and history.step > 0
            if is_long and isinstance(event, Evaluated | Steps):
                findings = found(history, of)
                if rule in findings:
                    break
    return findings


def deep(activation: str, count: int, width: int = 16, **recipe) -> Project:
    """A row of linear layers on two moons."""
    inner = {}
    for i in range(count):
        inner |= {f"fc{i}": layer("Linear", out_features=width), f"act{i}": layer(activation)}
    layers = chain(x=Input(), **inner, last=layer("Linear", out_features=2), out=Output())
    options = {"dataset": Dataset.registry["TwoMoons"](samples=400), "epochs": 6, "seed": 1, "device": "cpu"}
    return project(layers, recipe=Recipe(**options | recipe))


def flat(optimizer, epochs: int = 8, **recipe) -> Project:
    return moons(samples=400, epochs=epochs, optimizer=optimizer, schedule=Constant(), **recipe)


def found(history: History, of: Project) -> dict[str, Finding]:
    return {finding.rule: finding for finding in diagnose(of, history)}


def started(parameters: int = 2) -> History:
    """A run that has begun, of which the rest is told by hand."""
    history = History()
    names = tuple(f"fc{i}.weight" for i in range(parameters))
    history.extend([Started("run", names, ((("main", "first"),),) * parameters, 4, 10, 32, "cpu")])
    return history


def scaled(of: Project, factor: float) -> Project:
    """Inputs that are so many times larger."""
    return replace(of, recipe=of.recipe.with_(transforms=(Scale(factor=factor),)))


def by_heart() -> Project:
    """Many parameters and few samples, half of them noise."""
    of = moons(width=256, epochs=120, optimizer=Adam(lr=0.02), validation=0.5)
    return replace(of, recipe=of.recipe.with_(dataset=Dataset.registry["TwoMoons"](samples=60, noise=0.6)))


PLANTED = {
    "vanishing gradients": lambda: deep("Sigmoid", 10),
    "missing normalisation": lambda: deep("ReLU", 9),
    "exploding gradients": lambda: scaled(deep("ReLU", 3, optimizer=SGD(lr=1e-9)), 1e6),
    "update ratio": lambda: flat(Adam(lr=1e-7)),
    "learning rate too high": lambda: flat(Adam(lr=3.0)),
    "learning rate too low": lambda: flat(Adam(lr=1e-7)),
    "dead ReLU": lambda: flat(SGD(lr=30.0)),
    "saturated activations": lambda: scaled(deep("Tanh", 2), 1e4),
    "unscaled inputs": lambda: scaled(deep("ReLU", 2), 1e3),
    "overfitting": by_heart,
}


@pytest.mark.parametrize("rule", PLANTED)
def test_a_planted_fault_fires_its_rule(rule, tmp_path):
    of = PLANTED[rule]()
    findings = trained_until(rule, of, tmp_path)
    assert rule in findings, [f.message for f in findings.values()]
    finding = findings[rule]
    assert finding.severity == "warning"
    assert finding.message.endswith(".")
    assert finding.hint
    assert finding.source
    assert finding.step > 0
    for repair in finding.repairs:
        document = Document(of)
        document.apply(repair.edit)
        assert document.project != of
        document.undo()
        assert document.project is of


def test_every_rule_is_planted():
    planted_in_files = {"loader-bound", "class imbalance"}
    assert {rule.name for rule in RULES} == set(PLANTED) | planted_in_files
    assert all(rule.source for rule in RULES)


def test_uneven_classes_are_counted_and_can_be_weighed(tmp_path):
    rows = [f"{i / 100},{i % 7},{'rare' if i % 25 == 0 else 'usual'}" for i in range(200)]
    table = tmp_path / "uneven.csv"
    table.write_text("a,b,kind\n" + "\n".join(rows), encoding="utf-8")
    dataset = CSVFile(path=str(table), targets="kind")
    of = moons()
    of = replace(of, recipe=of.recipe.with_(dataset=dataset, transforms=()))
    history = trained(of, tmp_path)
    finding = found(history, of)["class imbalance"]
    assert history.checked.classes[0] < history.checked.classes[1]
    (repair,) = finding.repairs
    weighed = repair.edit(of)
    assert weighed.recipe.losses[0].weight[0] > 10 * weighed.recipe.losses[0].weight[1]
    with TrainingRun(weighed, runs_dir=tmp_path) as run:
        assert isinstance(finished(run)[-1], Ended)


@pytest.mark.parametrize("validation", [0.0, 0.2])
def test_uneven_classes_of_pictures_are_counted(validation, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    path = pictures(folder, ("rare",), 2)
    pictures(folder, ("usual",), 30)
    of = suited(ImageFolder(path=path, size=8), device="cpu", batch_size=4, validation=validation)
    history = trained(of, tmp_path / "runs")
    assert history.checked.classes == ((2, 30) if not validation else (2, 24))
    assert "class imbalance" in found(history, of)


def test_pictures_that_take_longer_to_read_than_to_learn_from_are_told(tmp_path):
    """Large pictures of noise: unpacking and shrinking them is all that such a run does."""
    image = pytest.importorskip("PIL.Image")
    draw, folder = np.random.default_rng(0), tmp_path / "pictures"
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for i in range(4):
            noise = draw.integers(0, 256, (700, 700, 3), np.uint8)
            image.fromarray(noise).save(folder / name / f"{i}.png", compress_level=1)
    of = suited(ImageFolder(path=str(folder), size=8), device="cpu", batch_size=4, epochs=10_000)
    history = History()
    with TrainingRun(of, runs_dir=tmp_path / "runs") as run:
        run.start()
        history.extend(until(run, Timed, 4))
    finding = found(history, of)["loader-bound"]
    assert int(finding.message.split("%")[0].split()[-1]) > 60


def test_a_loop_that_waits_for_its_data_is_told(tmp_path):
    used = Used(1.0, 2, 1, 2)
    history = started()
    seconds = {"data": 0.02, "forward": 0.005, "backward": 0.005, "optimizer": 0.001, "rest": 0.0}
    history.extend([Timed(step, seconds, used) for step in (1, 2, 3)])
    finding = found(history, moons())["loader-bound"]
    assert "65 %" in finding.message
    history = started()
    history.extend([Timed(step, seconds | {"data": 0.0005}, used) for step in (1, 2, 3)])
    assert "loader-bound" not in found(history, moons())


def test_before_training_begins_nothing_is_found():
    assert diagnose(moons(), History()) == ()
    assert diagnose(moons(), started()) == ()


def test_a_layer_that_was_deleted_meanwhile_is_no_longer_spoken_of(tmp_path):
    of = PLANTED["dead ReLU"]()
    history = trained(of, tmp_path)
    dead = found(history, of)["dead ReLU"]
    without = RemoveNodes((NodeId(dead.node),))(of)
    assert "dead ReLU" not in found(history, without)


def test_looks_by_themselves_change_nothing_of_a_run(tmp_path):
    def losses(norms: bool) -> np.ndarray:
        of = moons(layer("Dropout"), epochs=20)
        with TrainingRun(of, runs_dir=tmp_path, norms=norms) as run:
            events = finished(run)
        assert bool([e for e in events if isinstance(e, Checked)]) is norms
        return np.concatenate([e.losses for e in events if isinstance(e, Steps)])

    assert np.array_equal(losses(True), losses(False))


def test_inputs_that_are_scaled_are_left_alone():
    history = started()
    history.extend([Checked(1, {}, {}, (InputFigures(0.1, 1.2, -3.0, 3.0),), (100, 90))])
    assert found(history, moons()) == {}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_have_no_fault(example, tmp_path):
    of = load(example)
    history = trained(of, tmp_path)
    assert [f"{f.rule}: {f.message}" for f in diagnose(of, history)] == []
    assert history.checked is not None
