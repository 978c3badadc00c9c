"""Changing a run that is under way: obeyed between two steps, told, and kept so that it can be repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch.optim import LBFGS

from engine.codegen.source import Span
from engine.codegen.steering_spans import stretched
from engine.codegen.steering_text import HELPERS, helper_texts
from engine.errors import TrainingError
from engine.training import checkpoint, steering_code
from engine.training.checkpoint import Checkpoint
from engine.training.control import Command
from engine.training.events import Awaited, Planned, Steerable, Steered, Warned
from engine.training.running import Member, Running, samples_in
from engine.training.steering_code import Made, execute
from engine.training.steering_wish import BY_PHASE, FROM_NEXT_EPOCH, WORDS, Wish

LEDGER = "steering"
_ONE_STRETCHED = "The schedule is made of parts of which one cannot be stretched on the way."


class Ledger:
    """How many changes the state of the other parts holds, and what waits for the epoch to end; kept with them."""

    def __init__(self) -> None:
        self.count = 0
        self.awaited: dict[str, float] = {}

    def state_dict(self) -> dict[str, Any]:
        return {"count": self.count, "awaited": dict(self.awaited)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.count, self.awaited = int(state["count"]), dict(state["awaited"])


class Steerer(Member):
    """Obeys "steer", whose value is a `Wish`: from the next step on, or from the next epoch."""

    def __init__(self, run: Running) -> None:
        self._run = run
        self._owners = steering_code.owners(run)
        self._first_rates = {owner.name: steering_code.rate_of(owner) for owner in self._owners}
        self._dropouts = steering_code.dropouts(run.model)
        self._helpers: set[str] = set()
        self._frozen: frozenset[str] = frozenset()
        self._inherited: list[Steered] = []
        self._ledger = Ledger()
        self._planned = run.epochs
        self._samples = samples_in(run.parts["train_data"])
        self._steerable = self._told()

    def commands(self) -> Mapping[str, Callable[[Command], None]]:
        return {"steer": self._obey}

    def after_epoch(self, figures: Mapping[str, float]) -> None:
        run = self._run
        waiting, self._ledger.awaited = self._ledger.awaited, {}
        for option, value in waiting.items():
            self._try(Wish(option, value))  # type: ignore[arg-type]
        if run.epochs != self._planned:
            self._begin_again()

    def announce(self) -> None:
        """Tell what can be changed, and what a run before this one had changed; call it after `Started`."""
        run = self._run
        run.parts[LEDGER] = self._ledger
        run.emit(self._steerable)
        for change in self._inherited:
            run.emit(change)
        if any(change.name in ("epochs", *FROM_NEXT_EPOCH) for change in self._inherited):
            self._tell_plan()
        if run.job.epochs and run.job.epochs != run.epochs:
            self._change(Wish("epochs", float(run.job.epochs)))
        for option, value in self._ledger.awaited.items():
            run.emit(Awaited(run.step, option, value))

    # Going on from a run that was steered

    def restore(self, kept: Checkpoint) -> None:
        """Go back to a checkpoint of a run that was changed by hand, with what was changed until then.

        Raises: TrainingError if it is of another network.
        """
        run = self._run
        before = [c for c in run.job.steered if c.step <= kept.step and c.epoch <= kept.epoch]
        seen = len(before)
        if LEDGER in kept.state:
            run.parts[LEDGER] = self._ledger
            seen = int(dict(kept.state[LEDGER]["items"])["count"])
        fitting = self._fitting(before)
        for index, change in enumerate(before):
            if index < seen and fitting[index]:
                self._repeat(change)
        checkpoint.restore(kept, run.parts)
        for index, change in enumerate(before):
            if index >= seen and fitting[index]:
                self._repeat(change)
        self._ledger.count = len(self._inherited)
        last = next((c for c in reversed(self._inherited) if c.name == "epochs"), None)
        if last is not None and last.after > kept.epoch:
            run.epochs = self._planned = int(last.after)
        run.steps_per_epoch = run.script["steps_per_epoch"](run.parts["train_data"])

    def _fitting(self, changes: Sequence[Steered]) -> list[bool]:
        """Which changes still hold: not those of options that were set otherwise in the recipe since."""
        ours: dict[object, bool] = {}
        for change in changes:
            key = change.name, change.node
            if key not in ours:
                now = self._steerable.values.get(change.name)
                is_constant = change.name in ("clip", "epochs", *FROM_NEXT_EPOCH)
                ours[key] = not is_constant or now is None or now == change.before
        return [ours[change.name, change.node] for change in changes]

    def _repeat(self, change: Steered) -> None:
        try:
            self._execute(change.code, change.helpers)
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            words = f"What was changed in the run before cannot be changed here: {WORDS.get(change.name, change.name)}."
            self._run.emit(Warned(words, f"The network is another one ({error})."))
            return
        if change.name == "frozen":
            self._note_frozen()
        self._inherited.append(change)

    # Obeying

    def _obey(self, command: Command) -> None:
        wish: Wish = command.value
        if wish.option in FROM_NEXT_EPOCH and not self._is_between:
            try:
                self._made(wish)  # what is refused is refused now
            except TrainingError as error:
                self._run.emit(Warned(error.message, error.hint))
                return
            self._ledger.awaited[wish.option] = wish.value
            self._run.emit(Awaited(self._run.step, wish.name, wish.value))
            return
        self._try(wish)

    @property
    def _is_between(self) -> bool:
        """Whether no step of an epoch was made yet."""
        return self._run.is_between_epochs or self._run.step == self._run.epoch_began

    def _try(self, wish: Wish) -> None:
        try:
            self._change(wish)
        except TrainingError as error:
            self._run.emit(Warned(error.message, error.hint))

    def _change(self, wish: Wish) -> None:
        run = self._run
        made = self._made(wish)
        if not made.code and made.before == made.after:
            return
        self._execute(made.code, made.helpers)
        if wish.option in FROM_NEXT_EPOCH:
            run.steps_per_epoch = run.script["steps_per_epoch"](run.parts["train_data"])
        elif wish.option == "epochs":
            run.epochs = int(wish.value)
        elif wish.option == "frozen":
            self._note_frozen()
        if wish.option == "epochs" or wish.option in FROM_NEXT_EPOCH:
            stretching = self._stretched(only_steps=wish.option != "epochs")
            self._execute(stretching.code, stretching.helpers)
            code = "\n".join(text for text in (made.code, stretching.code) if text)
            made = replace(made, code=code, helpers=(*made.helpers, *stretching.helpers))
        epoch = run.epoch if self._is_between and run.epoch else -1
        self._ledger.count += 1
        run.emit(Steered(run.step, wish.name, made.before, made.after, wish.node, epoch, made.code, made.helpers))
        if wish.option == "epochs" or wish.option in FROM_NEXT_EPOCH:
            self._tell_plan()
        if wish.option == "epochs" and self._is_between:
            self._begin_again()

    def _made(self, wish: Wish) -> Made:
        run = self._run
        if wish.option in BY_PHASE:
            mine = [owner for owner in self._owners if not wish.phase or owner.phase == wish.phase]
            if not wish.phase:
                mine = [owner for owner in mine if owner.phase == mine[0].phase]
            if not mine:
                raise TrainingError(f"There is no phase {wish.phase} to steer.", "Name one that the recipe has.")
            if wish.option == "lr":
                return steering_code.rate(wish, mine)
            return steering_code.decay(wish, mine, only_matrices=run.job.decays_only_matrices)
        if wish.option == "clip":
            return steering_code.clip(run, wish, self._owners)
        if wish.option == "dropout":
            return steering_code.dropout(run, wish, self._dropouts)
        if wish.option == "frozen":
            return steering_code.freeze(run, wish, self._owners, self._frozen)
        return self._count(wish)

    def _count(self, wish: Wish) -> Made:
        run = self._run
        self._need_stretchable(only_steps=wish.option != "epochs")
        if wish.option == "epochs":
            least = max(1, run.epoch if self._is_between else run.epoch + 1)
            if wish.value < least:
                raise TrainingError(
                    f"Epoch {least} is being trained, so that {int(wish.value)} would be too few.",
                    "Stop the run to end it now.",
                )
            return Made(float(run.epochs), float(wish.value), "")
        made = steering_code.count(run, wish, self._samples)
        size = int(wish.value) if wish.option == "batch_size" else 0
        if size and steering_code.alone(run, self._samples, size):
            raise TrainingError(
                f"The last of {self._samples:,} training samples would be alone in a batch of {size}, "
                "where a BatchNorm has nothing to compare it with.",
                "Choose another batch size.",
            )
        return made

    # Schedules that are stretched over the whole run

    def _need_stretchable(self, *, only_steps: bool) -> None:
        for span in self._spans(only_steps=only_steps):
            if not span.statement:
                raise TrainingError(_ONE_STRETCHED, "Begin another run with what you want.")

    def _spans(self, *, only_steps: bool) -> list[Span]:
        return [s for s in self._run.job.source.spans if s.per == "step" or not only_steps]

    def _stretched(self, *, only_steps: bool) -> Made:
        """What is left of the schedules over what is left of the run."""
        run, found = self._run, []
        begun = 0 if self._is_between else 1
        left = (run.epoch_began + run.steps_per_epoch - run.step) * begun
        left += (run.epochs - run.epoch - begun) * run.steps_per_epoch
        for span in self._spans(only_steps=only_steps):
            done = run.parts[span.schedule].last_epoch
            more = left // span.every if span.per == "step" else run.epochs - run.epoch
            found.append(stretched(span, max(1, done + more)))
        code = "\n".join(found)
        return Made(0.0, 0.0, code, ("replan",) if "replan(" in code else ())

    def _begin_again(self) -> None:
        """Let the loop go on to the epoch that is the last one now, unless its patience has run out."""
        run, stopping = self._run, self._run.parts.get("stopping")
        self._planned = run.epochs
        if stopping is None or stopping.waited < run.script["PATIENCE"]:
            run.begin_loop()

    # Telling

    def _tell_plan(self) -> None:
        run = self._run
        epoch, step = run.epoch, run.step if self._is_between else run.epoch_began
        run.emit(Planned(epoch, step, run.epochs, run.steps_per_epoch, run.samples_per_step))

    def _told(self) -> Steerable:
        run, script, values = self._run, self._run.script, {}
        refused: dict[str, tuple[str, str]] = {}
        for phase in run.job.phases or ("",):
            owner = next(o for o in self._owners if o.phase == phase)
            prefix = f"{phase}_" if phase else ""
            values[f"{prefix}lr"] = steering_code.rate_of(owner)
            why = steering_code.why_no_decay(owner, only_matrices=run.job.decays_only_matrices)
            if why:
                refused[f"{prefix}weight_decay"] = why
            else:
                values[f"{prefix}weight_decay"] = steering_code.decay_of(owner)
        is_closed = any(isinstance(owner.optimizer, LBFGS) for owner in self._owners)
        if is_closed:
            refused["frozen"] = steering_code.NO_FREEZING_IN_CLOSURE
        if is_closed and "CLIP" not in script:
            refused["clip"] = steering_code.NO_CLIP_IN_CLOSURE
        else:
            values["clip"] = script.get("CLIP", 0.0)
        values["batch_size"] = run.samples_per_step // script.get("ACCUMULATE", 1)
        if "ACCUMULATE" in script:
            values["accumulate"] = script["ACCUMULATE"]
        values["epochs"] = run.epochs
        return Steerable({k: float(v) for k, v in values.items()}, refused, tuple(self._dropouts.items()))

    def _note_frozen(self) -> None:
        """What is frozen by hand now."""
        run = self._run
        dropped = {id(p) for p in run.script.get("frozen_parameters", ())}
        moved = {id(p) for owner in self._owners for group in owner.optimizer.param_groups for p in group["params"]}
        named = run.model.named_parameters()
        self._frozen = frozenset(n for n, p in named if id(p) in moved and (not p.requires_grad or id(p) in dropped))

    def _execute(self, code: str, helpers: Sequence[str]) -> None:
        if not code:
            return
        run = self._run
        wanted = [text for text in helper_texts(helpers) if text not in self._helpers]
        assert set(helpers) <= set(HELPERS)
        self._helpers.update(wanted)
        fields = run.script["Setup"]._fields
        setup: Any = run.script["Setup"](*(run.parts[name] for name in fields))
        execute(code, wanted, run.script, setup)
        for look in run.when_changed:
            look()
