"""Examples of layers that only make sense among others: a mask with its attention, an unpooling with its pooling."""

from __future__ import annotations

from collections.abc import Callable

from engine.document.control_edits import started
from engine.document.sketch import Sketch, Source, made
from engine.layers.base import Layer
from engine.tensor import TensorSpec

_STEPS = TensorSpec(("B", 12, 32))
_MAPS = {1: TensorSpec(("B", 16, 64)), 2: TensorSpec(("B", 16, 32, 32)), 3: TensorSpec(("B", 8, 16, 32, 32))}


def _attention(sketch: Sketch, layer: Layer) -> None:
    """Attention as transformers hold it: beside a skip connection."""
    steps = sketch.given(_STEPS)
    norm = sketch.chain(steps, (("LayerNorm", {}),), row=1)
    node = sketch.add(layer, [("query", norm)], row=1)
    _end(sketch, (sketch.add(made("Add"), [("inputs", steps), ("inputs", (node, "out"))]), "out"))


def _mask(sketch: Sketch, layer: Layer) -> None:
    steps = sketch.given(_STEPS)
    mask = (sketch.add(layer, [("x", steps)], row=1), "mask")
    encoder = made("TransformerEncoderLayer")
    _end(sketch, (sketch.add(encoder, [("x", steps), ("mask", mask)]), "out"))


def _noise(sketch: Sketch, layer: Layer) -> None:
    """The code of a variational autoencoder: mean plus spread times noise."""
    features = sketch.given(TensorSpec(("B", 64)))
    mean = sketch.chain(features, (("Linear", {"out_features": 16}),))
    spread = sketch.chain(features, (("Linear", {"out_features": 16}), ("Softplus", {})), row=1)
    noise = (sketch.add(layer, [("x", spread)], row=2), "out")
    product = (sketch.add(made("Multiply"), [("inputs", spread), ("inputs", noise)], row=1), "out")
    _end(sketch, (sketch.add(made("Add"), [("inputs", mean), ("inputs", product)]), "out"))


def _unpooling(sketch: Sketch, layer: Layer) -> None:
    """The pooling that it undoes, and something done in between."""
    dims = getattr(layer, "dims", 2)
    image = sketch.given(_MAPS[dims])
    pool = sketch.add(made(f"MaxPool{dims}d", return_indices=True), [("x", image)])
    inside = sketch.chain((pool, "out"), (("ReLU", {}),))
    wires = [("x", inside), ("indices", (pool, "indices"))]
    if any(port.name == "like" and port.kind == "required" for port in layer.ports_in()):
        wires.append(("like", image))
    _end(sketch, (sketch.add(layer, wires), "out"))


def _control(sketch: Sketch, layer: Layer) -> None:
    """A loop or branch over the block that a new one begins with."""
    bring, layer = started(sketch.project, layer.key)
    sketch.project = bring(sketch.project)
    node = sketch.add(layer, [("x", sketch.given(_STEPS))])
    _end(sketch, (node, bring.made.outputs[0].name))


def _sequence(sketch: Sketch, layer: Layer) -> None:
    """Log-probabilities with time first, held against words whose places in time are not known."""
    scores = (("LogSoftmax", {"dim": 2}), ("Permute", {"dims": (1, 0, 2)}))
    wires = [("log_probs", sketch.chain(sketch.given(_STEPS), scores))]
    wires.append(("targets", sketch.given(TensorSpec(("B", 6), "int64"))))
    wires += [(name, sketch.given(TensorSpec(("B",), "int64"))) for name in ("input_lengths", "target_lengths")]
    _end(sketch, (sketch.add(layer, wires), "out"))


def _end(sketch: Sketch, source: Source) -> None:
    sketch.add(made("Output"), [("x", source)])


WHOLE: dict[str, Callable[[Sketch, Layer], None]] = {
    "MultiheadAttention": _attention,
    "CausalMask": _mask,
    "CTCLoss": _sequence,
    "Noise": _noise,
    **dict.fromkeys(("Scan", "While", "Branch"), _control),
    **{f"MaxUnpool{dims}d": _unpooling for dims in _MAPS},
}
