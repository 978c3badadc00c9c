"""Data sets that come with Netsmith's own dependencies, and files of the user's."""

from engine.recipe.base import Dataset, Feature, Features, Target, Text


class Digits(Dataset):
    """1,797 handwritten digits of 8 × 8 pixels, ten classes."""

    aliases = ("mnist", "handwriting")

    def features(self) -> Features:
        labels = tuple("0123456789")
        return Features((Feature("images", (1, 8, 8)),), (Target("digit", "class", (), 10, labels),), 1797)

    def emit(self) -> Text:
        raise NotImplementedError
