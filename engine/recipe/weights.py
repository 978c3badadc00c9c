"""How the parameters of one layer begin and learn, where that is not as the layer and the recipe say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from engine.kinds import FrozenDict, Kind, KindError
from engine.recipe.base import Members
from engine.recipe.initialisation import Initialisation
from engine.recipe.parametrisation import Parametrisation
from engine.spec import Spec, param

_NAME = re.compile(r"[^\W\d]\w*(\.\w+)*")


@dataclass(frozen=True)
class ByParameter(Kind):
    """A table from a parameter's name, such as "weight" or "out_proj.weight", to what it starts from."""

    name = "by parameter"

    def check(self, value: Any) -> Any:
        if not isinstance(value, dict) or not all(isinstance(k, str) and _NAME.fullmatch(k) for k in value):
            raise KindError("a table by the names of parameters")
        if not all(isinstance(v, Initialisation) for v in value.values()):
            raise KindError("an initialisation for each parameter")
        return value if isinstance(value, FrozenDict) else FrozenDict(value)

    def parse(self, text: str) -> Any:
        if text.strip():
            raise KindError("chosen parameter by parameter")
        return FrozenDict()

    def show(self, value: Any) -> str:
        return ", ".join(f"{name}: {init.title}" for name, init in value.items())

    def to_json(self, value: Any) -> Any:
        return {name: init.to_json() for name, init in value.items()}

    def from_json(self, raw: Any) -> Any:
        if not isinstance(raw, dict):
            raise KindError("a table by the names of parameters")
        return self.check({name: Initialisation.from_json(value) for name, value in raw.items()})


class Weights(Spec, abstract=True):
    """How the parameters of one layer begin and learn."""

    title = "Weights"
    init: Annotated[FrozenDict, ByParameter()] = param(
        {}, help="What a parameter starts from, by its name; others start as the layer itself begins.", literal=True
    )
    parametrisations: Annotated[tuple[Parametrisation, ...], Members(Parametrisation)] = param(
        (), help="Parameters that are computed from others, which are learned in their place.", literal=True
    )
    frozen: bool = param(False, help="Keep them as they are: they have no gradient and are not trained.", literal=True)
    lr_factor: float = param(
        1.0, min=0.0, help="What the recipe's learning rate is multiplied by for them.", literal=True
    )
    weight_decay: float | None = param(
        None, min=0.0, help="A weight decay of their own; unset: the optimizer's.", literal=True
    )

    tied: str = param(
        "",
        help="The layer of the same block whose weight it uses as its own, as a reader and a writer of one table do.",
        literal=True,
        advanced=True,
    )

    @property
    def is_plain(self) -> bool:
        """Whether nothing is set."""
        return self is PLAIN or self == PLAIN

    @property
    def trains_otherwise(self) -> bool:
        """Whether they belong into a parameter group of their own."""
        return self.lr_factor != 1.0 or self.weight_decay is not None

    def parts(self) -> tuple[Spec, ...]:
        """Everything in it that has options of its own."""
        return (*self.init.values(), *self.parametrisations)

    def mentioned(self) -> set[str]:
        """The block parameters that expressions in it mention."""
        return {name for part in self.parts() for expr in part.expressions().values() for name in expr.names()}

    def changed_by(self, change: Callable[[Any], Any]) -> Weights:
        """The same with every part put through `change`; the very same if that changes nothing."""
        init = {name: change(value) for name, value in self.init.items()}
        computed = tuple(change(p) for p in self.parametrisations)
        if init == self.init and computed == self.parametrisations:
            return self
        return self.with_(init=init, parametrisations=computed)

    def resolve(self, scope: Mapping[str, Any]) -> Weights:
        return self.changed_by(lambda part: part.resolve(scope)) if self.mentioned() else self

    def for_a_block(self) -> Weights:
        """What of it can be said of everything inside a block: not what single parameters start from."""
        return self.with_(init={}, parametrisations=(), tied="")

    def within(self, outer: Weights) -> Weights:
        """What holds inside something for which `outer` holds."""
        if outer is PLAIN:
            return self  # as nearly always, and on every edit for every layer
        decay = outer.weight_decay if self.weight_decay is None else self.weight_decay
        factor = outer.lr_factor * self.lr_factor
        return self.with_(frozen=self.frozen or outer.frozen, lr_factor=factor, weight_decay=decay)


PLAIN = Weights()
