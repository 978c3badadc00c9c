"""From indices (words, classes, places) to learned vectors."""

from __future__ import annotations

from typing import Literal

from engine.errors import LayerError
from engine.layers.base import ModuleLayer
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
            hint = "Set the dtype of the Input to int64." if x.is_floating else "Use int64 indices."
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

    Input shape:  (B, N), of type int64
    Output shape: (B, embedding_dim)
    """

    target = "nn.EmbeddingBag"
    formula = r"y = \frac{1}{n} \sum_{i=1}^{n} W_{x_i}"
    use = "Take it where the order of the indices does not matter: bags of words, lists of tags; else an Embedding."
    aliases = ("lookup", "bag of words", "word vector", "mean")
    max_norm: float | None = param(None, min=0, advanced=True, help="Longer vectors are shortened to this length.")
    norm_type: float = param(2.0, min=0, advanced=True, help="The norm that max_norm measures with.")
    scale_grad_by_freq: bool = param(
        False, advanced=True, help="Divides gradients by how often an index comes in the batch."
    )
    mode: Literal["mean", "sum", "max"] = param("mean", main=True, help="How the vectors are combined.")
    sparse: bool = param(False, advanced=True, help="Sparse gradients, which only SGD and Adagrad take.")
    padding_idx: int | None = param(None, help="The index that does not count.")

    def check(self, x: TensorSpec) -> None:
        super().check(x)
        x.need_rank(2, of="indices (B, N)", hint="Flatten them to one row a sample.")
        if self.mode == "max" and self.scale_grad_by_freq:
            raise LayerError('scale_grad_by_freq does not go with mode="max".', "Switch it off.")
        if self.mode == "max" and self.sparse:
            raise LayerError('sparse does not go with mode="max".', "Switch it off.")


def _plain(x: TensorSpec) -> str:
    return str(TensorSpec(x.shape))
