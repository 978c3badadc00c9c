"""Learning-rate schedules."""

from engine.recipe.base import Schedule


class Constant(Schedule):
    """The learning rate stays as it is."""
