"""Sets of pictures that torchvision downloads once; they need the vision extra."""

from __future__ import annotations

import importlib.util
from typing import ClassVar

from engine.errors import DataError
from engine.recipe.base import Dataset, Feature, Features, Target, Text
from engine.recipe.data import DIGITS
from engine.recipe.source_text import assigned
from engine.spec import FilePath, param


class _Pictures(Dataset, abstract=True):
    """The training part of a set that torchvision knows, held in memory."""

    samples: ClassVar[int] = 60_000
    shape: ClassVar[tuple[int, ...]] = (1, 28, 28)
    predicted: ClassVar[str] = "label"
    labels: ClassVar[tuple[str, ...]] = ()
    pixels: ClassVar[str] = "data.data.unsqueeze(1)"
    classes: ClassVar[str] = "data.targets"
    root: FilePath = param("data", help="Folder that the files are downloaded to, and found in afterwards.")

    def features(self) -> Features:
        if importlib.util.find_spec("torchvision") is None:
            raise DataError(f"{self.title} needs torchvision, which is not installed.", "Install netsmith[vision].")
        target = Target(self.predicted, "class", (), len(self.labels), self.labels)
        return Features((Feature("images", self.shape),), (target,), self.samples)

    def emit(self) -> Text:
        source = f'''def load_data() -> tuple[Tensors, Tensors]:
    """{self.samples:,} pictures, from 0 to 1."""
{assigned("root", self.root, "    ")}
    try:
        # Here, so that a torchvision made for another torch is reported in words.
        from torchvision.datasets import {self.key}

        data = {self.key}(root, download=True)
    except (ImportError, OSError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise RuntimeError(f"{self.key} cannot be loaded into {{root}}: {{reason}}") from error
    images = {self.pixels} / 255
    return (images,), ({self.classes},)'''
        return Text(source, ("import torch",))


class MNIST(_Pictures):
    """60,000 handwritten digits of 28 × 28 pixels, ten classes; downloaded once."""

    aliases = ("digits", "handwriting", "images", "classification", "torchvision")
    predicted, labels = "digit", DIGITS


class FashionMNIST(_Pictures):
    """60,000 pieces of clothing of 28 × 28 pixels, ten classes; downloaded once."""

    title = "Fashion-MNIST"
    aliases = ("clothes", "images", "classification", "torchvision")
    labels = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


class CIFAR10(_Pictures):
    """50,000 colour photographs of 32 × 32 pixels, ten classes; downloaded once."""

    title = "CIFAR-10"
    aliases = ("photos", "colour", "images", "classification", "torchvision")
    samples, shape = 50_000, (3, 32, 32)
    labels = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
    pixels = "torch.from_numpy(data.data).permute(0, 3, 1, 2).contiguous()"
    classes = "torch.tensor(data.targets)"
