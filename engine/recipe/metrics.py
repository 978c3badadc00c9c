"""Figures measured on validation data."""

from engine.recipe.base import Metric


class Accuracy(Metric):
    """Share of samples whose highest score is the true class."""

    wants = "class"
