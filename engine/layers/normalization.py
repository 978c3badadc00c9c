"""Normalisation: values brought to mean 0 and spread 1, over the batch, the channels or the features."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.errors import LayerError
from engine.layers.base import ModuleLayer
from engine.layers.checks import FORMS, need_divides, need_form, need_weights_type, sizes_text
from engine.spec import param
from engine.tensor import TensorSpec


class ChannelNorm(ModuleLayer, abstract=True):
    """Normalisation of each channel by itself; `dims` is the number of dimensions of space."""

    category = "normalisation"
    dims: ClassVar[int] = 2

    def derive(self, x: TensorSpec) -> dict[str, Any]:
        if x.rank == 2 and self.key.startswith("BatchNorm"):
            what, form = FORMS[self.dims]
            raise LayerError(f"Needs {what} {form}, gets {x}.", "For features (B, C) take BatchNorm1d.")
        need_form(x, self.dims)
        need_weights_type(x)
        return {"num_features": x.dim(1, "channels", of="(B, C, ...)")}


class BatchNorm(ChannelNorm, abstract=True):
    """What batch normalisation of 1, 2 and 3 dimensions has in common."""

    formula = r"y = \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \epsilon}} \cdot \gamma + \beta"

    eps: float = param(
        1e-5, min=1e-12, advanced=True, help="Added to the variance, so that nothing is divided by zero."
    )
    momentum: float | None = param(
        0.1, min=0, max=1, advanced=True, help="How fast the running mean follows; none: the mean of all batches."
    )
    affine: bool = param(True, help="Learns a scale and a shift for each channel.")
    track_running_stats: bool = param(True, advanced=True, help="Remembers mean and variance for use after training.")


class BatchNorm1d(BatchNorm):
    """Brings every feature to mean 0 and spread 1 over the batch, which steadies and speeds up training.

    Input shape:  (B, C) or (B, C, L)
    Output shape: the same
    """

    dims = 1
    target = "nn.BatchNorm1d"
    use = "Take it between a Linear or Conv1d and its activation; with batches under about 16 a LayerNorm is steadier."
    aliases = ("batch normalization", "bn", "normalise")

    def derive(self, x: TensorSpec) -> dict[str, Any]:
        x.need_rank(2, 3, of="features (B, C) or a signal (B, C, L)", hint=_for_rank(x.rank, "BatchNorm"))
        need_weights_type(x)
        return {"num_features": x.dim(1, "channels", of="(B, C, ...)")}


class BatchNorm2d(BatchNorm):
    """Brings every channel of an image to mean 0 and spread 1 over the batch, which steadies and speeds up training.

    Input shape:  (B, C, H, W)
    Output shape: the same
    """

    target = "nn.BatchNorm2d"
    use = (
        "Take it between a Conv2d, which then needs no bias, and its activation; with batches under about 16 "
        "a GroupNorm is steadier."
    )
    aliases = ("batch normalization", "bn", "normalise")


class BatchNorm3d(BatchNorm):
    """Brings every channel of a volume to mean 0 and spread 1 over the batch.

    Input shape:  (B, C, D, H, W)
    Output shape: the same
    """

    dims = 3
    target = "nn.BatchNorm3d"
    use = (
        "Take it between a Conv3d and its activation; volumes leave room for small batches only, where a "
        "GroupNorm is steadier."
    )
    aliases = ("batch normalization", "bn", "normalise")


class InstanceNorm(ChannelNorm, abstract=True):
    """What instance normalisation of 1, 2 and 3 dimensions has in common."""

    formula = r"y = \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \epsilon}} \cdot \gamma + \beta"

    eps: float = param(1e-5, min=0, advanced=True, help="Added to the variance, so that nothing is divided by zero.")
    momentum: float | None = param(
        0.1, min=0, max=1, advanced=True, help="How fast the running mean follows; none: the mean of all batches."
    )
    affine: bool = param(False, help="Learns a scale and a shift for each channel.")
    track_running_stats: bool = param(False, advanced=True, help="Remembers mean and variance for use after training.")

    def derive(self, x: TensorSpec) -> dict[str, Any]:
        derived = super().derive(x)
        if all(size == 1 for size in x.shape[2:]):
            thing = FORMS[self.dims][0].split()[1]
            raise LayerError(
                f"Normalises each channel of one sample, but the {thing} is only {sizes_text(x.shape[2:])}.",
                "Pool or stride less before it, or take a LayerNorm.",
            )
        return derived


class InstanceNorm1d(InstanceNorm):
    """Brings every channel of every single signal to mean 0 and spread 1.

    Input shape:  (B, C, L)
    Output shape: the same
    """

    dims = 1
    target = "nn.InstanceNorm1d"
    use = "Take it where the level of each single signal should not matter; else a BatchNorm1d."
    aliases = ("instance normalization", "normalise")


class InstanceNorm2d(InstanceNorm):
    """Brings every channel of every single image to mean 0 and spread 1, as in style transfer.

    Input shape:  (B, C, H, W)
    Output shape: the same
    """

    target = "nn.InstanceNorm2d"
    use = "Take it where the contrast of each single image should not matter, as in style transfer; else a BatchNorm2d."
    aliases = ("instance normalization", "style transfer", "normalise")


class InstanceNorm3d(InstanceNorm):
    """Brings every channel of every single volume to mean 0 and spread 1.

    Input shape:  (B, C, D, H, W)
    Output shape: the same
    """

    dims = 3
    target = "nn.InstanceNorm3d"
    use = "Take it where the contrast of each single volume should not matter, as in segmentation of scans."
    aliases = ("instance normalization", "normalise")


class GroupNorm(ModuleLayer):
    """Brings groups of channels of every sample to mean 0 and spread 1; works with any batch size.

    Input shape:  (B, C, ...)
    Output shape: the same
    """

    target = "nn.GroupNorm"
    category = "normalisation"
    formula = r"y = \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \epsilon}} \cdot \gamma + \beta"
    use = (
        "Take it instead of a BatchNorm when batches are small; with 1 group it is a LayerNorm over channels "
        "and pixels."
    )
    aliases = ("group normalization", "normalise")
    signature = ("num_groups", "num_channels")
    num_groups: int = param(8, min=1, required=True, main=True, help="How many groups the channels are split into.")
    eps: float = param(1e-5, min=0, advanced=True, help="Added to the variance, so that nothing is divided by zero.")
    affine: bool = param(True, help="Learns a scale and a shift for each channel.")

    def derive(self, x: TensorSpec) -> dict[str, Any]:
        if x.rank < 2:
            raise LayerError(f"Needs channels (B, C, ...), gets {x}.", "Put an Unsqueeze before it.")
        need_weights_type(x)
        channels = x.dim(1, "channels", of="(B, C, ...)")
        need_divides(self.num_groups, channels, "num_groups", "channels")
        return {"num_channels": channels}


class FeatureNorm(ModuleLayer, abstract=True):
    """Normalisation of the last dimensions of every sample."""

    category = "normalisation"
    hidden = ("dims",)
    dims: int = param(1, min=1, max=8, help="How many of the last dimensions are normalised together.")

    def derive(self, x: TensorSpec) -> dict[str, Any]:
        need_weights_type(x)
        if x.rank <= self.dims:
            raise LayerError(
                f"Needs a batch and {self.dims} more dimensions, gets {x}.", f"Set dims to {max(x.rank - 1, 1)}."
            )
        sizes = tuple(x.dim(i, "features", of="(B, ..., features)") for i in range(-self.dims, 0))
        return {"normalized_shape": sizes[0] if len(sizes) == 1 else sizes}


class LayerNorm(FeatureNorm):
    """Brings the features of every sample to mean 0 and spread 1, as in transformers.

    Input shape:  (B, ..., features)
    Output shape: the same
    """

    target = "nn.LayerNorm"
    formula = r"y = \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \epsilon}} \cdot \gamma + \beta"
    use = "Take it in transformers and recurrent networks, before or after each part; it does not depend on the batch."
    aliases = ("layer normalization", "ln", "normalise", "transformer")
    eps: float = param(1e-5, min=0, advanced=True, help="Added to the variance, so that nothing is divided by zero.")
    elementwise_affine: bool = param(True, help="Learns a scale and a shift for each feature.")
    bias: bool = param(True, advanced=True, help="Learns the shift too, not only the scale.")


class RMSNorm(FeatureNorm):
    """Scales the features of every sample so that their mean square is 1, as in recent language models.

    Input shape:  (B, ..., features)
    Output shape: the same
    """

    target = "nn.RMSNorm"
    formula = r"y = \frac{x}{\sqrt{\frac{1}{n} \sum_{i} x_i^2 + \epsilon}} \cdot \gamma"
    use = "Take it in place of a LayerNorm in language models: as good there, and cheaper."
    aliases = ("root mean square", "normalise", "llama", "transformer")
    eps: float | None = param(None, min=0, advanced=True, help="Added before dividing; none: the type's smallest step.")
    elementwise_affine: bool = param(True, help="Learns a scale for each feature.")


class LocalResponseNorm(ModuleLayer):
    """Divides each channel by the strength of its neighbours, as in AlexNet.

    Input shape:  (B, C, L) or more dimensions
    Output shape: the same
    """

    target = "nn.LocalResponseNorm"
    category = "normalisation"
    formula = r"y_c = x_c \left( k + \frac{\alpha}{n} \sum_{j} x_j^2 \right)^{-\beta}"
    use = "Take it to rebuild AlexNet; new networks take a BatchNorm2d."
    aliases = ("lrn", "alexnet", "normalise")
    size: int = param(5, min=1, required=True, main=True, help="How many neighbouring channels count.")
    alpha: float = param(1e-4, help="How strongly the neighbours count.")
    beta: float = param(0.75, help="The power of the divisor.")
    k: float = param(1.0, help="Added to the divisor.")

    def check(self, x: TensorSpec) -> None:
        if x.rank < 3:
            raise LayerError(f"Needs channels and space (B, C, ...), gets {x}.", "Put a Reshape before it.")
        x.need_floating()


class CrossMapLRN2d(ModuleLayer):
    """Divides each channel of an image by the strength of its neighbours, as Caffe did it.

    Input shape:  (B, C, H, W)
    Output shape: the same
    """

    target = "nn.CrossMapLRN2d"
    category = "normalisation"
    formula = r"y_c = x_c \left( k + \frac{\alpha}{n} \sum_{j} x_j^2 \right)^{-\beta}"
    use = "Only for models that were trained in Caffe or Torch7. Elsewhere take LocalResponseNorm, or a GroupNorm."
    aliases = ("lrn", "caffe", "googlenet", "normalise")
    size: int = param(5, min=1, required=True, main=True, help="How many neighbouring channels count.")
    alpha: float = param(1e-4, help="How strongly the neighbours count.")
    beta: float = param(0.75, help="The power of the divisor.")
    k: float = param(1.0, help="Added to the divisor.")

    def check(self, x: TensorSpec) -> None:
        need_form(x, 2)
        x.need_floating()


def _for_rank(rank: int, family: str) -> str:
    return f"For {FORMS[rank - 2][0]} take {family}{rank - 2}d." if rank in (4, 5) else "Put a Flatten before it."
