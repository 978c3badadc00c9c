"""How a network is trained, as declared options. Importing this fills the registries of its families."""

# isort: off
from engine.recipe import data, tables, generated, files, pictures  # noqa: F401
from engine.recipe import transforms, losses, metrics, optimizers, schedules  # noqa: F401
