"""Weights that are computed from others at every step, by the functions of torch.nn.utils.parametrizations."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from engine.recipe.base import differing
from engine.spec import Spec, param

MODULE = "torch.nn.utils.parametrizations"
NAME = "The parameter that is computed; one of a part as out_proj.weight."


class Parametrisation(Spec, family=True):
    """How a parameter is computed from others that are learned in its place."""

    function: ClassVar[str] = ""
    name: str = param("weight", help=NAME, literal=True)

    def arguments(self) -> dict[str, Any]:
        """Options that differ from torch's defaults, in order, those of a part's parameter by its own name."""
        found = differing(self)
        own = self.name.rpartition(".")[2]
        return ({} if own == "weight" else {"name": own}) | {n: v for n, v in found.items() if n != "name"}

    @property
    def part(self) -> str:
        """The part of the layer whose parameter it is, "" for the layer itself."""
        return self.name.rpartition(".")[0]

    def import_line(self) -> str:
        return f"from {MODULE} import {self.function}"

    def why_not(self, shape: tuple[int, ...]) -> tuple[str, str] | None:
        """What is needed, and what to do, if a parameter of these sizes cannot be computed so."""
        return None


class WeightNorm(Parametrisation):
    """Length and direction are learned apart, which makes steps of even size (Salimans and Kingma 2016)."""

    title = "Weight norm"
    function = "weight_norm"
    aliases = ("weight normalisation",)
    dim: int = param(0, min=-1, max=8, help="The dimension along which each slice has its length; -1 for one of all.")

    def why_not(self, shape: tuple[int, ...]) -> tuple[str, str] | None:
        if not isinstance(self.dim, int) or self.dim < len(shape):
            return None
        return f"a dimension {self.dim}, and has {len(shape)}", "Set dim to 0."


class SpectralNorm(Parametrisation):
    """Divided by its largest singular value: a layer that never stretches by more than one (Miyato et al. 2018)."""

    title = "Spectral norm"
    function = "spectral_norm"
    aliases = ("lipschitz", "gan", "discriminator")
    n_power_iterations: int = param(1, min=1, help="Steps of power iteration at every use in training.")
    eps: float = param(1e-12, min=0.0, help="Added to divisors, so that nothing is divided by zero.", advanced=True)
    dim: int | None = param(None, min=0, max=8, help="The dimension of the outputs; unset: by the kind of layer.")

    def why_not(self, shape: tuple[int, ...]) -> tuple[str, str] | None:
        if not isinstance(self.dim, int) or self.dim < len(shape):
            return None
        return f"a dimension {self.dim}, and has {len(shape)}", "Leave dim unset."


class Orthogonal(Parametrisation):
    """Always a rotation: rows or columns at right angles, so that nothing grows or fades (Lezcano-Casado 2019)."""

    function = "orthogonal"
    aliases = ("rotation", "recurrent")
    orthogonal_map: Literal["matrix_exp", "cayley", "householder"] | None = param(
        None, help="How a rotation is made from what is learned; unset: by the sizes.", advanced=True
    )
    use_trivialization: bool = param(True, help="Learn the difference to where it began.", advanced=True)

    def why_not(self, shape: tuple[int, ...]) -> tuple[str, str] | None:
        return None if len(shape) >= 2 else ("two dimensions or more", "Take it away.")
