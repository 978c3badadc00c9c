"""One layer's own text, run on tensors without data: what it gives, what it holds, what it costs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from math import prod
from types import CodeType
from typing import Any

import torch
from torch import nn

from engine.analysis.closed import Closed, closed_form
from engine.analysis.dims import BATCH, Shapes, Sizes, divisible_sizes, names_in, read_back, sizes_of_run
from engine.analysis.flops import FlopCount
from engine.analysis.learning import Step, argument
from engine.analysis.memo import Memo
from engine.analysis.numbers import as_sizes, need_results, number_spec
from engine.codegen.calls import call_text
from engine.codegen.memo import option_texts
from engine.errors import EngineError, LayerError
from engine.graph.shapes import ITSELF, NOTHING_KEPT, Kept
from engine.layers.base import Layer, Names
from engine.layers.checks import need_carried
from engine.layers.code import CodeLayer
from engine.layers.op import Op
from engine.layers.outside import OutsideModule
from engine.tensor import Dim, TensorSpec, by_port

Inputs = Mapping[str, TensorSpec | tuple[TensorSpec, ...] | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a layer with these inputs. error: why it cannot take them. unread: outputs of unknown size.

    named: sizes of its parameters by name. kept: what training remembers of the pass forward.
    """

    outputs: Mapping[str, TensorSpec | None] = field(default_factory=dict)
    derived: Mapping[str, Any] = field(default_factory=dict)
    parameters: int = 0
    trainable: int = 0
    flops: int = 0
    activation_bytes: int = 0
    error: EngineError | None = None
    unread: tuple[str, ...] = ()
    named: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    kept: Kept = NOTHING_KEPT
    backward: tuple[int, int] = (0, 0)


NOTHING: Mapping[str, Any] = {}
_memo: Memo[Outcome] = Memo(20_000)
_FILE = "<layer>"
LAST_RESORT = "Other sizes or options are needed."
"""The hint where a layer has no words of its own for what torch refuses."""
_FORWARD = "_forward_of_the_layer"  # a function of the user's own may well be called forward


def clear_memo() -> None:
    """Forget every layer that was run."""
    _memo.clear()


def outcome(layer: Layer, inputs: Inputs) -> Outcome:
    """What the layer gives for these inputs. Its expressions are evaluated, its required ports known. Never raises.

    The user's code, and that of packages, is executed: ask for trust before.
    """
    try:
        key = (layer, *inputs, *inputs.values())
        found = _memo.get(key)
    except TypeError:  # an option that cannot stand in a table
        return run_layer(layer, inputs)
    if found is None:
        found = run_layer(layer, inputs)
        _memo.put(key, found)
    return found


def run_layer(layer: Layer, inputs: Inputs, *, closed: bool = True) -> Outcome:
    """The same without looking it up. closed: formulas may stand in for slow layers."""
    derived: Mapping[str, Any] = {}
    try:
        need_carried(layer.ports_in(), inputs)
        layer.admit(inputs)
        derived = layer.derive(**inputs)
        with torch.device("meta"), torch.no_grad():
            return _run(layer, inputs, derived, closed)
    except EngineError as error:
        return _failed(layer, derived, error)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - torch and the user's code raise whatever they like
        return _failed(layer, derived, _in_our_words(layer, inputs, error))


def compiled_forward(layer: Layer, inputs: Inputs) -> tuple[Callable[..., tuple[Any, ...]], nn.Module]:
    """The layer's own text as a function of a module and the wires, and that module, with real weights.

    Raises: EngineError if the layer cannot take the inputs.
    """
    derived = layer.derive(**inputs)
    module, space = nn.Module(), _namespace(layer)
    call = layer.build(derived)
    if call is not None:
        module.node = eval(_compiled(call_text(call), "eval"), space)
    exec(_compiled(_forward_text(layer, inputs), "exec"), space)
    return space[_FORWARD], module


def _failed(layer: Layer, derived: Mapping[str, Any], error: EngineError) -> Outcome:
    error.__traceback__ = error.__context__ = None  # they would keep all frames that it came through
    return Outcome({port.name: None for port in layer.ports_out()}, derived, error=error)


def _in_our_words(layer: Layer, inputs: Inputs, error: BaseException) -> LayerError:
    what = ", ".join(str(spec) for spec in _flat(inputs)) or "these options"
    detail = f"{type(error).__name__}: {error}"
    if isinstance(layer, CodeLayer):
        line = _line_of(error, layer)
        where = f" on line {line}" if line else ""
        return LayerError(f"The function fails{where} for {what}.", str(error).split("\n")[0][:200], detail=detail)
    if isinstance(layer, Op):
        sizes = sizes_of_run(names_in(_flat(inputs)), 0)
        return LayerError(f"{layer.function} cannot take {what}.", first_sentence(str(error), sizes), detail=detail)
    if isinstance(layer, OutsideModule):
        return LayerError(f"{layer.kind_name()} cannot take {what}.", str(error).split("\n")[0][:200], detail=detail)
    return LayerError(f"{layer.title} cannot take {what}.", LAST_RESORT, detail=detail)


def _line_of(error: BaseException, layer: CodeLayer) -> int:
    """The line of the user's own text that the error passed through last, counted from 1; 0 if there is none."""
    line, step = 0, error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if code.co_filename == _FILE and code.co_name not in (_FORWARD, "<module>"):
            line = step.tb_lineno
        step = step.tb_next
    before = len(layer.source) - len(layer.source.lstrip("\n"))
    return line + before if line else 0


def first_sentence(words: str, sizes: Sizes) -> str:
    """What torch says, without the places in its own source that it adds, and free sizes by their names."""
    line = next(iter(words.strip().splitlines()), "").strip()[:200]
    for name, size in sizes.items():
        line = re.sub(rf"\b{size}\b", name, line)
    return f"{line[:1].upper()}{line[1:]}" + ("" if line.endswith(".") or not line else ".")


def _flat(inputs: Inputs) -> tuple[TensorSpec, ...]:
    specs: list[TensorSpec] = []
    for given in inputs.values():
        specs.extend(given if isinstance(given, tuple) else () if given is None else (given,))
    return tuple(specs)


def _run(layer: Layer, inputs: Inputs, derived: Mapping[str, Any], closed: bool) -> Outcome:
    result = closed_form(layer, inputs, derived) if closed else None
    if result is not None and result.named is not None:
        size = sum(prod(shape) for shape in result.named.values())
        return _outcome(result, derived, result.named, size, size)
    module, space = nn.Module(), _namespace(layer)
    call = layer.build(derived)
    if call is not None:
        module.node = eval(_compiled(call_text(call), "eval"), space)
    weights = list(module.parameters())
    named = {n.partition(".")[2] or ITSELF: tuple(p.shape) for n, p in module.named_parameters()}
    learned = sum(w.numel() for w in weights if w.requires_grad)
    promised = layer.promised(**inputs)
    result = result or (Closed(promised) if promised is not None else _forward(layer, module, inputs, space))
    return _outcome(result, derived, named, sum(w.numel() for w in weights), learned)


def _outcome(
    result: Closed, derived: Mapping[str, Any], named: Mapping[str, tuple[int, ...]], size: int, trainable: int
) -> Outcome:
    return Outcome(
        outputs=by_port(tuple(result.outputs.items())),  # type: ignore[arg-type]
        derived=dict(derived) if derived else NOTHING,
        parameters=size,
        trainable=trainable,
        flops=result.flops,
        activation_bytes=sum(spec.bytes() for spec in result.outputs.values() if spec),
        unread=tuple(name for name, spec in result.outputs.items() if spec is None),
        named=dict(named) if named else NOTHING,
        kept=result.kept,
        backward=result.backward,
    )


def _namespace(layer: Layer) -> dict[str, Any]:
    space: dict[str, Any] = {"torch": torch, "nn": nn, "F": nn.functional, "math": math, "__name__": "layer"}
    for text in layer.imports():
        if reason := _why_not_imported(text):
            raise LayerError(f"{layer.kind_name()} needs {reason[0]}.", reason[1])
        exec(_compiled(text, "exec"), space)
    for text in layer.definitions():
        exec(_compiled(text, "exec"), space)
    return space


@cache
def _why_not_imported(line: str) -> tuple[str, str] | None:
    """What is missing for an import line of a layer, and what to do, None where it works; tried once a session."""
    package = line.split()[1].split(".")[0]
    try:
        exec(_compiled(line, "exec"), {})
    except ModuleNotFoundError as error:
        missing = error.name or package
        extra = '"netsmith[vision]"' if missing == "torchvision" else missing
        return f"{missing}, which is not installed", f"Install it, pip install {extra}, and start Netsmith again."
    except Exception as error:  # noqa: BLE001 - a package made for another torch fails as it likes
        reason = (str(error) or type(error).__name__).splitlines()[0]
        wanted = f"Install the {package} that was made for torch {torch.__version__}."
        return f"{package}, which fails to load: {reason.rstrip('.')}", wanted
    return None


@lru_cache(maxsize=4096)
def _compiled(text: str, mode: str) -> CodeType:
    return compile(text, _FILE, mode, dont_inherit=True)


def _forward(layer: Layer, module: nn.Module, inputs: Inputs, space: dict[str, Any]) -> Closed:
    exec(_compiled(_forward_text(layer, inputs), "exec"), space)
    forward = space[_FORWARD]
    ports = [port.name for port in layer.ports_out()]
    given = _stood_in(layer, inputs)
    flat = [spec for one in given for spec in (one if isinstance(one, tuple) else (one,))]
    names = names_in(flat)
    shown: list[tuple[int, ...]] = []
    results: list[Any] = []

    def run(sizes: Sizes) -> tuple[Any, ...]:
        results = forward(module, *(argument(spec, sizes) for spec in given))
        if wrong := need_results(ports, results, torch.Tensor):
            raise LayerError(wrong, layer.results_hint)
        return tuple(results)

    def observe(sizes: Sizes) -> Shapes:
        results[:] = run(sizes)
        return tuple(tuple(r.shape) if isinstance(r, torch.Tensor) else as_sizes(r) for r in results)

    def count(sizes: Sizes) -> int:
        with FlopCount() as counter:
            shown[:] = observe(sizes)
        return counter.total

    first, divisible = sizes_of_run(names, 0), False
    try:
        flops = count(first)
    except RuntimeError:  # perhaps it takes only sizes that something divides, as a view in windows does
        if not set(names) - {BATCH}:
            raise
        first, divisible = divisible_sizes(names, 0), True
        flops = count(first)
    base, kept = tuple(shown), tuple(results)
    shapes = read_back(lambda sizes: base if sizes == first else observe(sizes), names, flat, divisible=divisible)
    outputs: dict[str, TensorSpec | None] = {}
    for index, (port, shape, result) in enumerate(zip(ports, shapes, kept)):
        if isinstance(result, torch.Tensor):
            outputs[port] = _spec(shape, result.dtype)
        else:
            at = partial(_one_of, run, index)
            outputs[port] = number_spec(layer, inputs, result, shape[0] if shape else None, names, at)
    flops = _for_one_sample(count, flops, names, first)
    step = Step(layer, module, _ports_of(inputs), given, forward)
    return Closed(outputs, flops, kept=step.kept(), backward=step.backward(flops))


def _one_of(run: Callable[[Sizes], tuple[Any, ...]], index: int, sizes: Sizes) -> Any:
    return run(sizes)[index]


def _ports_of(inputs: Inputs) -> list[str]:
    """The port of every wire, "inputs:1" for the second of a port that takes many."""
    found: list[str] = []
    for port, given in inputs.items():
        found += (
            [f"{port}:{i}" for i in range(len(given))] if isinstance(given, tuple) else [port] * (given is not None)
        )
    return found


def _stood_in(layer: Layer, inputs: Inputs) -> list[TensorSpec | tuple[TensorSpec, ...]]:
    """What every wire brings, or what the layer is run on in its place."""
    return [
        layer.stand_in(port, spec) or spec
        for port, specs in inputs.items()
        for spec in (specs if isinstance(specs, tuple) else () if specs is None else (specs,))
    ]


def _spec(shape: tuple[Dim | None, ...], dtype: torch.dtype) -> TensorSpec | None:
    known = tuple(size for size in shape if size is not None)
    return TensorSpec(known, str(dtype).removeprefix("torch.")) if len(known) == len(shape) else None


def _for_one_sample(count: Callable[[Sizes], int], flops: int, names: tuple[str, ...], sizes: Sizes) -> int:
    """Operations for a batch of one; other free sizes count as one, too, as far as the layer can take that."""
    others = dict.fromkeys((n for n in names if n != BATCH), 1)
    if others and flops:
        try:
            flops = count({**sizes, **others})
        except Exception:  # noqa: BLE001 - a kernel that is larger than one, or whatever else torch minds
            flops = round(flops / prod(sizes[name] for name in others) / sizes[BATCH]) * sizes[BATCH]
    return flops // sizes[BATCH] if BATCH in names and flops % sizes[BATCH] == 0 else flops


def _forward_text(layer: Layer, inputs: Inputs) -> str:
    """A function of the module and every wire that holds the statements the layer contributes to `forward`."""
    wires: dict[str, str | tuple[str, ...]] = {}
    arguments: list[str] = []
    for port, given in inputs.items():
        if given is None:
            wires[port] = "None"
            continue
        many = tuple(f"in_{port}_{i}" for i in range(len(given))) if isinstance(given, tuple) else (f"in_{port}",)
        wires[port] = many if isinstance(given, tuple) else many[0]
        arguments += many
    outputs = {port.name: f"out_{port.name}" for port in layer.ports_out()}
    statements = layer.emit(Names("self.node", wires, outputs, option_texts(layer, wires)))
    body = [line for statement in statements for line in statement.splitlines()]
    results = "".join(f"{name}, " for name in outputs.values())
    return "\n    ".join([f"def {_FORWARD}({', '.join(['self', *arguments])}):", *body, f"return ({results})"])
