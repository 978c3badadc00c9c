"""Samples with sizes left free wherever there may be steps or space."""

from collections.abc import Iterator
from dataclasses import replace

from engine.tensor import TensorSpec
from tests.laws.samples import Sample

PLACES = ({1: "T"}, {2: "T"}, {1: "H", 2: "W"}, {2: "H", 3: "W"}, {2: "D", 3: "H", 4: "W"})


def freed(sample: Sample) -> Iterator[Sample]:
    """The sample as it is, and with sizes left free wherever there may be steps or space."""
    yield sample
    for names in PLACES:
        yield replace(sample, inputs={port: _freed(spec, names) for port, spec in sample.inputs.items()})


def _freed(spec, names):
    if isinstance(spec, tuple):
        return tuple(_freed(one, names) for one in spec)
    if not isinstance(spec, TensorSpec):
        return spec
    sizes = (names.get(i, s) if isinstance(s, int) and s > 1 else s for i, s in enumerate(spec.shape))
    return TensorSpec(tuple(sizes), spec.dtype)
