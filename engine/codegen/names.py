"""Valid, unique identifiers that shadow nothing: whatever a project file calls its layers."""

from __future__ import annotations

import builtins
import keyword
import unicodedata
from collections.abc import Collection, Iterable
from itertools import repeat

KEYWORDS = frozenset(keyword.kwlist)
MODULES = frozenset(
    {
        "torch",
        "nn",
        "F",
        "np",
        "math",
        "os",
        "sys",
        "copy",
        "time",
        "random",
        "argparse",
        "functools",
        "ops",
        "self",
        "cls",
    }
)
_OF_DATA = """LEARNING_RATE EVALUATION_BATCH_SIZE Path Image Pictures Subset partial csv one_hot numbers classes
accuracy f1 mae rmse r2 load_digits load_iris load_wine load_breast_cancer load_diabetes make_moons make_blobs PATH
COLUMNS NUMBERS KINDS TARGETS WORDS HOLES NEEDED MIDDLES FOLDER CLASSES ENDINGS"""
SCRIPT = frozenset(_OF_DATA.split()) | frozenset(
    """
    EPOCHS BATCH_SIZE ACCUMULATE LEARNING_RATE SEED DEVICE VALIDATION EVALUATION_BATCH_SIZE CLIP PATIENCE
    PRECISION Setup Tensor Tensors Iterator NamedTuple Dataset DataLoader TensorDataset EarlyStopping load_data
    split standardise batches criterion check_device pick_device warm_up setup steps_per_epoch train evaluate
    PLANNED_EPOCHS steered after_step after_epoch set_learning_rate replan clip_gradients freeze
    unfreeze frozen_parameters report main parameter_groups only by_decay matrices with_sparse_gradients joined
    OTHERS_RATE Any Sequence lengths_of clip_grad_norm_
    """.split()  # noqa: SIM905
)
"""What the rest of the generated script defines or imports at its top level."""

RESERVED = KEYWORDS | frozenset(dir(builtins)) | MODULES
"""Names that no variable of the generated text may take."""


def identifier(text: object, otherwise: str = "layer") -> str:
    """A valid Python identifier as close to the text as can be; the text itself if it is one already.

    Names that begin with two underscores would be mangled inside a class, so one is left.
    """
    if isinstance(text, str) and text.isidentifier() and text.isascii() and not text.startswith("__") and text != "_":
        return text
    normal = unicodedata.normalize("NFKC", text if isinstance(text, str) else "")
    kept = "".join(c if ("_" + c).isidentifier() else "_" for c in normal)[:80]
    kept = "_" + kept.lstrip("_") if kept.startswith("__") else kept
    if not kept.strip("_"):
        return otherwise
    return kept if kept.isidentifier() else f"_{kept}"


def are_free(names: Collection[str], reserved: frozenset[str]) -> bool:
    """Whether each of these names can be given out as it is."""
    distinct = set(names)
    if len(distinct) < len(names) or not distinct.isdisjoint(reserved) or "_" in distinct:
        return False
    valid = all(map(str.isidentifier, distinct)) and all(map(str.isascii, distinct))
    return valid and not any(map(str.startswith, distinct, repeat("__")))


class Namespace:
    """Gives out identifiers, each once: `conv`, then `conv_2`; a reserved word gets `_` behind it."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self.reserved = frozenset(reserved)
        self.taken = set(self.reserved)

    def __contains__(self, name: str) -> bool:
        return name in self.taken

    def add(self, wish: object, *others: str) -> str:
        """The first of the wishes that is free, else the first with `_` or a number behind it."""
        name = self.free(wish, *others)
        self.taken.add(name)
        return name

    def free(self, wish: object, *others: str) -> str:
        """The name that would be given out."""
        first = identifier(wish)
        for name in (first, *others, *([f"{first}_"] if first in self.reserved else [])):
            if name not in self:
                return name
        number = 2
        while f"{first}_{number}" in self:
            number += 1
        return f"{first}_{number}"
