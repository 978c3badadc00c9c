"""Looks into the network of a run while it trains: about once a second while somebody looks, else not at all."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from engine.training.control import Command
from engine.training.look_notes import Notes, joined
from engine.training.look_pass import SamplePass
from engine.training.look_spreads import Spreads
from engine.training.look_views import Attention, embedding, filters, modules_of, sample_of
from engine.training.looked import Look, Looked
from engine.training.running import Member, Running

BATCH = 64
SHARE = 0.05
"""Looking may take this share of the time: where a look takes long, the next one comes later, up to LONGEST seconds."""
LONGEST = 10.0


class Looker(Member):
    """Obeys "look", whose value is a `Look`, or None when nobody looks any more. Tells `Looked` and `Spread`."""

    def __init__(self, run: Running) -> None:
        self.run = run
        self._look: Look | None = None
        self._next = math.inf
        self._pass: SamplePass | None = None
        self._is_first = True
        self._spreads = Spreads(run, run.job.outline)

    def commands(self) -> Mapping[str, Callable[[Command], None]]:
        return {"look": self._obey}

    def after_step(self) -> None:
        if self._look is None:
            return
        self._spreads.after_step()
        if time.perf_counter() >= self._next:
            self.look()
            self._spreads.begin(self._look.layer)

    def leave(self) -> None:
        self._pass, self._look = None, None

    def _obey(self, command: Command) -> None:
        before, self._look = self._look, command.value
        if self._look is None:
            self._spreads.forget()
            self._is_first = True
            if self._pass is not None:
                self._pass.forget()
        elif before != self._look:
            self.see(self._look)

    def see(self, look: Look) -> None:
        """Look at once, without waiting for steps, and go on looking at that."""
        self._look = look
        self._spreads.at_once(look.layer)
        self.look()

    def look(self) -> None:
        """Look now. What goes wrong is told and does the run no harm."""
        look, began = self._look, time.perf_counter()
        assert look is not None
        try:
            with torch.no_grad():
                looked = self._look_into(look)
        except Exception as error:  # noqa: BLE001 - whatever it is, training goes on and the person must read of it
            looked = {"problem": f"{type(error).__name__}: {error}".split("\n")[0], "layer": look.layer}
        spent = time.perf_counter() - began
        self.run.emit(Looked(self.run.step, seconds=spent, **looked))
        # The first look makes the twin and wakes up kernels, which says nothing of what the next will cost.
        pause = 0.0 if self._is_first else min(spent / SHARE, LONGEST)
        self._next = time.perf_counter() + max(look.every, pause)
        self._is_first = False

    def _look_into(self, look: Look) -> dict[str, Any]:
        run = self.run
        if self._pass is None:
            self._pass = SamplePass(run.script, run.parts, run.job.source, run.job.outline)
        through = self._pass
        batch = through.batch(look.part, look.sample, BATCH)
        twin = through.twin(look.mode)
        modules = modules_of(twin, run.job.outline, look.layer) if look.layer else []
        has_channels_first = any(isinstance(m, (nn.Conv1d, nn.ConvTranspose1d)) for m in twin.modules())
        notes = Notes(look, len(batch[0]), channels_first=has_channels_first, settle=through.settle)
        with Attention(modules) as attention:
            answer = through.run(batch, notes.take, mode=look.mode, backward=look.gradients or look.times)
        figures = notes.figures()
        seen = notes.seen(figures)
        results = ((s.spot.port, s.histogram) for s in notes.of_layer(seen) if s.histogram is not None)
        self._spreads.tell("activations", joined(results).items())
        self._spreads.tell("gradients", notes.gradients_of_layer().items())
        return {
            "spots": tuple(notes.spots),
            "figures": figures,
            "sample": sample_of(through, look, batch, answer),
            "seen": seen,
            "layer": look.layer,
            "filters": filters(modules),
            "attention": tuple(attention.pictures),
            "embedding": embedding(through, look) if look.embedding and look.layer else None,
        }
