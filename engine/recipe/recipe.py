"""How a network is trained: one value, chosen from the families."""

from dataclasses import replace
from typing import Annotated, Literal

from engine.errors import DataError
from engine.recipe.base import Dataset, Features, Loss, Member, Members, Metric, Optimizer, Schedule, Transform, fixed
from engine.recipe.data import Digits
from engine.recipe.losses import CrossEntropyLoss
from engine.recipe.metrics import Accuracy
from engine.recipe.optimizers import AdamW
from engine.recipe.phases import Part, Phase
from engine.recipe.schedules import Constant
from engine.recipe.transforms import Noise
from engine.spec import Spec, param


class Recipe(Spec, abstract=True):
    """Data, loss, optimizer and the settings of the training loop."""

    title = "Recipe"
    dataset: Annotated[Dataset, Member(Dataset)] = param(Digits(), help="Where samples come from.", literal=True)
    transforms: Annotated[tuple[Transform, ...], Members(Transform)] = param(
        (), help="How samples are seen: applied in this order, before training.", literal=True
    )
    losses: Annotated[tuple[Loss, ...], Members(Loss)] = param(
        (CrossEntropyLoss(),), help="What is made small: one per output, in order.", literal=True
    )
    metrics: Annotated[tuple[Metric, ...], Members(Metric)] = param(
        (Accuracy(),), help="Figures measured after every epoch.", literal=True
    )
    optimizer: Annotated[Optimizer, Member(Optimizer)] = param(
        AdamW(), help="How parameters follow their gradients.", literal=True
    )
    schedule: Annotated[Schedule, Member(Schedule)] = param(
        Constant(), help="How the learning rate changes.", literal=True
    )
    phases: Annotated[tuple[Phase, ...], Members(Phase)] = param(
        (),
        help="Parts of the network that are trained in turn, with losses and optimizers of their own; none: one step "
        "trains everything by the losses, the optimizer and the schedule above.",
        literal=True,
    )
    decay: Literal["all", "matrices"] = param(
        "all", help="What weight decay pulls at: everything, or no biases and norms.", literal=True
    )
    epochs: int = param(5, min=1, help="How often all training data is seen.", literal=True)
    batch_size: int = param(32, min=1, help="Samples per step.", literal=True)
    validation: float = param(0.2, min=0.0, max=0.9, help="Share of the samples kept for validation.", literal=True)
    shuffle: bool = param(True, help="Take the samples in another order every epoch.", literal=True)
    clip: float = param(0.0, min=0.0, help="Largest norm of all gradients together; 0 does not clip.", literal=True)
    accumulate: int = param(1, min=1, help="Batches per step of the optimizer.", literal=True)
    precision: Literal["float32", "bfloat16", "float16"] = param(
        "float32", help="Type that layers compute with: mixed precision if not float32.", literal=True
    )
    patience: int = param(
        0, min=0, help="Stop after so many epochs without improvement; 0 never stops early.", literal=True
    )
    seed: int = param(0, min=0, max=2**31 - 1, help="Decides everything random: same seed, same curve.", literal=True)
    device: Literal["auto", "cpu", "cuda", "mps"] = param("auto", help="Where it is trained.", literal=True)

    def parts(self) -> tuple[Part, ...]:
        """The phases of a step."""
        return tuple(phase for phase in self.phases if isinstance(phase, Part))

    def first_rate(self) -> float | None:
        """The learning rate that training begins with, in its first phase."""
        optimizers = [*(phase.optimizer for phase in self.parts()), self.optimizer]
        return getattr(optimizers[0], "lr", None)

    def features(self) -> Features:
        """What the network is given and is to predict: the data set's features after the transforms.

        Raises: DataError when data is missing or a transform does not fit.
        """
        found = self.dataset.features()
        for transform in self.transforms:
            if transform.needs_all and self.dataset.streams:
                raise DataError(
                    f"{transform.title} needs all samples at once, but {self.dataset.title} reads them one by one.",
                    f"Remove {transform.title}, or put a BatchNorm layer first in the network.",
                )
            if transform.changes == "inputs":
                if self.dataset.has_lengths:
                    raise DataError(
                        f"{transform.title} does not go with {self.dataset.title}, whose samples differ in length.",
                        f"Remove {transform.title}.",
                    )
                inputs = (i if i.drawn else replace(i, shape=transform.view(fixed(i.shape))) for i in found.inputs)
                found = replace(found, inputs=tuple(inputs))
            elif isinstance(transform, Noise):
                found = replace(found, inputs=(*found.inputs, transform.feature()))
        return found
