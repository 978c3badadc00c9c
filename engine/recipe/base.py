"""The families of things a recipe chooses from, and the text each contributes to the script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from engine.kinds import Kind, KindError
from engine.spec import Spec


@dataclass(frozen=True)
class Feature:
    """One tensor a data set gives per sample: sizes without the batch."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "float32"


@dataclass(frozen=True)
class Target:
    """One tensor the network is to predict. kind "class": an int64 index below `classes`; "value": real numbers."""

    name: str
    kind: Literal["class", "value"]
    shape: tuple[int, ...] = ()
    classes: int = 0
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Features:
    """What a data set offers: inputs and targets in order (matched with Input and Output nodes in theirs), samples."""

    inputs: tuple[Feature, ...]
    targets: tuple[Target, ...]
    samples: int


@dataclass(frozen=True)
class Text:
    """A piece of the script: import lines, and source whose first definition is what the script calls."""

    source: str
    imports: tuple[str, ...] = ()


class Dataset(Spec, family=True):
    """Where samples come from."""

    streams: ClassVar[bool] = False
    """Too large for memory: read sample by sample through a DataLoader rather than kept on the device."""

    def features(self) -> Features:
        """What it offers, without torch. Raises: DataError when files are missing or unreadable."""
        raise NotImplementedError

    def emit(self) -> Text:
        """A function `load_data()` that returns (inputs, targets), two tuples of tensors on the CPU."""
        raise NotImplementedError


class Loss(Spec, family=True):
    """What training makes small. One per Output node, in their order; the weighted sum is minimised."""

    target: ClassVar[str] = ""
    wants: ClassVar[Literal["class", "value", "binary"]] = "value"


class Metric(Spec, family=True):
    """A figure that people read, measured on the validation data after every epoch."""

    higher_is_better: ClassVar[bool] = True
    wants: ClassVar[Literal["class", "value", "binary"]] = "value"


class Optimizer(Spec, family=True):
    """How parameters follow their gradients."""

    target: ClassVar[str] = ""

    def arguments(self) -> dict[str, Any]:
        """Options that differ from torch's defaults, in order, for the constructor call."""
        return {n: getattr(self, n) for n, p in self.params.items() if getattr(self, n) != p.torch or p.is_required}


class Schedule(Spec, family=True):
    """How the learning rate changes over the run."""

    target: ClassVar[str] = ""


@dataclass(frozen=True)
class Member(Kind):
    """One spec of a family: an optimizer, a data set."""

    family: type[Spec] = Spec
    name = "member"

    def check(self, value: Any) -> Any:
        if not isinstance(value, self.family):
            raise KindError(f"a {self.family.__name__.lower()}")
        return value

    def parse(self, text: str) -> Any:
        found = self.family.find(text.strip())
        if found is None:
            raise KindError(f"one of {', '.join(self.family.registry)}")
        return found()

    def show(self, value: Any) -> str:
        return str(value.title)

    def to_json(self, value: Any) -> Any:
        return value.to_json()

    def from_json(self, raw: Any) -> Any:
        return self.family.from_json(raw)


@dataclass(frozen=True)
class Members(Kind):
    """Several specs of a family, in order."""

    family: type[Spec] = Spec
    name = "members"

    def check(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            raise KindError(f"a list, each a {self.family.__name__.lower()}")
        return tuple(Member(self.family).check(v) for v in value)

    def parse(self, text: str) -> Any:
        return tuple(Member(self.family).parse(part) for part in text.split(",") if part.strip())

    def show(self, value: Any) -> str:
        return ", ".join(v.title for v in value)

    def to_json(self, value: Any) -> Any:
        return [v.to_json() for v in value]

    def from_json(self, raw: Any) -> Any:
        if not isinstance(raw, list):
            raise KindError(f"a list, each a {self.family.__name__.lower()}")
        return tuple(self.family.from_json(v) for v in raw)
