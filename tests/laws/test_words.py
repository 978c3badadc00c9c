"""What a layer cannot take it refuses in its own words; torch's message is the last resort and hardly ever needed."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.analysis.execute import LAST_RESORT, outcome
from engine.layers.base import Layer
from engine.tensor import NumberSpec, TensorSpec
from tests.laws.samples import NOT_A_CALCULATION, Sample, samples_of

TRIES = 4
KINDS = [key for key in Layer.registry if key not in NOT_A_CALCULATION and key != "Code"]


def spoiled(sample: Sample, chance: random.Random) -> Sample:
    """The sample with a dimension more or less, another size or another type at some of its wires."""
    return replace(sample, inputs={port: _spoiled(spec, chance) for port, spec in sample.inputs.items()})


def _spoiled(spec, chance: random.Random):
    if isinstance(spec, tuple):
        return tuple(_spoiled(one, chance) for one in spec)
    if not isinstance(spec, TensorSpec) or isinstance(spec, NumberSpec) or chance.random() < 0.3:
        return spec
    shape, kind = list(spec.shape), chance.choice(("less", "more", "size", "size", "type"))
    if kind == "less" and len(shape) > 1:
        shape.pop(chance.randrange(1, len(shape)))
    elif kind == "more" and shape:
        shape.insert(chance.randrange(1, len(shape) + 1), chance.choice((1, 2, 3, 5, 7)))
    elif kind == "size" and len(shape) > 1:
        shape[chance.randrange(1, len(shape))] = chance.choice((1, 2, 3, 5, 7, "T", "H"))
    dtype = chance.choice(("int64", "bool", "float16", "float64")) if kind == "type" else spec.dtype
    return TensorSpec(tuple(shape), dtype)


def cases(key: str) -> Iterator[Sample]:
    chance = random.Random(key)
    for sample in samples_of(key)[:3]:
        for _ in range(TRIES):
            yield spoiled(sample, chance)


@pytest.mark.parametrize("key", KINDS)
def test_what_a_layer_cannot_take_it_refuses_in_its_own_words(key):
    for sample in cases(key):
        error = outcome(sample.layer, sample.inputs).error
        assert error is None or error.hint != LAST_RESORT, (sample, error.detail)
