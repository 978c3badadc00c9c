"""From indices (words, classes, places) to learned vectors."""

from __future__ import annotations

from typing import Literal

from engine.errors import LayerError
from engine.layers.base import ModuleLayer, Port
from engine.spec import param
from engine.tensor import TensorSpec

INDICES = ("int64", "int32")


class Lookup(ModuleLayer, abstract=True):
    """A table with one learned row for each index."""

    category = "embedding"
    num_embeddings: int = param(1000, min=1, required=True, main=True, help="How many different indices there are.")
    embedding_dim: int = param(64, min=1, required=True, main=True, help="How many numbers each index becomes.")

    def check(self, x: TensorSpec) -> None:
        if x.dtype not in INDICES:
            hint = "Set the dtype of the Input to int64, or put a Cast before it." if x.is_floating else "Use int64."
            raise LayerError(f"Needs indices, whole numbers of type int64, gets {x.dtype} {_plain(x)}.", hint)
        place = getattr(self, "padding_idx", None)
        if place is not None and not -self.num_embeddings <= place < self.num_embeddings:
            raise LayerError(
                f"padding_idx={place} is none of {self.num_embeddings} indices.", f"Set it below {self.num_embeddings}."
            )


class Embedding(Lookup):
    """Looks up a learned vector for every index, as for words or classes.

    Input shape:  any, of type int64
    Output shape: the same with embedding_dim at the end
    """

    target = "nn.Embedding"
    formula = "y_i = W_{x_i}"
    use = "Take it first in networks for words, classes or other indices; numbers that mean an amount go into a Linear."
    aliases = ("lookup", "word vector", "token", "vocabulary", "table", "category")
    padding_idx: int | None = param(None, help="The index whose vector stays 0 and is never learned.")
    max_norm: float | None = param(None, min=0, advanced=True, help="Longer vectors are shortened to this length.")
    norm_type: float = param(2.0, min=0, advanced=True, help="The norm that max_norm measures with.")
    scale_grad_by_freq: bool = param(
        False, advanced=True, help="Divides gradients by how often an index comes in the batch."
    )
    sparse: bool = param(False, advanced=True, help="Sparse gradients, which only SGD and Adagrad take.")


class EmbeddingBag(Lookup):
    """Looks up a learned vector for every index of a sample and combines them into one.

    Samples of different length come laid one after another in one row, with offsets that say where each begins.

    Input shape:  (B, N), of type int64; with offsets (N) and offsets (B)
    Output shape: (B, embedding_dim)
    """

    target = "nn.EmbeddingBag"
    formula = r"y = \frac{1}{n} \sum_{i=1}^{n} W_{x_i}"
    use = "Take it where the order of the indices does not matter: bags of words, lists of tags; else an Embedding."
    aliases = ("lookup", "bag of words", "word vector", "mean", "ragged", "offsets")
    inputs = (
        Port("x", help="The indices."),
        Port("offsets", "optional", "Where in the row each sample begins; the first is 0."),
        Port("per_sample_weights", "optional", 'How much each index counts, with mode="sum": of the shape of x.'),
    )
    max_norm: float | None = param(None, min=0, advanced=True, help="Longer vectors are shortened to this length.")
    norm_type: float = param(2.0, min=0, advanced=True, help="The norm that max_norm measures with.")
    scale_grad_by_freq: bool = param(
        False, advanced=True, help="Divides gradients by how often an index comes in the batch."
    )
    mode: Literal["mean", "sum", "max"] = param("mean", main=True, help="How the vectors are combined.")
    sparse: bool = param(False, advanced=True, help="Sparse gradients, which only SGD and Adagrad take.")
    include_last_offset: bool = param(
        False, advanced=True, help="The last of the offsets is the number of all indices, and begins no sample."
    )
    padding_idx: int | None = param(None, help="The index that does not count.")

    def check(
        self, x: TensorSpec, offsets: TensorSpec | None = None, per_sample_weights: TensorSpec | None = None
    ) -> None:
        super().check(x)
        if offsets is None:
            hint = (
                "Flatten them to one row a sample." if x.rank > 2 else "Connect offsets, or put an Unsqueeze before it."
            )
            x.need_rank(2, of="indices (B, N)", hint=hint)
        else:
            self._check_offsets(x, offsets)
        if per_sample_weights is not None:
            self._check_weights(x, per_sample_weights)
        if self.mode == "max" and self.scale_grad_by_freq:
            raise LayerError('scale_grad_by_freq does not go with mode="max".', "Switch it off.")
        if self.mode == "max" and self.sparse:
            raise LayerError('sparse does not go with mode="max".', "Switch it off.")

    def _check_offsets(self, x: TensorSpec, offsets: TensorSpec) -> None:
        x.need_rank(1, of="one row of indices (N) beside offsets", hint="Flatten it from start_dim 0.")
        if offsets.rank != 1 or offsets.dtype != x.dtype:
            wanted = f"one row of type {x.dtype}"
            raise LayerError(f"offsets must be {wanted}, gets {offsets.dtype} {_plain(offsets)}.", port="offsets")
        if offsets.shape == (0,) and self.include_last_offset:
            raise LayerError("include_last_offset needs at least one offset.", port="offsets")

    def _check_weights(self, x: TensorSpec, weights: TensorSpec) -> None:
        port = "per_sample_weights"
        if self.mode != "sum":
            raise LayerError(f'{port} do not go with mode="{self.mode}".', 'Set mode to "sum".', port=port)
        if weights.shape != x.shape or weights.dtype != "float32":
            wanted = TensorSpec(x.shape)
            raise LayerError(f"{port} must be float32 {wanted}, gets {weights.dtype} {_plain(weights)}.", port=port)


def _plain(x: TensorSpec) -> str:
    return str(TensorSpec(x.shape))
