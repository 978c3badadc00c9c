"""Every value that a pass computes, at the moment it is there: what wires carry are local variables of `forward`.

A trace function sees the frames of the generated text alone; what stands in an `nn.Sequential`, which has no text of
its own, is seen by hooks for as long as the pass lasts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType, TracebackType
from typing import Any

from torch import Tensor, nn

from engine.build import file_name
from engine.codegen.source import RETURNED, Given, Place, Source
from engine.training.events import NodePath
from engine.training.looked import Spot
from engine.training.outline import Outline

MOST_TURNS = 32
"""Of a loop, so many turns are looked at: the first ones."""

Take = Callable[[Spot, Tensor, nn.Module | None, str, float], None]
"""Called with a value, the module that made it, the line that it stands in, and the seconds it took."""


class Text:
    """What the text says of the lines of its classes: worked out once for many passes."""

    def __init__(self, source: Source) -> None:
        self.file = file_name(source)
        self.place_of_line = source.node_of_line
        self.lines = source.text.splitlines()
        self.begins: dict[int, tuple[str, tuple[Given, ...]]] = {}
        self.gives: dict[Place, tuple[Given, ...]] = {}
        self.statement: dict[Place, str] = {}
        for number, given in source.gives.items():
            place = source.node_of_line.get(number)
            if place is None:
                continue
            if self.lines[number - 1].lstrip().startswith("def "):
                self.begins[number] = (place[0], given)
            else:
                self.gives[place] = given
                self.statement[place] = self._statement(number, place)

    def _statement(self, last: int, place: Place) -> str:
        """The lines of a node that end with this one, as one."""
        first = last
        while self.place_of_line.get(first - 1) == place:
            first -= 1
        return " ".join(line.strip() for line in self.lines[first - 1 : last])


class Capture:
    """While it is entered, `take` gets every value of every node of the model.

    settle: waits until the device has done what it was told, so that times are those of the layers.
    """

    def __init__(
        self, text: Text, outline: Outline, model: nn.Module, take: Take, settle: Callable[[], object] | None
    ) -> None:
        self._text, self._outline, self._model, self._take = text, outline, model, take
        self._settle = settle
        self._names = {id(module): name for name, module in model.named_modules()}
        self._turns: dict[tuple[NodePath, str, str], int] = {}
        self._held = ExitStack()
        self._before: Any = None
        self.inside = 0.0
        """Seconds spent on looking so far, to be left out of what layers took."""

    def __enter__(self) -> Capture:
        for name, module in self._model.named_modules():
            if isinstance(module, nn.Sequential):
                for child, part in module.named_children():
                    path = self._outline.path(f"{name}.{child}".lstrip("."))
                    if path:
                        self._hook(part, path, f"{name}.{child}".lstrip("."))
        self._before = sys.gettrace()
        sys.settrace(self._enter_frame)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        sys.settrace(self._before)
        self._held.close()

    def _hook(self, part: nn.Module, path: NodePath, name: str) -> None:
        began: list[float] = []

        def before(_: nn.Module, __: Any) -> None:
            began.append(self.clock())

        def after(module: nn.Module, _: Any, result: Any) -> None:
            seconds = self.clock() - began.pop()
            if isinstance(result, Tensor):
                self.give(path, "out", name, result, module, "", seconds)

        self._held.callback(part.register_forward_pre_hook(before).remove)
        self._held.callback(part.register_forward_hook(after).remove)

    def _enter_frame(self, frame: FrameType, event: str, arg: Any) -> Any:
        code = frame.f_code
        if code.co_filename != self._text.file or code.co_name != "forward":
            return None
        begins = self._text.begins.get(code.co_firstlineno)
        module = frame.f_locals.get("self")
        name = self._names.get(id(module))
        if begins is None or name is None:
            return None
        outer = self._outline.path(name)
        if outer is None:
            return None
        return _Forward(self, self._text, module, name, outer, *begins).trace

    def clock(self) -> float:
        """Seconds, those that looking has taken left out."""
        if self._settle is not None:
            self._settle()
        return time.perf_counter() - self.inside

    def give(
        self, path: NodePath, port: str, module: str, value: Tensor, made_by: nn.Module | None, line: str, spent: float
    ) -> None:
        """Pass a value on, unless the loop that it stands in has been seen often enough."""
        began = time.perf_counter()
        key = (path, port, module)
        turn = self._turns.get(key, 0)
        self._turns[key] = turn + 1
        if turn < MOST_TURNS:
            self._take(Spot(path, port, module, turn), value, made_by, line, spent)
            if self._settle is not None:
                self._settle()
        self.inside += time.perf_counter() - began


class _Forward:
    """One call of a `forward` of the text."""

    def __init__(
        self,
        capture: Capture,
        text: Text,
        module: Any,
        name: str,
        outer: NodePath,
        block: str,
        begins: tuple[Given, ...],
    ) -> None:
        self._capture, self._text, self._module, self._name, self._outer = capture, text, module, name, outer
        self._block, self._begins = block, begins
        self._here: Place | None = None
        self._began = 0.0

    def trace(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Before every line, and at the end."""
        if event == "line":
            place = self._text.place_of_line.get(frame.f_lineno)
            if self._begins:
                self._tell(self._block, self._begins, frame, 0.0)
                self._begins = ()
            if place != self._here:
                self._finish(frame, None)
                self._here = place
                self._began = self._capture.clock()
        elif event == "return" and arg is not None:
            self._finish(frame, arg)
        return self.trace

    def _finish(self, frame: FrameType, result: Any) -> None:
        """The node whose lines were executed until now is done."""
        if self._here is None:
            return
        spent = self._capture.clock() - self._began
        given = self._text.gives.get(self._here, ())
        self._tell(self._here[0], given, frame, spent, result)
        self._here = None

    def _tell(self, block: str, given: tuple[Given, ...], frame: FrameType, spent: float, result: Any = None) -> None:
        if not given:
            return
        variables = frame.f_locals
        for node, port, variable in given:
            value = result if variable == RETURNED else _value_of(variable, variables)
            if isinstance(value, Tensor):
                path = (*self._outer, (str(block), str(node)))
                line = self._text.statement.get((block, node), "")  # type: ignore[arg-type]
                self._capture.give(path, port, self._name, value, self._called(line), line, spent)
                spent = 0.0

    def _called(self, line: str) -> nn.Module | None:
        """The module that a line calls, if it calls one."""
        start = line.find("self.")
        if start < 0:
            return None
        name = line[start + 5 :].split("(")[0].strip()
        found = getattr(self._module, name, None) if name.isidentifier() else None
        return found if isinstance(found, nn.Module) else None


def _value_of(expression: str, variables: dict[str, Any]) -> Any:
    """A local variable, or an attribute of one: self.position."""
    name, *attributes = expression.split(".")
    value = variables.get(name)
    for attribute in attributes:
        value = getattr(value, attribute, None)
    return value
