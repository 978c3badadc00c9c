"""What torch.nn.functional computes and no module does."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.errors import LayerError
from engine.layers.base import FUNCTIONAL, FunctionLayer, Names, Port, source
from engine.layers.checks import broadcast, feature_axis
from engine.spec import param
from engine.tensor import TensorSpec


class FunctionalLayer(FunctionLayer, abstract=True):
    """A call of torch.nn.functional: options that equal its defaults are left out, as in a module's constructor."""

    extra: ClassVar[tuple[str, ...]] = ()
    """Options that `write` puts into the call by itself."""

    def imports(self) -> tuple[str, ...]:
        return (FUNCTIONAL,)

    def write(self, names: Names) -> str:
        wires = [names.fill("{" + port.name + "}") for port in self.ports_in() if port.kind != "optional"]
        for port in self.ports_in():
            if port.kind == "optional" and names.inputs.get(port.name, "None") != "None":
                wires.append(f"{port.name}={names.inputs[port.name]}")
        return f"F.{self.target.split('.')[-1]}({', '.join([*wires, *self.options(names)])})"

    def options(self, names: Names) -> list[str]:
        """The options as they stand in the call."""
        shown = [n for n, p in self.params.items() if n not in self.extra and getattr(self, n) != p.torch]
        return [f"{n}={names.params.get(n, source(getattr(self, n)))}" for n in shown]


class Normalize(FunctionalLayer):
    """Divides every vector along one dimension by its length, so that all have length 1.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.functional.normalize"
    category = "normalisation"
    formula = r"y = \frac{x}{\max(\|x\|_p, \epsilon)}"
    use = (
        "Take it before comparing vectors by their angle, as in contrastive learning and retrieval. To steady "
        "training take a LayerNorm."
    )
    aliases = ("unit length", "l2 normalise", "l2 norm", "unit vector", "cosine", "contrastive")
    p: float = param(2.0, help="The norm: 2 is the usual length, 1 sums, a large one is the maximum.")
    dim: int = param(1, main=True, help="The dimension that holds the vectors; -1 is the last.")
    eps: float = param(1e-12, min=0, advanced=True, help="The smallest length, so that nothing is divided by zero.")

    def check(self, x: TensorSpec) -> None:
        x.need_floating()
        feature_axis(x, self.dim, "measure across samples")


class GumbelSoftmax(FunctionalLayer):
    """Draws a class by its score, in a way that gradients can pass.

    Input shape:  any, scores along dim
    Output shape: the same: shares that sum to 1, or with hard a single 1
    """

    target = "nn.functional.gumbel_softmax"
    category = "activation"
    formula = (
        r"y_i = \frac{e^{(x_i + g_i) / \tau}}{\sum_{j} e^{(x_j + g_j) / \tau}}, \quad g \sim \mathrm{Gumbel}(0, 1)"
    )
    use = (
        "Take it where a network has to choose one of several and learn from that: discrete codes, mixtures, "
        "architectures. For shares without chance take a Softmax."
    )
    aliases = ("sample", "categorical", "discrete", "straight through", "choose", "random")
    tau: float = param(1.0, min=1e-3, main=True, help="The temperature: a low one chooses sharply, a high one evenly.")
    hard: bool = param(False, main=True, help="Gives a single 1, with the gradient of the soft shares.")
    dim: int = param(-1, help="The dimension along which one is chosen; -1 is the last.")

    def check(self, x: TensorSpec) -> None:
        x.need_floating()
        feature_axis(x, self.dim, "weigh samples against one another")


class ScaledDotProductAttention(FunctionalLayer):
    """Lets every query gather values by how well their keys match it; nothing is learned.

    Input shape:  query (B, heads, T, E), key (B, heads, S, E), value (B, heads, S, V)
    Output shape: (B, heads, T, V)
    """

    target = "nn.functional.scaled_dot_product_attention"
    category = "attention"
    formula = r"\mathrm{softmax}\left( \frac{Q K^{\top}}{\sqrt{E}} \right) V"
    use = (
        "Take it to build attention of your own: other positions, other projections, shared heads. Otherwise "
        "MultiheadAttention has its projections with it."
    )
    aliases = ("sdpa", "flash attention", "self attention", "cross attention", "grouped query", "gqa", "attention core")
    inputs = (
        Port("query", help="What asks, (B, heads, T, E)."),
        Port("key", help="What is asked, (B, heads, S, E)."),
        Port("value", help="What is gathered, (B, heads, S, V)."),
        Port(
            "attn_mask", "optional", "(T, S) or larger: False or -inf forbids, other numbers are added to the scores."
        ),
    )
    example: ClassVar[dict[str, Any]] = {"query": "B, 4, 12, 16", "key": "B, 4, 12, 16", "value": "B, 4, 12, 16"}
    extra = ("dropout_p",)
    dropout_p: float = param(0.0, min=0, max=1, help="Share of the attention left out while training.")
    is_causal: bool = param(False, main=True, help="Forbids every step to look at later ones.")
    scale: float | None = param(None, advanced=True, help="Multiplies the scores; none: 1 / sqrt(E).")
    enable_gqa: bool = param(
        False, advanced=True, help="Lets several heads of the query share one head of key and value."
    )

    def check(self, query: TensorSpec, key: TensorSpec, value: TensorSpec, attn_mask: TensorSpec | None = None) -> None:
        for port, x in (("query", query), ("key", key), ("value", value)):
            if x.rank < 2 or not x.is_floating:
                wanted = "Needs numbers with a fraction, (B, heads, T, E)"
                raise LayerError(f"{wanted}, gets {x.dtype} {x}.", "Reshape into heads and transpose.", port=port)
            if x.dtype != query.dtype:
                raise LayerError(f"{port} is {x.dtype}, but query is {query.dtype}.", port=port)
        if query.shape[-1] != key.shape[-1]:
            raise LayerError(f"query and key differ in the last size: {query}, {key}.", port="key")
        if key.shape[-2] != value.shape[-2]:
            raise LayerError(f"key and value need the same steps, gets {key}, {value}.", port="value")
        self._check_heads(query, key, value)
        self._check_mask(query, key, attn_mask)

    def _check_heads(self, query: TensorSpec, key: TensorSpec, value: TensorSpec) -> None:
        if self.enable_gqa:
            if not query.rank == key.rank == value.rank >= 4:
                raise LayerError(f"enable_gqa needs (B, heads, T, E) three times, gets {query}, {key}, {value}.")
            for port, x in (("key", key), ("value", value)):
                heads, own = query.shape[-3], x.shape[-3]
                if x.shape[:-3] != query.shape[:-3]:
                    raise LayerError(f"query and {port} differ in the batch: {query}, {x}.", port=port)
                if not (isinstance(heads, int) and isinstance(own, int) and own and heads % own == 0):
                    raise LayerError(f"{own} heads of {port} cannot serve {heads} of query.", port=port)
        elif not broadcast([TensorSpec(x.shape[:-2]) for x in (query, key, value)]):
            raise LayerError(
                f"The inputs differ before the last two sizes: {query}, {key}, {value}.",
                "With fewer heads of key and value switch on enable_gqa.",
            )

    def _check_mask(self, query: TensorSpec, key: TensorSpec, mask: TensorSpec | None) -> None:
        if mask is None:
            return
        if self.is_causal:
            raise LayerError(
                "is_causal does not go with a mask.", "Switch it off, or take the wire away.", port="attn_mask"
            )
        if mask.dtype not in ("bool", query.dtype):
            raise LayerError(f"attn_mask must be bool or {query.dtype}, gets {mask.dtype}.", port="attn_mask")
        scores = TensorSpec((*query.shape[:-1], key.shape[-2]))
        if (
            mask.rank > scores.rank
            or mask.rank < 2
            or not all(m in (1, s) for m, s in zip(mask.shape[::-1], scores.shape[::-1]))
        ):
            raise LayerError(f"attn_mask must fit to {scores}, gets {mask}.", port="attn_mask")

    def options(self, names: Names) -> list[str]:
        dropout = names.params.get("dropout_p", "0.0")
        own = [f"dropout_p={dropout} if self.training else 0.0"] if self.dropout_p != 0 else []
        return own + super().options(names)
