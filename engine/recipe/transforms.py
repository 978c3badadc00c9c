"""Views of the data: what is done to all samples once, before training."""

import math
from typing import Annotated, Literal

from engine.errors import DataError
from engine.recipe.base import Feature, Text, Transform
from engine.spec import Identifier, Ints, param

Sample = Annotated[tuple[int, ...], Ints(None, single=False)]


def times(shape: tuple[int, ...]) -> str:
    """The sizes of a sample as people read them."""
    return " × ".join(map(str, shape)) or "one value"


class Standardise(Transform):
    """Shifts and scales every input to mean 0 and deviation 1, as measured on the training part only."""

    aliases = ("normalise", "zscore", "scaler", "standardize")
    needs_all = True

    def expression(self, x: str, shape: tuple[int, ...]) -> str:
        return f"standardise({x}, train)"

    def emit(self) -> Text:
        return _STANDARDISE


class StandardiseTargets(Transform):
    """Shifts and scales the values to predict to mean 0 and deviation 1; errors are then in deviations."""

    title = "Standardise targets"
    aliases = ("normalise", "regression", "standardize")
    changes = "targets"
    needs_all = True

    def expression(self, x: str, shape: tuple[int, ...]) -> str:
        return f"standardise({x}, train)"

    def emit(self) -> Text:
        return _STANDARDISE


_STANDARDISE = Text(
    "def standardise(values: Tensor, train: Tensor) -> Tensor:\n"
    '    """Mean 0 and deviation 1, as measured on the training samples only."""\n'
    "    mean, deviation = values[train].mean(dim=0), values[train].std(dim=0)\n"
    "    return (values - mean) / torch.where(deviation > 0, deviation, 1.0)"
)


class Scale(Transform):
    """Multiplies every input by a number."""

    aliases = ("multiply", "divide", "range")
    factor: float = param(0.0625, help="What every value is multiplied by: 0.0625 brings 0..16 to 0..1.", main=True)

    def expression(self, x: str, shape: tuple[int, ...]) -> str:
        return f"{x} * {self.factor!r}"


class Flatten(Transform):
    """Lays every sample out as one row of numbers."""

    aliases = ("vector", "row", "mlp")

    def view(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (math.prod(shape),)

    def expression(self, x: str, shape: tuple[int, ...]) -> str:
        return f"{x}.flatten(1)"


class AsImage(Transform):
    """Shapes every sample as an image of one channel: rows and columns as they are, or a row of pixels as a square."""

    title = "As image"
    aliases = ("channel", "unsqueeze", "picture", "cnn")

    def view(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        if len(shape) == 3:
            return shape
        if len(shape) == 2:
            return (1, *shape)
        side = math.isqrt(math.prod(shape))
        if side * side != math.prod(shape):
            raise DataError(
                f"As image: {math.prod(shape)} numbers make no square.", "Use Reshape, which takes any sizes."
            )
        return (1, side, side)

    def expression(self, x: str, shape: tuple[int, ...]) -> str:
        if len(shape) == 3:
            return x
        return f"{x}.reshape(-1, {', '.join(map(str, self.view(shape)))})"


class Reshape(Transform):
    """Shapes every sample anew: the same numbers in other rows and columns."""

    aliases = ("view", "unflatten", "sequence")
    shape: Sample = param((1, 8, 8), min=1, help="Sizes of a sample, without the batch.", main=True)

    def view(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        if math.prod(shape) != math.prod(self.shape):
            raise DataError(
                f"Reshape: a sample has {math.prod(shape)} numbers ({times(shape)}), "
                f"{times(self.shape)} needs {math.prod(self.shape)}.",
                "Choose sizes that multiply to the same.",
            )
        return self.shape

    def expression(self, x: str, shape: tuple[int, ...]) -> str:
        return f"{x}.reshape(-1, {', '.join(map(str, self.shape))})"


class Noise(Transform):
    """Gives the network one more input: random numbers, drawn anew for every batch; for generators and the like."""

    aliases = ("random", "latent", "gan", "generator", "vae", "normal")
    changes = "adds"
    name: Identifier = param("noise", help="What the input is called.", literal=True)
    size: Sample = param((16,), min=1, help="Sizes of a sample, without the batch.", main=True)
    distribution: Literal["normal", "uniform"] = param(
        "normal", help="A bell around 0 with deviation 1, or evenly between 0 and 1."
    )

    def feature(self) -> Feature:
        """The input that it adds."""
        return Feature(self.name, self.size, drawn=True)

    def expression(self, x: str, shape: tuple[int, ...]) -> str:
        return x

    def function(self, name: str) -> Text:
        """A function of that name which draws them for some samples."""
        draw = "randn" if self.distribution == "normal" else "rand"
        sizes = ", ".join(map(str, self.size))
        return Text(
            f"def {name}(samples: Tensor) -> Tensor:\n"
            '    """Random numbers, other ones every time, for as many samples."""\n'
            f"    return torch.{draw}(len(samples), {sizes}, device=samples.device)",
            ("import torch", "from torch import Tensor"),
        )
