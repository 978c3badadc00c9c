"""The main job on the real window, with mouse and keys: draw, train, steer, export, undo."""

import itertools
import subprocess
import sys

from engine.document.block_edits import SetRecipe
from engine.recipe.base import Dataset
from engine.training.events import Evaluated, Steered
from gui.demo_hands import wait_until
from gui.dialogs.export import ExportDialog
from main import main
from tests.gui.window_fixture import hands, open_example  # noqa: F401

LONG = 100_000  # epochs of a run that goes on for as long as a test may take


def drawn(hands):  # noqa: F811
    """Input, Linear, ReLU, Linear and Output, each added with the keyboard and wired with the mouse. Their ids."""
    hands.window.desk.show_part("bottom", False)
    names = ["input", "linear 8", "relu", "linear 2", "output"]
    added = [hands.add_layer(name) for name in names]
    hands.session.apply(SetRecipe("dataset", Dataset.registry["TwoMoons"](samples=200)))
    hands.shortcut("Ctrl+L")
    hands.canvas.zoom_reset()
    for a, b in itertools.pairwise(added):
        hands.canvas.surface.look_at(hands.canvas.drawing.bounds([a, b]).center(), 1.0)
        (_, outs), (ins, _) = (hands.session.project.ports(hands.session.block.graph.nodes[n]) for n in (a, b))
        hands.connect(a, outs[0].name, b, ins[0].name)
    hands.settle()
    return added


def test_a_network_is_drawn_from_nothing_trained_exported_and_undone(hands, tmp_path):  # noqa: F811
    nothing, session = hands.session.project, hands.session
    added = drawn(hands)
    assert len(session.block.graph.edges) == 4
    assert session.analysis.is_valid, [p.message for p in session.analysis.problems]
    assert str(session.analysis.main.nodes[added[3]].outputs["out"]) == "B × 2"
    session.apply(SetRecipe("epochs", 3))
    session.apply(SetRecipe("device", "cpu"))
    hands.settle()
    hands.shortcut("F5")
    wait_until(lambda: session.runner.history.over is not None, "the run ends")
    lines = [e.line for e in session.runner.history.events if isinstance(e, Evaluated)]
    assert len(lines) == 3
    path = tmp_path / "net.py"
    hands.shortcut("Ctrl+E")
    dialog = hands.dialog(ExportDialog)
    dialog.file.line.setText(str(path))
    hands.click(dialog.button)
    wait_until(path.exists, "the file is written")
    alone = subprocess.run([sys.executable, "-I", path], capture_output=True, text=True, cwd=tmp_path)
    assert alone.stdout.splitlines() == lines, alone.stderr
    while session.document.undo_label:
        hands.shortcut("Ctrl+Z")
    assert session.project is nothing


def test_a_run_pauses_steps_goes_on_is_steered_and_stops(hands):  # noqa: F811
    open_example(hands, "mlp-moons")
    session, runner = hands.session, hands.session.runner
    session.apply(SetRecipe("epochs", LONG))
    hands.settle()
    hands.shortcut("F5")
    wait_until(lambda: runner.history.step > 0, "it trains")
    hands.shortcut("F7")
    wait_until(lambda: runner.state == "paused" and runner.history.paused, "it pauses")
    step = runner.history.step
    hands.shortcut("F8")
    wait_until(lambda: runner.history.step > step and runner.state == "paused", "it makes a step")
    assert runner.history.step == step + 1
    hands.shortcut("Ctrl+Shift+R")
    hands.focus().selectAll()  # type: ignore[attr-defined]  # the form begins with the rate
    hands.write("0.0005")
    hands.key("Return")
    hands.shortcut("F7")
    wait_until(lambda: any(isinstance(e, Steered) for e in runner.history.events), "the rate changes")
    wait_until(lambda: runner.history.step > step + 1, "it goes on")
    hands.canvas.add_layer("ReLU")
    assert runner.edited_since(session.project)
    hands.shortcut("Shift+F5")
    wait_until(lambda: runner.history.over is not None, "it stops")
    assert runner.state == "ended"
    assert not hands.window.toolbar.busy.isVisible()


def test_a_run_that_was_stopped_goes_on_where_it_was(hands):  # noqa: F811
    open_example(hands, "mlp-moons")
    session, runner = hands.session, hands.session.runner
    session.apply(SetRecipe("epochs", LONG))
    hands.settle()
    hands.shortcut("F5")
    wait_until(lambda: len(runner.history.evaluations) >= 2, "two epochs are trained")
    hands.shortcut("Shift+F5")
    wait_until(lambda: runner.history.over is not None, "it stops")
    done, first = runner.history.epoch, runner.run
    hands.window.training.start(first.run_id)
    wait_until(lambda: runner.run is not first and runner.history.step > 0, "it goes on")
    assert 1 <= runner.history.started.first_epoch <= done  # where the newest checkpoint is, not every epoch has one
    hands.shortcut("Shift+F5")
    wait_until(lambda: runner.history.over is not None, "it stops")


def test_a_picture_is_drawn_without_a_window(tmp_path):
    root = main.__globals__["__file__"]
    out = tmp_path / "net.svg"
    command = [sys.executable, root, "render", f"{root[:-7]}resources/examples/mlp-moons.netsmith", "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert out.read_text(encoding="utf-8").startswith("<?xml")


def test_what_is_no_file_and_no_command_is_wrong_usage(capsys):
    assert main(["nothing-of-that-name"]) == 2
    assert "nothing-of-that-name" in capsys.readouterr().err
    assert main(["render", "nothing.netsmith", "-o", "out.png"]) == 1
    assert main(["--no-such-option"]) == 2
