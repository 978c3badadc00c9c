"""The families of things a recipe chooses from, and the text each contributes to the script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from engine.kinds import Kind, KindError
from engine.spec import Spec, param


@dataclass(frozen=True)
class Feature:
    """One tensor a data set gives per sample: sizes without the batch, a name for one that differs between samples."""

    name: str
    shape: tuple[int | str, ...]
    dtype: str = "float32"
    drawn: bool = False
    """Not from the data: drawn anew for every batch."""


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
    """A piece of the script: definitions, the import lines they need, and constants for the top of the file."""

    source: str
    imports: tuple[str, ...] = ()
    constants: str = ""


def fixed(shape: tuple[int | str, ...]) -> tuple[int, ...]:
    """The sizes of a sample that are the same for all samples."""
    return tuple(size for size in shape if isinstance(size, int))


class Dataset(Spec, family=True):
    """Where samples come from."""

    streams: ClassVar[bool] = False
    """Too large for memory: read sample by sample through a DataLoader rather than kept on the device."""

    has_lengths: ClassVar[bool] = False
    """Samples differ in length: zeros fill up the shorter ones, and a batch is cut to its longest."""

    def features(self) -> Features:
        """What it offers, without torch. Raises: DataError when files are missing or unreadable."""
        raise NotImplementedError

    def emit(self) -> Text:
        """A function `load_data()` that returns (inputs, targets), two tuples of tensors on the CPU.

        If it streams: a `torch.utils.data.Dataset` of (*inputs, *targets), and the classes as a tensor or None.
        """
        raise NotImplementedError


class Transform(Spec, family=True):
    """How samples are seen before training: applied in order, once, to all of them."""

    changes: ClassVar[Literal["inputs", "targets", "adds"]] = "inputs"
    """What it makes other samples of; one that adds gives the network a further input."""
    needs_all: ClassVar[bool] = False
    """Looks at all training samples at once, which a data set that streams cannot offer."""

    def view(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of a sample afterwards. Raises: DataError naming the fix."""
        return shape

    def expression(self, x: str, shape: tuple[int, ...]) -> str:
        """The samples afterwards as source; `x` names them, `shape` is that of one of them.

        A transform that needs all samples may also mention `train`, the indices of the training part.
        """
        raise NotImplementedError

    def emit(self) -> Text:
        """The functions that the expression calls."""
        return Text("")


AGAINST = 'The target it is held against: a target\'s name, "ones" or "zeros"; empty: the next one in order.'
_OURS = ("factor", "against", "training_only")


class Numbers(tuple[float, ...]):
    """An argument that is a tensor of these numbers, of the type and on the device of the output."""


Wants = Literal["class", "binary", "sign", "hot", "list", "value", "sequence", "nothing"]
"""What a loss is held against: an index, 0 or 1, -1 or 1, a row of shares, indices, numbers, words, or nothing."""
Form = Literal["scores", "logit", "probability", "value", "none"]
"""What an output is: scores for every class, one logit or probability of yes, values, or nothing to be measured."""


class Loss(Spec, family=True):
    """What training makes small. One per Output node, in their order; the weighted sum is minimised.

    target: the module in torch, whose options ours are. function: the same as a function.
    others: options that name another output, or a target, which the function takes under the name of the option.
    tensors: options that are numbers here and a tensor there.
    """

    target: ClassVar[str] = ""
    function: ClassVar[str] = ""
    wants: ClassVar[Wants] = "value"
    form: ClassVar[Form] = "value"
    others: ClassVar[tuple[str, ...]] = ()
    others_first: ClassVar[bool] = False
    """Whether the function takes the others before the target."""
    tensors: ClassVar[tuple[str, ...]] = ()
    factor: float = param(1.0, min=0.0, help="Its weight in the sum over all outputs.", advanced=True)
    against: str = param("", help=AGAINST, advanced=True)
    training_only: bool = param(
        False, help="Count in training only, as for an auxiliary head, and not on validation data.", advanced=True
    )

    def arguments(self) -> dict[str, Any]:
        """Options that differ from torch's defaults, in order; those that are tensors as `Numbers`."""
        given = {n: v for n, v in differing(self).items() if n not in _OURS and n not in self.others}
        return {n: Numbers(v) if n in self.tensors else v for n, v in given.items() if v != () or n not in self.tensors}

    def measured(self) -> Form:
        """What its output is, for metrics."""
        return self.form

    def idle(self) -> tuple[str, ...]:
        """Options that mean nothing as it is set now."""
        return () if self.wants != "nothing" else ("against",)

    def seen(self, y: str, target: Target) -> str:
        """The target as the function wants it, as source; `y` names it as the data gives it."""
        if target.kind != "class":
            return y
        hot = f"F.one_hot({y}, {target.classes})"
        ways = {"binary": f"{y}.float()", "sign": f"2.0 * {y} - 1.0", "hot": f"{hot}.float()"}
        ways["list"] = f"F.pad({y}.unsqueeze(1), (0, {target.classes - 1}), value=-1)"
        return ways.get(self.wants, y)


class Metric(Spec, family=True):
    """A figure that people read, measured on the validation data after every epoch, for each output it suits."""

    figure: ClassVar[str] = ""
    """What it is called in a report: accuracy."""
    higher_is_better: ClassVar[bool] = True
    wants: ClassVar[Literal["class", "value"]] = "value"

    def suits(self, form: Form) -> bool:
        """Whether it can be measured on an output of this form."""
        return (form == "value") == (self.wants == "value")

    def emit(self, form: Form, classes: int) -> Text:
        """A function of (outputs, targets) that returns a tensor of one value."""
        raise NotImplementedError


class Optimizer(Spec, family=True):
    """How parameters follow their gradients."""

    target: ClassVar[str] = ""
    fused_on: ClassVar[frozenset[str]] = frozenset()
    """Devices on which torch updates all parameters in one kernel."""
    has_momentum: ClassVar[bool] = True
    """Whether it keeps a momentum, under whatever name, that a schedule may steer."""
    belongs: ClassVar[Literal["", "matrix", "sparse"]] = ""
    """The only parameters that it can train; the option `others` then says how all others are trained."""
    needs_closure: ClassVar[bool] = False
    """Whether it computes the loss several times a step, so that the loop hands it a function."""
    takes_sparse: ClassVar[bool] = False
    """Whether it can follow the sparse gradients of an embedding."""
    has_groups: ClassVar[bool] = True
    """Whether single layers can have a learning rate of their own."""

    def why_not(self) -> tuple[str, str] | None:
        """Message and hint if its options exclude each other."""
        return None

    def kept(self) -> int:
        """Numbers of the parameter's size that it keeps for each parameter."""
        return 2

    def arguments(self) -> dict[str, Any]:
        """Options that differ from torch's defaults, in order, for the constructor call."""
        return {"lr": getattr(self, "lr", None)} | {n: v for n, v in differing(self).items() if n != "others"}


Moves = Literal["never", "epoch", "step", "loss"]


class Schedule(Spec, family=True):
    """How the learning rate changes over the run.

    moves: after every epoch, after every step, or after every epoch with the loss. Constant never does.
    """

    target: ClassVar[str] = ""
    moves: ClassVar[Moves] = "epoch"

    def moved(self) -> Moves:
        """When this very one moves: by its option `per` if it has one."""
        per: Moves = getattr(self, "per", self.moves)
        return per

    def arguments(self, optimizer: Optimizer, span: str) -> dict[str, Any]:
        """The constructor's arguments after the optimizer; a `Raw` one is source.

        span: source for how many epochs or steps it has, whichever it moves by.
        """
        return {n: v for n, v in differing(self).items() if n != "per"}

    def inner(self, span: str) -> tuple[tuple[Schedule, str], ...]:
        """The schedules that it is made of, each with its own span."""
        return ()

    def why_not(self, steps: int) -> tuple[str, str] | None:
        """Message and hint if it cannot be followed over so many steps."""
        return None

    def emit(self) -> Text:
        """The functions that the arguments call."""
        return Text("")


class Raw(str):
    """An argument that is source text already."""


def differing(spec: Spec) -> dict[str, Any]:
    """Options whose values differ from torch's defaults, in order, and those for which torch has none."""
    return {n: getattr(spec, n) for n, p in spec.params.items() if p.is_required or getattr(spec, n) != p.torch}


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
class MaybeMember(Member):
    """One spec of a family, or none; `none` says what that means."""

    none: str = "none"

    def check(self, value: Any) -> Any:
        return None if value is None else super().check(value)

    def parse(self, text: str) -> Any:
        return None if text.strip() in ("", self.none) else super().parse(text)

    def show(self, value: Any) -> str:
        return self.none if value is None else super().show(value)

    def to_json(self, value: Any) -> Any:
        return None if value is None else super().to_json(value)

    def from_json(self, raw: Any) -> Any:
        return None if raw is None else super().from_json(raw)


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
