"""The line that a script prints after every epoch."""

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.script import script
from tests.engine.runs import moons


def test_a_loss_that_has_left_all_bounds_is_written_short():
    given = moons()
    report = build(script(given, infer(given)))["report"]
    line = report({"epoch": 2, "loss": 1.23456e28, "val_loss": 0.25, "lr": 0.1}, 3)
    assert line == "epoch 2/3  loss 1.235e+28  val_loss 0.250000"
    assert "loss nan" in report({"epoch": 1, "loss": float("nan")}, 3)
