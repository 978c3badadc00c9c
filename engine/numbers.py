"""Options that are several numbers, or a formula of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from engine.errors import ExprError
from engine.expr import Expr
from engine.kinds import Float, Kind, KindError


@dataclass(frozen=True)
class Floats(Kind):
    """Several numbers, each within the same limits: so many, or any number of them for a length of None.

    none: the word for a number that is left to torch; "" where each has to be given.
    """

    length: int | None = 2
    least: float | None = None
    most: float | None = None
    none: str = ""
    name = "floats"

    def check(self, value: Any) -> tuple[float | None, ...]:
        if not isinstance(value, (list, tuple)) or (self.length is not None and len(value) != self.length):
            raise KindError("numbers" if self.length is None else f"{self.length} numbers")
        return tuple(None if v is None and self.none else Float(self.least, self.most).check(v) for v in value)

    def parse(self, text: str) -> tuple[float | None, ...]:
        parts = [p.strip() for p in text.strip().strip("()[]").split(",") if p.strip()]
        return self.check([None if p == self.none else Float().parse(p) for p in parts])

    def show(self, value: Any) -> str:
        return ", ".join(self.none if v is None else Float().show(v) for v in value)

    def to_json(self, value: Any) -> Any:
        return list(value)


Weighted = Annotated[tuple[float, ...], Floats(None, 0.0)]
"""Any number of weights, such as one for each class; none of them for all alike."""


@dataclass(frozen=True)
class Formula(Kind):
    """Arithmetic over some names, as text: 0.95 ** epoch."""

    names: tuple[str, ...] = ()
    name = "formula"

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise KindError(f"arithmetic over {self._known()}")
        try:
            strangers = Expr(value).names() - set(self.names)
        except ExprError as error:
            raise KindError(f"arithmetic over {self._known()} ({error.message.rstrip('.')})") from None
        if strangers:
            raise KindError(f"arithmetic over {self._known()}, without {', '.join(sorted(strangers))}")
        return value

    def parse(self, text: str) -> str:
        return self.check(text.strip())

    def _known(self) -> str:
        return " and ".join(self.names)


def common(values: Iterable[Any]) -> Any:
    """The value that all of them have, None if they differ or there is none."""
    found = list(values)
    return found[0] if found and all(value == found[0] for value in found) else None
