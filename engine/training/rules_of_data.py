"""Rules about what goes in, how it is read, and what is learned by heart."""

from __future__ import annotations

import numpy as np

from engine.document.block_edits import SetRecipe
from engine.errors import Repair
from engine.recipe.transforms import Standardise
from engine.training.case import Case, Rule, Said

WAITING, LEAST_WAIT = 0.4, 0.001
WAITED = 3  # measurements
OFF_CENTRE, WIDE, NARROW = 3.0, 10.0, 0.01
UNEVEN = 10.0
LEAST_EPOCHS, SINCE_BEST, WORSE = 4, 3, 1.5
PATIENCE = 3
DECAY = 0.01


def loader_bound(case: Case) -> Said | None:
    """Steps that wait for their data."""
    parts = {name: log.stretch().mean[-10:] for name, log in case.history.times.parts.items()}
    data = parts["data"]
    if len(data) < WAITED:
        return None
    wait = float(np.median(data))
    whole = sum(float(np.median(values)) for values in parts.values())
    if wait < LEAST_WAIT or wait < WAITING * whole:
        return None
    message = f"Training waits for data: {wait / whole * 100:.0f} % of a step goes by before the batch is there."
    hint = "Smaller images on disk, or a data set that fits into memory, let the device work meanwhile."
    return Said(message, hint)


def unscaled_inputs(case: Case) -> Said | None:
    """Inputs far from mean 0 and deviation 1."""
    checked = case.history.checked
    for x in checked.inputs if checked else ():
        if abs(x.mean) > OFF_CENTRE or x.std > WIDE or 0 < x.std < NARROW:
            break
    else:
        return None
    low, high, mean, deviation = (_plain(value) for value in (x.low, x.high, x.mean, x.std))
    message = f"Inputs are not scaled: from {low} to {high}, mean {mean}, deviation {deviation}."
    hint = "Weights begin and are learned as if inputs were around 0 with a deviation of about 1."
    recipe, repairs = case.project.recipe, ()
    if not recipe.dataset.streams and not any(isinstance(each, Standardise) for each in recipe.transforms):
        edit = SetRecipe("transforms", (*recipe.transforms, Standardise()))
        repairs = (Repair("Standardise the inputs", edit),)  # type: ignore[assignment]
    return Said(message, hint, (), repairs)


def _plain(value: float) -> str:
    """Three figures: 0.0312, 3.45, 7,900, and 1.2e+09 only where nobody would count the digits."""
    return f"{float(f'{value:.3g}'):,.0f}" if 100 <= abs(value) < 1e7 else f"{value:.3g}"


def class_imbalance(case: Case) -> Said | None:
    """Classes of which one has many times the samples of another."""
    counts = np.array(case.history.checked.classes if case.history.checked else (), float)
    present = counts[counts > 0]
    if len(present) < 2 or present.max() < UNEVEN * present.min():
        return None
    most, least = int(counts.argmax()), int(np.where(counts > 0, counts, np.inf).argmin())
    message = f"Classes are uneven: {counts[most]:,.0f} samples of class {most}, {counts[least]:,.0f} of class {least}."
    hint = "A network that never answers with the rare ones looks good on paper."
    losses, repairs = case.project.recipe.losses, ()
    if len(losses) == 1 and losses[0].key in ("CrossEntropyLoss", "NLLLoss") and not losses[0].weight:  # type: ignore[attr-defined]
        share = np.where(counts > 0, counts.sum() / (len(present) * np.maximum(counts, 1)), 0.0)
        weights = tuple(float(f"{value:.3g}") for value in share)
        repairs = (Repair("Weigh the classes", SetRecipe("losses.0.weight", weights)),)  # type: ignore[assignment]
    return Said(message, hint, (), repairs)


def overfitting(case: Case) -> Said | None:
    """A validation loss that rises while the training loss goes on falling."""
    _, losses = case.history.figure("val_loss")
    _, training = case.history.figure("loss")
    if case.has_phases or len(losses) < LEAST_EPOCHS or len(training) != len(losses) or not np.isfinite(losses).all():
        return None
    best = int(losses.argmin())
    rises = losses[-1] > WORSE * losses[best] and len(losses) - 1 - best >= SINCE_BEST
    if not (rises and training[-1] < training[best]):
        return None
    message = (
        f"It learns by heart: the validation loss was {losses[best]:.3g} after epoch {best + 1} and is "
        f"{losses[-1]:.3g}, while that of training fell to {training[-1]:.3g}."
    )
    recipe, repairs = case.project.recipe, []
    if not recipe.patience:
        repairs.append(Repair(f"Stop after {PATIENCE} epochs without gain", SetRecipe("patience", PATIENCE)))
    decay = getattr(recipe.optimizer, "weight_decay", None)
    if isinstance(decay, float) and not recipe.parts():
        more = max(DECAY, float(f"{decay * 10:.2g}"))
        repairs.append(Repair(f"Set weight_decay to {more:g}", SetRecipe("optimizer.weight_decay", more)))
    hint = "More data, Dropout, weight decay or fewer parameters help; so does stopping at the best."
    return Said(message, hint, (), tuple(repairs))


DATA_RULES = (
    Rule("loader-bound", "PyTorch performance tuning guide: overlap loading and computing", loader_bound),
    Rule("unscaled inputs", "LeCun, Bottou, Orr and Müller 1998, Efficient BackProp, §4.3", unscaled_inputs),
    Rule("class imbalance", "He and Garcia 2009, Learning from imbalanced data", class_imbalance),
    Rule("overfitting", "Prechelt 1998, Early stopping, but when?", overfitting),
)
