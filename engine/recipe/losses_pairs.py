"""Losses that look at several outputs at once: pairs, triplets, a mean with its variance, sequences."""

from typing import Any, Literal

from engine.recipe.base import Loss, Raw
from engine.recipe.losses import REDUCTION, Reduction
from engine.spec import param

OTHER = "The name of the Output, or of a target of the data, that is"


class GaussianNLLLoss(Loss):
    """How surprised the network is by a number, given its expected value and its variance: it says how sure it is."""

    title = "GaussianNLLLoss"
    target = "nn.GaussianNLLLoss"
    function = "F.gaussian_nll_loss"
    aliases = ("regression", "variance", "uncertainty", "heteroscedastic")
    others = ("var",)
    var: str = param("var", help=f"{OTHER} the variance.", main=True)
    full: bool = param(False, help="Add the term that does not depend on the network.", advanced=True)
    eps: float = param(1e-6, min=1e-30, help="The smallest variance that is believed.", advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)


class CosineEmbeddingLoss(Loss):
    """Turns two outputs to the same side for a yes, and apart for a no."""

    target = "nn.CosineEmbeddingLoss"
    function = "F.cosine_embedding_loss"
    aliases = ("similarity", "pairs", "siamese", "metric learning")
    wants = "sign"
    form = "none"
    others = ("input2",)
    others_first = True
    input2: str = param("other", help=f"{OTHER} compared with this one.", main=True)
    margin: float = param(0.0, min=-1.0, max=1.0, help="Cosine below which unlike things may stay.")
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)


class MarginRankingLoss(Loss):
    """Makes this output larger than another for a yes, and smaller for a no."""

    target = "nn.MarginRankingLoss"
    function = "F.margin_ranking_loss"
    aliases = ("ranking", "pairs", "order")
    wants = "sign"
    form = "none"
    others = ("input2",)
    others_first = True
    input2: str = param("other", help=f"{OTHER} compared with this one.", main=True)
    margin: float = param(0.0, min=0.0, help="By how much the one should lead.")
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)


class TripletMarginLoss(Loss):
    """Brings this output nearer to one that is alike than to one that is not, by a margin."""

    target = "nn.TripletMarginLoss"
    function = "F.triplet_margin_loss"
    aliases = ("triplet", "metric learning", "embedding", "faces")
    wants = "nothing"
    form = "none"
    others = ("positive", "negative")
    others_first = True
    positive: str = param("positive", help=f"{OTHER} alike.", main=True)
    negative: str = param("negative", help=f"{OTHER} not alike.", main=True)
    margin: float = param(1.0, min=1e-9, help="By how much nearer.")
    p: float = param(2.0, min=0.0, help="Of the norm that measures distances.", advanced=True)
    eps: float = param(1e-6, min=0.0, help="Added to differences.", advanced=True)
    swap: bool = param(False, help="Look at the distance between the two others as well.", advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)


class TripletMarginWithDistanceLoss(Loss):
    """The same with a distance of one's choice."""

    target = "nn.TripletMarginWithDistanceLoss"
    function = "F.triplet_margin_with_distance_loss"
    aliases = ("triplet", "metric learning", "cosine")
    wants = "nothing"
    form = "none"
    others = ("positive", "negative")
    others_first = True
    positive: str = param("positive", help=f"{OTHER} alike.", main=True)
    negative: str = param("negative", help=f"{OTHER} not alike.", main=True)
    distance_function: Literal["cosine", "manhattan"] | None = param(
        None, help="How distances are measured; unset: Euclidean.", main=True
    )
    margin: float = param(1.0, min=1e-9, help="By how much nearer.")
    swap: bool = param(False, help="Look at the distance between the two others as well.", advanced=True)
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        if self.distance_function is not None:
            given["distance_function"] = Raw(DISTANCES[self.distance_function])
        return given


DISTANCES = {
    "cosine": "lambda a, b: 1 - F.cosine_similarity(a, b)",
    "manhattan": "lambda a, b: F.pairwise_distance(a, b, p=1)",
}


class CTCLoss(Loss):
    """How surprised the network is by a sequence whose places in time are not known: speech, handwriting."""

    target = "nn.CTCLoss"
    function = "F.ctc_loss"
    aliases = ("sequence", "speech", "handwriting", "alignment", "connectionist")
    wants = "sequence"
    form = "none"
    others = ("input_lengths", "target_lengths")
    input_lengths: str = param("input_lengths", help=f"{OTHER} the number of time steps of each sample.", main=True)
    target_lengths: str = param("target_lengths", help=f"{OTHER} the number of words of each target.", main=True)
    blank: int = param(0, min=0, help="The class that means nothing.")
    reduction: Reduction = param("mean", help=REDUCTION, advanced=True)
    zero_infinity: bool = param(False, help="Count targets that are too long as nothing.", advanced=True)
