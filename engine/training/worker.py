"""Executes the generated script and tells how it goes. Knows nothing of layers, windows or threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from engine.build import build
from engine.errors import EngineError, TrainingError
from engine.training import checkpoint, moment
from engine.training.bad_spots import Found
from engine.training.checkup import Checkup
from engine.training.clock import Clock
from engine.training.control import Command, Control, Stopped
from engine.training.events import Ended, Evaluated, Event, Paused, Preparing, Resumed, Started, Steps
from engine.training.failures import NonFiniteLossError, failed
from engine.training.gradient_watch import GradientWatch
from engine.training.job import Job
from engine.training.keeper import Keeper
from engine.training.kept import WEIGHTS_ALONE
from engine.training.looker import Looker
from engine.training.measuring import NormProbe
from engine.training.probes import StepLog
from engine.training.replay import ForwardWatch
from engine.training.running import Member, Running, samples_in
from engine.training.saver import Saver
from engine.training.steering import Steerer
from engine.training.telling import Telling
from engine.training.trace import Tracer

FLUSH_SECONDS = 0.05


class Worker:
    """One run from its script to its end. `emit` is called in the thread that calls `run`."""

    def __init__(self, job: Job, control: Control, emit: Callable[[Event], None]) -> None:
        self._job, self._control, self._emit = job, control, emit
        self._figures: dict[str, float] = {}
        self._is_paused = self._is_single = False
        self._spent = self._measuring = 0.0
        self._telling = Telling()
        self._keeper: Keeper | None = None
        self._crew: tuple[Member, ...] = ()

    def run(self) -> None:
        """Train until the end, a stop or a failure; the last event says which."""
        ending: Event
        try:
            self._prepare()
            reason = self._train()
            self._finish()
            ending = Ended(reason, self._figures, self._job.run_id)
        except Stopped:
            self._finish(is_whole=True)
            ending = Ended("stopped", self._figures, self._job.run_id)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, the user must read of it
            self._finish()
            ending = failed(error, self._job.source, self._job.names, self._job.run_id, self._job.folder)
        self._emit(ending)

    def _prepare(self) -> None:
        self._emit(Preparing("Reading the script"))
        script = build(self._job.source)
        self._control.check()
        self._emit(Preparing("Loading data"))
        if self._job.start:
            script["START"] = self._job.start
        parts: dict[str, Any] = script["setup"]()._asdict()
        self._control.check()
        steps = script["steps_per_epoch"](parts["train_data"])
        self._running = run = Running(self._job, script, parts, self._emit, self._control, script["EPOCHS"], steps)
        self._steerer = Steerer(run)
        best = self._restore() if self._job.resume else None
        self._watch = ForwardWatch(run.model, self._job, self._control)
        self._gradients = GradientWatch(run, lambda: self._watch.draws is not False, self._watch.confirm)
        named = dict(run.model.named_parameters())
        is_host = all(p.device.type == "cpu" for p in named.values())
        self._log = StepLog(is_host=is_host, parts=len(self._job.phases))
        about = partial(moment.facts, run)
        self._keeper = Keeper(Path(self._job.folder) / "checkpoints", parts, self._emit, best, lambda k: about(kind=k))
        measuring = [NormProbe(run), Checkup(run)] if self._job.norms else []
        self._muster(self._steerer, Saver(run, self._keeper), *measuring, Looker(run), Clock(run), Tracer(run))
        self._samples = samples_in(parts["train_data"])
        self._emit(
            Started(
                self._job.run_id,
                tuple(named),
                ((),) * len(named),
                run.epochs,
                run.steps_per_epoch,
                self._job.batch_size,
                str(next((p.device for p in named.values()), "cpu")),
                run.first_epoch,
                sum(p.numel() for p in named.values()),
                self._job.phases,
                run.step,
                self._job.parent,
                self._job.parent_step or run.step,
            )
        )
        self._steerer.announce()

    def _muster(self, *crew: Member) -> None:
        """Who is on board from now on. A step costs nothing for those who do nothing after it."""
        self._crew = crew
        self._orders = {kind: obey for member in crew for kind, obey in member.commands().items()}
        self._before_step = tuple(m.before_step for m in crew if type(m).before_step is not Member.before_step)
        self._after_step = tuple(m.after_step for m in crew if type(m).after_step is not Member.after_step)

    def _restore(self) -> float | None:
        run = self._running
        kept = checkpoint.load(Path(self._job.resume))
        if not kept.state:
            raise TrainingError(*WEIGHTS_ALONE)
        run.first_epoch = run.epoch = kept.epoch
        self._steerer.restore(kept)
        if kept.epoch >= (self._job.epochs or run.epochs):
            raise TrainingError(
                f"The run already has all its {kept.epoch} epochs.", f"Set the epochs to more than {kept.epoch}."
            )
        moment.go_on(run, kept)
        return kept.best

    def _train(self) -> Literal["finished", "early"]:
        run, control, log, clock = self._running, self._control, self._log, time.perf_counter
        run.begin_loop()
        self._telling.begin()
        flush_at = clock() + FLUSH_SECONDS
        while True:
            if control.waiting or self._is_paused:
                self._obey()
            run.is_between_epochs = False
            for prepare in self._before_step:
                prepare()
            began = clock()
            value = next(run.loop, None)
            made = clock()
            if value is None:
                run.is_between_epochs = True
                return "finished" if run.epoch >= run.epochs else "early"
            if isinstance(value, dict):
                self._end_epoch(value, made - began)
                continue
            run.step += 1
            run.seconds = made - began - run.inside
            run.trained = run.trained[0] + 1, run.trained[1] + run.seconds
            is_bad = log.add(value)
            if not is_bad:
                self._watch.forget()
                self._gradients.end_step()
            for look in self._after_step:
                look()
            measured = clock()
            self._spent += measured - began
            self._measuring += measured - made + run.inside
            run.inside = 0.0
            if measured >= flush_at or is_bad or self._is_single:
                self._flush()
                self._pause_again()
                flush_at = clock() + FLUSH_SECONDS

    def _end_epoch(self, figures: dict[str, float], seconds: float) -> None:
        run = self._running
        line = run.script["report"](figures, run.epochs)
        run.epoch, run.epoch_began = int(figures["epoch"]), run.step
        self._figures = {name: float(value) for name, value in figures.items() if name != "epoch"}
        run.is_between_epochs = True
        self._emit(Evaluated(run.epoch, run.step, self._figures, seconds, line))
        assert self._keeper is not None
        self._keeper.end_epoch(run.epoch, run.step, self._figures, must=self._is_single)
        for member in self._crew:
            member.after_epoch(self._figures)

    def _flush(self) -> None:
        """Tell of the steps since the last time. Raises: NonFiniteLossError if one of them went wrong."""
        count = len(self._log)
        if not count:
            return
        run, telling = self._running, self._telling
        with telling:
            losses = self._log.take()
        spent = max(self._spent + telling.seconds, 1e-9)
        share = (self._measuring + telling.counted(spent)) / spent
        first = run.step - count + 1
        parts = losses if self._job.phases else None
        losses = losses if parts is None else parts.sum(axis=1, dtype=np.float32)
        telling.begin()
        with telling:
            self._emit(
                Steps(first, losses, count * self._samples / run.steps_per_epoch / spent, share, parts, run.rates)
            )
            for member in self._crew:
                member.tell()
        self._spent, self._measuring = 0.0, 0.0
        bad = np.flatnonzero(~np.isfinite(losses))
        if len(bad):
            were_finite = self._watch.looks and not self._watch.is_bad
            loss = self._gradients.loss or (Found(None, "forward", {}) if were_finite else None)
            found = self._watch.found or loss
            raise NonFiniteLossError(
                first + int(bad[0]),
                run.epoch + 1,
                found,
                outputs_were_finite=were_finite,
                spoilt=self._watch.spoilt if found is self._watch.found else "",
            )

    def _finish(self, *, is_whole: bool = False) -> None:
        """Tell and keep what is left, however the run ended. is_whole: no step went wrong, so this moment is kept."""
        if self._keeper is None:
            return
        self._watch.remove()
        self._gradients.remove()
        try:
            self._flush()
            if is_whole:
                self._keep_moment()
            self._keeper.write(is_between_epochs=self._running.is_between_epochs)
        except (EngineError, RuntimeError, MemoryError):
            # What ended the run ends this, too: a lost device, memory. The event that follows tells of it.
            return
        finally:
            for member in self._crew:
                member.leave()

    def _obey(self) -> None:
        """Carry out what was asked for; come back when a step may be made. Raises: Stopped."""
        while command := self._control.take(block=self._is_paused and not self._is_single):
            self._carry_out(command)
            if self._is_single:
                return

    def _carry_out(self, command: Command) -> None:
        if command.kind == "stop":
            raise Stopped
        self._flush()
        if command.kind == "pause" and not self._is_paused:
            self._pause()
        elif command.kind == "resume" and self._is_paused:
            self._is_paused = False
            self._emit(Resumed(self._running.step))
        elif command.kind == "step":
            self._is_single = self._is_paused = True
        if order := self._orders.get(command.kind):
            order(command)

    def _pause(self) -> None:
        assert self._keeper is not None
        self._is_paused = True
        self._keep_moment()
        self._keeper.write(is_between_epochs=self._running.is_between_epochs)
        self._emit(Paused(self._running.step))

    def _keep_moment(self) -> None:
        """In the middle of an epoch, too, the run can go on from exactly here."""
        run, keeper = self._running, self._keeper
        assert keeper is not None
        if run.step > run.epoch_began and not run.is_between_epochs and moment.is_between_steps(run):
            keeper.keep(moment.taken(run, figures=self._figures, best=keeper.best))

    def _pause_again(self) -> None:
        if self._is_single:
            self._is_single = False
            self._emit(Paused(self._running.step))
