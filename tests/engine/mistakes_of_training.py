"""Mistakes with losses and targets."""

from __future__ import annotations

from engine.layers.io import Input, Output
from engine.recipe.data import DigitParity
from engine.recipe.losses import BCELoss, CrossEntropyLoss, MSELoss
from engine.recipe.metrics import MAE
from engine.recipe.tables import BreastCancer, Diabetes, Wine
from tests.engine.mistake import FLAT, TABLE, VALUE, Mistake, ending, layer, on
from tests.engine.networks import chain

two = layer("Linear", out_features=2)


TRAINING: dict[str, Mistake] = {
    "two scores for yes or no": Mistake(
        on(chain(x=Input(), h=two, y=Output()), **TABLE), "y", ("B × 2", "one number"), "Set h out_features to 1"
    ),
    "probabilities for BCEWithLogits": Mistake(
        on(chain(x=Input(), h=layer("Linear", out_features=1), s=layer("Sigmoid"), y=Output()), **TABLE),
        "y",
        ("BCEWithLogitsLoss", "Sigmoid", "s"),
        "Delete s",
        "warning",
    ),
    "softmax before cross entropy": Mistake(
        on(chain(x=Input(), h=layer("Linear", out_features=3), s=layer("Softmax"), y=Output()), dataset=Wine()),
        "y",
        ("CrossEntropyLoss", "Softmax", "s"),
        "Delete s",
        "warning",
    ),
    "scores for BCELoss": Mistake(
        on(
            chain(x=Input(), h=layer("Linear", out_features=1), y=Output()),
            dataset=BreastCancer(), losses=(BCELoss(),),
        ),
        "y",
        ("BCELoss", "0 and 1", "h"),
        "Use BCEWithLogitsLoss",
        "warning",
    ),
    "too few scores": Mistake(
        ending(classes=2, flat=FLAT), "y", ("B × 2", "10 classes"), "Set head out_features to 10"
    ),
    "a loss for numbers with classes": Mistake(
        ending(flat=FLAT, recipe={"losses": (MSELoss(),)}), "y", ("MSELoss", "class"), "Use CrossEntropyLoss"
    ),
    "a loss for classes with numbers": Mistake(
        on(
            chain(x=Input(), h=layer("Linear", out_features=1), y=Output()),
            dataset=Diabetes(), losses=(CrossEntropyLoss(),), metrics=(MAE(),),
        ),
        "y",
        ("CrossEntropyLoss", "number"),
        "Use MSELoss",
    ),
    "many numbers for one": Mistake(
        on(chain(x=Input(), h=layer("Linear", out_features=8), y=Output()), **VALUE),
        "y",
        ("B × 8", "one number"),
        "Set h out_features to 1",
    ),
    "one output for two targets": Mistake(
        ending(flat=FLAT, recipe={"dataset": DigitParity(), "losses": (CrossEntropyLoss(),)}),
        "",
        ("1 output", "digit, parity"),
        "Add an Output for parity",
    ),
    "nothing that learns": Mistake(
        on(chain(x=Input(), f=FLAT, s=layer("Slice", end=10), y=Output())),
        "",
        ("nothing to train",),
        "Insert Linear before y",
    ),
    "a declared size that the data does not have": Mistake(
        on(chain(x=Input(shape=(1, 28, 28)), f=FLAT, head=layer("Linear", out_features=10), y=Output())),
        "x",
        ("1 × 28 × 28", "1 × 8 × 8"),
        "Take the shape of x from the data",
    ),
    "whole numbers as scores": Mistake(
        on(
            chain(x=Input(), f=FLAT, h=layer("Linear", out_features=10), c=layer("Cast", dtype="int64"), y=Output())
        ),
        "y",
        ("int64 B × 10",),
        "Delete c",
    ),
}  # fmt: skip
