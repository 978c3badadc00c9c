"""The catalogue: one class per layer, one file per chapter of torch.nn. Importing this fills `Layer.registry`."""

from engine.layers.base import CATEGORIES, Call, Derived, Layer, Names, Port  # noqa: F401
