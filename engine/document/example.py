"""A small network that shows a layer at work: real layers, wired, to be pasted as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from engine.document.example_whole import WHOLE
from engine.document.fragment import Fragment, copy
from engine.document.sketch import Chain, Sketch, Source, made
from engine.errors import EngineError
from engine.graph.graph import NodeId
from engine.layers.base import Layer, Port
from engine.tensor import TensorSpec

_MOST_TRIED = 2000
_SPEC = re.compile(r"(?P<sizes>[\w, ]*?)(?: (?P<dtype>(?:float|int|uint|bool|complex|bfloat)\d*))?")


@dataclass(frozen=True)
class Setting:
    """What a layer may stand in: what is given, the layers before it, and what these make of it."""

    given: TensorSpec
    before: Chain = ()
    comes: TensorSpec | None = None

    @property
    def spec(self) -> TensorSpec:
        return self.comes or self.given


def spec_of(text: str) -> TensorSpec:
    """A shape as a layer's `example` writes it: "B, 16, 32, 32", "B, 10 int64", "4, 4"; "B" is the batch."""
    found = _SPEC.fullmatch(text.strip())
    assert found, f"{text!r} is no shape"
    words = [word.strip() for word in found["sizes"].split(",") if word.strip()]
    sizes = tuple(int(word) if word.isdigit() else word for word in words)
    return TensorSpec(sizes, found["dtype"] or "float32")


def _setting(given: str, comes: str = "", *before: tuple[str, Mapping[str, Any]]) -> Setting:
    return Setting(spec_of(given), before, spec_of(comes) if comes else None)


_FEATURES = _setting("B, 32", "B, 16", ("Linear", {"out_features": 16}))
_VECTOR = _setting("B, 16")
_STEPS = _setting("B, 12, 32")
_IMAGES = {
    1: _setting("B, 1, 64", "B, 16, 64", ("Conv1d", {"out_channels": 16})),
    2: _setting("B, 3, 32, 32", "B, 16, 32, 32", ("Conv2d", {"out_channels": 16})),
    3: _setting("B, 1, 16, 32, 32", "B, 8, 16, 32, 32", ("Conv3d", {"out_channels": 8})),
}
_RAW = {1: _setting("B, 1, 64"), 2: _setting("B, 3, 32, 32"), 3: _setting("B, 1, 16, 32, 32")}
_INDICES = _setting("B, 12 int64")
_PLAIN = (
    *(_setting(text) for text in ("B, 16", "B, 12, 32", "B, 16, 32, 32", "B, 8, 64", "B, 1", "B", "1, 16")),
    *(_setting(text) for text in ("B, 12 int64", "B int64", "B, 12 bool", "B, 12, 32 bool", "B, 16 complex64")),
    *(_setting(text) for text in ("B, 8, 16, 32, 32", "16", "16, 16", "12, 12", "12, 32", "16 int64")),
)
_TENTH = ("Linear", {"out_features": 10})
_AFTER: dict[str, Chain] = {
    "recurrent": (("Select", {}), _TENTH),
    "embedding": (("Mean", {"dim": 1}), _TENTH),
    "activation": (_TENTH,),
    "regularisation": (_TENTH,),
    "normalisation": (("ReLU", {}),),
}


def example(layer: type[Layer]) -> Fragment | None:
    """A layer with what comes before and after it in most networks; None where there is no such network.

    It is found by trying what the layer takes, or is what the layer's own `example` says.
    """
    return _example(layer.key)


@cache
def _example(key: str) -> Fragment | None:
    layer = Layer.registry[key]
    try:
        options = {name: value for name, value in layer.example.items() if name in layer.params}
        return _drawn(layer(**options))
    except EngineError:
        return None


def _drawn(layer: Layer) -> Fragment | None:
    sketch = Sketch()
    if layer.key in WHOLE:
        WHOLE[layer.key](sketch, layer)
        return copy(sketch.project, sketch.project.block().graph.nodes)
    needed = [port for port in layer.ports_in() if port.kind != "optional"]
    wires = _wires(sketch, layer, needed)
    if wires is None:  # some need one of what they call optional: a second tensor, if no number is given
        further = [port for port in layer.ports_in() if port.kind == "optional"][:1]
        wires = _wires(sketch, layer, [*needed, *further]) if further else None
    if wires is None:
        return None
    node = sketch.add(layer, wires)
    if layer.key != "Output":
        _finish(sketch, layer, node, wires)
    return copy(sketch.project, sketch.project.block().graph.nodes)


def _wires(sketch: Sketch, layer: Layer, needed: list[Port]) -> list[tuple[str, Source]] | None:
    """What is wired to each port, drawn already."""
    if not needed:
        return []
    if given := {name: text for name, text in layer.example.items() if name not in layer.params}:
        return [(port, sketch.given(spec_of(text))) for port, texts in given.items() for text in _texts(texts)]
    if len(needed) == 1 and needed[0].kind == "required":
        for setting in _settings(layer):
            if _takes(layer, {needed[0].name: setting.spec}):
                return [(needed[0].name, _placed(sketch, setting))]
        return None
    return _several(sketch, layer, needed)


def _texts(given: str | tuple[str, ...]) -> tuple[str, ...]:
    return given if isinstance(given, tuple) else (given,)


def _several(sketch: Sketch, layer: Layer, needed: list[Port]) -> list[tuple[str, Source]] | None:
    """A layer of several inputs: two branches of one input where they may be alike, else an input for each."""
    alike = {p.name: (_VECTOR.spec,) * 2 if p.kind == "many" else _VECTOR.spec for p in needed}
    if layer.category == "merge" and sum(2 if p.kind == "many" else 1 for p in needed) == 2 and _takes(layer, alike):
        start = sketch.given(_VECTOR.given)
        branch = sketch.chain(start, (("Linear", {"out_features": 16}), ("ReLU", {})), row=1)
        names = [p.name for p in needed for _ in range(2 if p.kind == "many" else 1)]
        return list(zip(names, (branch, start), strict=True))
    for tried, settings in enumerate(_combinations(layer, len(needed))):
        specs = {p.name: (s.spec,) * 2 if p.kind == "many" else s.spec for p, s in zip(needed, settings, strict=True)}
        if _takes(layer, specs):
            counts = [2 if p.kind == "many" else 1 for p in needed]
            pairs = zip(needed, settings, counts, strict=True)
            return [(p.name, sketch.given(s.spec)) for p, s, count in pairs for _ in range(count)]
        if tried > _MOST_TRIED:
            return None
    return None


def _combinations(layer: Layer, count: int) -> Iterator[tuple[Setting, ...]]:
    """Settings for so many ports: all alike at first, then all mixtures."""
    plain = [Setting(s.spec) for s in _settings(layer)]
    yield from ((setting,) * count for setting in plain)
    yield from product(plain, repeat=count)


def _settings(layer: Layer) -> Iterator[Setting]:
    """Where the layer may stand, the likeliest first."""
    dims = getattr(layer, "dims", 0)
    suffix = re.search(r"([123])d$", layer.key)
    space = int(suffix[1]) if suffix else dims if dims in (1, 2, 3) and not isinstance(dims, property) else 0
    if layer.category == "convolution":
        yield _RAW[space or 2]
    if space in _IMAGES and layer.category != "linear" and "dims" not in layer.params:
        yield _IMAGES[space]
    if layer.category in ("recurrent", "attention"):
        yield _STEPS
    if layer.category == "embedding":
        yield _INDICES
    if layer.category in ("activation", "regularisation", "normalisation"):
        yield _FEATURES
    if layer.category in ("pooling", "normalisation") or (layer.category == "shape" and "kernel_size" in layer.params):
        yield _IMAGES[2]
    if layer.category == "shape":
        yield _setting("B, 16, 8, 8")
    yield from _PLAIN


def _takes(layer: Layer, specs: Mapping[str, Any]) -> bool:
    given = {port.name: specs.get(port.name) for port in layer.ports_in()}
    try:
        layer.check(**given)
        layer.derive(**given)
    except (EngineError, ArithmeticError, LookupError, TypeError, ValueError):
        return False
    return True


def _finish(sketch: Sketch, layer: Layer, node: NodeId, wires: list[tuple[str, Source]]) -> None:
    """What most networks have after the layer, and an output."""
    ports = layer.ports_out()
    if not ports:
        return
    end: Source = (node, ports[0].name)
    simple = len(wires) == 1 and sketch.specs.get(wires[0][1]) in (_FEATURES.spec, _STEPS.spec, _INDICES.spec)
    if layer.category == "convolution" and not layer.example:
        dims = getattr(layer, "dims", 2)
        end = sketch.chain(end, ((f"BatchNorm{dims}d", {}), ("ReLU", {})))
    elif simple and not layer.example and not (layer.category == "embedding" and layer.key != "Embedding"):
        end = sketch.chain(end, _AFTER.get(layer.category, ()))
    sketch.add(made("Output"), [("x", end)])
    if layer.category in ("merge", "shape"):
        for row, port in enumerate(ports[1:], 1):
            sketch.add(made("Output"), [("x", (node, port.name))], row)


def _placed(sketch: Sketch, setting: Setting) -> Source:
    """The end of what stands before the layer, drawn."""
    end = sketch.chain(sketch.given(setting.given), setting.before)
    sketch.specs[end] = setting.spec
    return end
