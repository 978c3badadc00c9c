"""Training steps of what is printed for known networks, against the same networks written by hand.

The two take turns in one process with the same weights and inputs, so that what the machine does besides hits both.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from tests.golden.architectures import ARCHITECTURES
from tests.golden.test_reference import by_hand, printed

ROUNDS = 15
TARGET = 1.02
BATCH = 4
SIZES: dict[str, dict[str, int]] = {
    "unet": {"width": 16},
    "vit": {"image_size": 64, "width": 192, "depth": 4, "heads": 3},
    "gpt": {"vocabulary": 1000, "context": 64, "width": 192, "depth": 4, "heads": 3},
    "wavenet": {"levels": 64, "channels": 32, "depth": 8},
    "seq2seq": {"source_vocabulary": 500, "target_vocabulary": 500, "width": 128},
}
"""Sizes at which a step takes some hundredths of a second; the others are taken as they are, for small images."""


def inputs(name: str) -> tuple[Tensor, ...]:
    """A batch for a network."""
    torch.manual_seed(0)
    if name == "seq2seq":
        return torch.randint(500, (BATCH, 24)), torch.randint(500, (BATCH, 20))
    if name in ("gpt", "wavenet"):
        return (torch.randint(64, (BATCH, 64)),)
    return (torch.randn(BATCH, 3, 64, 64),)


def seconds(model: nn.Module, batch: tuple[Tensor, ...]) -> float:
    """CPU time of one forward and backward pass: what else the machine does is left out."""
    start = time.process_time()
    model(*batch).square().mean().backward()
    taken = time.process_time() - start
    model.zero_grad()
    return taken


def ratio(name: str) -> float:
    """How many times as long the printed network takes as the written one: the median over rounds of both."""
    sizes = SIZES.get(name, {})
    written, made = by_hand(name)(**sizes), printed(name)(**sizes)
    made.load_state_dict(written.state_dict())
    batch = inputs(name)
    for model in (made, written):
        seconds(model, batch)
    found = []
    for turn in range(ROUNDS):
        first, second = (made, written) if turn % 2 else (written, made)
        times = {first: seconds(first, batch), second: seconds(second, batch)}
        found.append(times[made] / times[written])
    return median(found)


def run() -> list[dict[str, Any]]:
    """A row for every network."""
    torch.set_num_threads(1)
    return [
        {"what": f"{name}, forward and backward, printed / by hand", "value": ratio(name), "unit": "", "target": TARGET}
        for name in ARCHITECTURES
    ]
