"""A checkpoint brings back all of a moment, is whole or not there, and carries no code."""

import errno
import json
import os
import random
from collections import Counter

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from engine.errors import FileError, TrainingError
from engine.training import checkpoint
from engine.training.events import Checkpointed, Warned
from engine.training.keeper import Keeper

OPTIMIZERS = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.1, fused=True),
    "Adam": lambda p: torch.optim.Adam([{"params": p[:1], "lr": 0.1}, {"params": p[1:]}], amsgrad=True),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.1, centered=True),
    "NAdam": lambda p: torch.optim.NAdam(p, lr=0.1),
}
SCHEDULES = {
    "cosine": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 10),
    "one cycle": lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 0.1, total_steps=20),
    "plateau": lambda o: torch.optim.lr_scheduler.ReduceLROnPlateau(o),
    "milestones": lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [1, 3, 3]),
}


def world(optimizer="AdamW", schedule="cosine"):
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 1))
    made = OPTIMIZERS[optimizer](list(model.parameters()))
    return {"model": model, "optimizer": made, "schedule": SCHEDULES[schedule](made), "seed": 3}


def train(parts, steps):
    losses = []
    for _ in range(steps):
        loss = parts["model"](torch.randn(8, 3)).square().mean()
        parts["optimizer"].zero_grad()
        loss.backward()
        parts["optimizer"].step()
        is_plateau = isinstance(parts["schedule"], torch.optim.lr_scheduler.ReduceLROnPlateau)
        parts["schedule"].step(*([loss.item()] if is_plateau else []))
        losses.append(loss.item())
    return losses


def taken(parts, **facts):
    return checkpoint.take(parts, **({"epoch": 2, "step": 6, "figures": {"loss": 0.5}, "best": 0.25} | facts))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_training_goes_on_from_a_checkpoint_bit_for_bit(tmp_path, optimizer, schedule):
    torch.manual_seed(0)
    parts = world(optimizer, schedule)
    train(parts, 3)
    checkpoint.save(taken(parts), tmp_path / "last.safetensors")
    expected = train(parts, 4)
    torch.manual_seed(99)
    again = world(optimizer, schedule)
    checkpoint.restore(checkpoint.load(tmp_path / "last.safetensors"), again)
    assert train(again, 4) == expected


def test_what_was_taken_does_not_move_with_training():
    parts = world()
    train(parts, 1)
    moment = taken(parts)
    before = {name: tensor.clone() for name, tensor in moment.tensors.items()}
    train(parts, 3)
    assert all(torch.equal(before[name], tensor) for name, tensor in moment.tensors.items())


def test_taking_draws_no_random_numbers():
    parts = world()
    before = torch.get_rng_state()
    taken(parts)
    assert torch.equal(before, torch.get_rng_state())


def test_weights_load_into_the_model_by_any_reader_of_safetensors(tmp_path):
    parts = world()
    for state, strict in (
        (taken(parts), False),
        (checkpoint.take_weights(parts["model"], epoch=1, step=3, figures={}), True),
    ):
        checkpoint.save(state, tmp_path / "weights.safetensors")
        result = parts["model"].load_state_dict(load_file(tmp_path / "weights.safetensors"), strict=strict)
        assert not result.missing_keys


def test_facts_lie_beside_it_as_json(tmp_path):
    checkpoint.save(taken(world()), tmp_path / "last.safetensors")
    facts = json.loads((tmp_path / "last.json").read_text(encoding="utf-8"))
    assert (facts["epoch"], facts["step"], facts["figures"], facts["best"]) == (2, 6, {"loss": 0.5}, 0.25)


def test_tied_weights_are_kept(tmp_path):
    model = nn.ModuleDict({"a": nn.Linear(3, 3), "b": nn.Linear(3, 3)})
    model["b"].weight = model["a"].weight
    checkpoint.save(checkpoint.take_weights(model, epoch=1, step=1, figures={}), tmp_path / "best.safetensors")
    found = load_file(tmp_path / "best.safetensors")
    assert torch.equal(found["a.weight"], found["b.weight"])


def test_numbers_keep_every_bit(tmp_path):
    class Part:
        state = {"rates": (random.random(), 1e-45, float("inf")), 3: Counter({7: 2}), "flags": [True, None, "x"]}

        def state_dict(self):
            return self.state

        def load_state_dict(self, state):
            self.loaded = state

    part = Part()
    checkpoint.save(taken({"model": nn.Linear(1, 1), "part": part}), tmp_path / "last.safetensors")
    checkpoint.restore(checkpoint.load(tmp_path / "last.safetensors"), {"part": part})
    assert part.loaded == part.state


def test_a_state_that_is_no_data_is_refused():
    class Part:
        def state_dict(self):
            return {"call": print}

    with pytest.raises(TrainingError, match=r"part\.call"):
        taken({"part": Part()})


def test_a_checkpoint_of_another_network_is_refused():
    moment = taken(world())
    other = world() | {"model": nn.Linear(3, 1)}
    with pytest.raises(TrainingError, match="model has changed"):
        checkpoint.restore(moment, other)


@pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", b"\x08\0\0\0\0\0\0\0{}      ", os.urandom(300)])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "last.safetensors"
    path.write_bytes(content)
    with pytest.raises(FileError, match="no checkpoint"):
        checkpoint.load(path)


def test_a_missing_checkpoint_is_told(tmp_path):
    with pytest.raises(FileError, match="There is no checkpoint"):
        checkpoint.load(tmp_path / "last.safetensors")


@pytest.fixture
def full_disk(monkeypatch):
    """From now on nothing reaches the disk."""

    def refuse(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)


def test_a_full_disk_leaves_the_checkpoint_that_was_there(tmp_path, request):
    parts, told = world(), []
    keeper = Keeper(tmp_path, parts, told.append)
    keeper.end_epoch(1, 3, {"val_loss": 0.5})
    keeper.write()
    assert [e.kind for e in told] == ["last", "best"]
    request.getfixturevalue("full_disk")
    keeper.end_epoch(2, 6, {"val_loss": 0.4})
    keeper.write(is_between_epochs=True)
    assert [type(e) for e in told] == [Checkpointed, Checkpointed, Warned]
    assert "No space" in told[-1].message
    assert checkpoint.load(tmp_path / "last.safetensors").epoch == 1
    assert checkpoint.load(tmp_path / "best.safetensors").epoch == 1
    assert not list(tmp_path.glob(".*"))


def test_the_best_epoch_is_the_one_of_the_lowest_validation_loss(tmp_path):
    keeper = Keeper(tmp_path, world(), lambda _: None)
    for epoch, loss in enumerate((0.5, 0.3, 0.4, float("nan")), 1):
        keeper.end_epoch(epoch, epoch, {"loss": 1 / epoch, "val_loss": loss})
    keeper.write(is_between_epochs=True)
    assert checkpoint.load(tmp_path / "best.safetensors").epoch == 2
    last = checkpoint.load(tmp_path / "last.safetensors")
    assert (last.epoch, last.best) == (4, 0.3)
