"""How a network is trained, as declared options. Importing this fills the registries of its families."""

# isort: off
from engine.recipe import data, tables, generated, sequences, files, pictures  # noqa: F401
from engine.recipe import transforms, losses, losses_pairs, metrics  # noqa: F401
from engine.recipe import optimizers, optimizers_special  # noqa: F401
from engine.recipe import schedules, schedules_more, schedules_joined  # noqa: F401
from engine.recipe import phases, initialisation, parametrisation  # noqa: F401
