"""Rules about gradients, steps and the learning rate."""

from __future__ import annotations

import numpy as np

from engine.document.block_edits import SetRecipe
from engine.document.project import Project
from engine.errors import Repair
from engine.training.case import RECENT, Case, Rule, Said

LEAST_LAYERS = 4
VANISHED = 1e-4
EXPLODED, GROWN, LEAST_GROWN = 1e3, 100.0, 10.0
SMALL_UPDATE, LARGE_UPDATE = 1e-5, 0.1
AIM = 1e-3
LEAST_STEPS = 60
WORSE, WANDERS, JUMPED, NO_PROGRESS = 1.5, 0.98, 2.0, 0.02


def vanishing(case: Case) -> Said | None:
    """Gradients of the first layers, measured by their weights, far below those of the last."""
    relative = _relative(case)
    if len(relative) < LEAST_LAYERS or case.measured(case.raw_gradient) < RECENT:
        return None
    quarter = max(1, len(relative) // 4)
    first, last = float(np.median(relative[:quarter])), float(np.median(relative[-quarter:]))
    if not (last > 0 and first < VANISHED * last):
        return None
    path = case.nodes[_known(case)[0]]
    message = f"Gradients vanish: in the first layers they are {first / last:.0e} of those in the last."
    hint = (
        "The first layers hardly learn. Normalisation, skip connections or ReLU-like activations let gradients through."
    )
    return Said(message, hint, path)


def exploding(case: Case) -> Said | None:
    """Gradients that grow out of all proportion, or are larger than what they change."""
    quantity = case.raw_gradient
    if case.measured(quantity) < RECENT:
        return None
    now, before = _total(case.recent(quantity)), _total(case.early(quantity))
    weights = _total(case.recent("weight"))
    grown = case.measured(quantity) >= 2 * RECENT and now > GROWN * before and now > LEAST_GROWN
    large = weights > 0 and now > EXPLODED * weights
    if not (grown or large or np.isinf(case.recent(quantity)).any()):
        return None
    gradients = case.recent(quantity)
    path = case.nodes[int(np.nanargmax(gradients))]
    past = f", {now / before:.0f} times those of the beginning" if grown and before > 0 else ""
    message = f"Gradients explode: all together they are {now:.2g} long{past}."
    repairs = () if case.project.recipe.clip else (Repair("Clip gradients at 1", SetRecipe("clip", 1.0)),)
    return Said(message, "One such step can undo what was learned.", path, (*repairs, *_rate(case.project, 0.1)))


def update_ratio(case: Case) -> Said | None:
    """Steps that are far from a thousandth of what they change."""
    if case.measured("ratio") < RECENT or not case.is_at_full_rate or case.steps_done < LEAST_STEPS:
        return None
    ratios = case.recent("ratio")[case.weights]
    ratios = ratios[np.isfinite(ratios)]
    if not len(ratios):
        return None
    middle = float(np.median(ratios))
    if SMALL_UPDATE <= middle <= LARGE_UPDATE:
        return None
    size = "large" if middle > LARGE_UPDATE else "small"
    message = f"Updates are {size}: a step changes weights by {middle:.0e} of their size; about 1e-3 is usual."
    hints = {"large": "Such steps forget what was learned.", "small": "At this pace it learns nothing in usual time."}
    factor = 10.0 ** round(np.log10(AIM / max(middle, 1e-12)))
    return Said(message, hints[size], (), _rate(case.project, float(np.clip(factor, 1e-3, 1e3))))


def rate_too_high(case: Case) -> Said | None:
    """A loss that has risen well above its best, or does not fall while steps are large."""
    if case.has_phases or case.steps_done < LEAST_STEPS:
        return None
    smooth = case.smoothed()
    smooth = smooth[np.isfinite(smooth)]
    if len(smooth) < LEAST_STEPS // 4:
        return None
    best = int(np.argmin(smooth[len(smooth) // 20 :])) + len(smooth) // 20
    least, now = float(smooth[best]), float(smooth[-1])
    ratios = case.recent("ratio")[case.weights]
    pace = float(np.nanmedian(ratios)) if np.isfinite(ratios).any() else 0.0
    risen = least > 0 and now > WORSE * least and best < 0.8 * len(smooth) and pace > AIM
    first, peak = float(smooth[0]), float(smooth.max())
    wanders = now > WANDERS * first and pace > 10 * AIM
    jumped = 0 < JUMPED * first < peak and now > first / 2
    if not (risen or wanders or jumped):
        return None
    what = f"the loss was {least:.3g} and is {now:.3g}" if risen else f"the loss is {now:.3g}, no better than at first"
    if jumped and not risen:
        what = f"the loss rose from {first:.3g} to {peak:.3g}"
    message = f"The learning rate seems too high: {what}, with steps of {pace:.0e} of the weights."
    return Said(message, "Steps jump over what they look for.", (), _rate(case.project, 0.1))


def rate_too_low(case: Case) -> Said | None:
    """A loss that hardly falls while steps are tiny."""
    if case.has_phases or case.steps_done < LEAST_STEPS or not case.is_at_full_rate:
        return None
    if case.measured("ratio") < RECENT // 2:
        return None
    smooth = case.smoothed()
    smooth = smooth[np.isfinite(smooth)]
    ratios = case.recent("ratio")[case.weights]
    if len(smooth) < LEAST_STEPS // 4 or not np.isfinite(ratios).any():
        return None
    pace = float(np.nanmedian(ratios))
    first, now = float(np.median(smooth[: len(smooth) // 10 + 1])), float(smooth[-1])
    if not (0 < pace < AIM / 10 and abs(first - now) < NO_PROGRESS * abs(first)):
        return None
    message = (
        f"The learning rate seems too low: after {case.steps_done:,} steps the loss went from {first:.3g} to {now:.3g}."
    )
    hint = f"A step changes weights by {pace:.0e} of their size; about 1e-3 is usual."
    return Said(message, hint, (), _rate(case.project, 10.0))


GRADIENT_RULES = (
    Rule("vanishing gradients", "Glorot and Bengio 2010, The difficulty of training deep networks", vanishing),
    Rule("exploding gradients", "Pascanu et al. 2013, The difficulty of training recurrent networks", exploding),
    Rule("update ratio", "Karpathy, CS231n: the ratio of updates to weights should be about 1e-3", update_ratio),
    Rule("learning rate too high", "Bengio 2012, Recommendations for gradient-based training, 3.1.1", rate_too_high),
    Rule("learning rate too low", "Smith 2017, Cyclical learning rates, 3.3", rate_too_low),
)


def _known(case: Case) -> np.ndarray:
    gradients, weights = case.recent(case.raw_gradient), case.recent("weight")
    chosen = case.weights
    fits = np.isfinite(gradients[chosen]) & np.isfinite(weights[chosen]) & (weights[chosen] > 1e-8)
    return chosen[fits]


def _relative(case: Case) -> np.ndarray:
    """Gradients of the weights as a share of the weights, in the order of the code: free of their sizes."""
    known = _known(case)
    found: np.ndarray = case.recent(case.raw_gradient)[known] / case.recent("weight")[known]
    return found


def _total(norms: np.ndarray) -> float:
    return float(np.sqrt(np.nansum(np.square(norms[~np.isinf(norms)]))))


def _rate(project: Project, factor: float) -> tuple[Repair, ...]:
    """Another learning rate; with phases, of every one."""
    recipe, found = project.recipe, []
    rate = getattr(recipe.optimizer, "lr", None)
    if not recipe.parts() and isinstance(rate, float) and rate > 0:
        new = float(f"{rate * factor:.2g}")
        found.append(Repair(f"Set lr to {new:g}", SetRecipe("optimizer.lr", new)))
    return tuple(found)
