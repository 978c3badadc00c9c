"""Attention and the transformer layers made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from engine.errors import LayerError
from engine.layers.base import FunctionLayer, ModuleLayer, Names, Port
from engine.layers.checks import need_divides, need_weights_type, times
from engine.spec import param
from engine.tensor import Dim, TensorSpec

_MASK = "Which step may not look at which: (T, T), True or -inf forbids."
_PADDING = "Which steps are only padding: (B, T), True means padding."


def need_sequence(x: TensorSpec, port: str) -> int:
    """The number of features of a sequence (B, T, features). Raises: LayerError."""
    if x.rank != 3:
        hint = "Put an Embedding before it." if x.dtype == "int64" else "Put an Unflatten or a Reshape before it."
        raise LayerError(f"Needs a sequence (B, T, features), gets {x}.", hint, port=port)
    need_weights_type(x, port)
    return x.dim(2, "features", of="(B, T, features)")


def need_mask(mask: TensorSpec | None, port: str, forms: tuple[tuple[Any, ...], ...]) -> None:
    """Raises: LayerError unless the mask is boolean or floating and has one of the shapes."""
    if mask is None:
        return
    if mask.dtype not in ("bool", "float32"):
        raise LayerError(f"{port} must be of type bool or float32, gets {mask.dtype}.", port=port)
    if mask.shape not in forms:
        wanted = " or ".join(str(TensorSpec(form)) for form in forms)
        raise LayerError(f"{port} must be {wanted}, gets {mask}.", port=port)


class MultiheadAttention(ModuleLayer):
    """Lets every step of a sequence gather what it needs from all steps, several ways at once.

    With only query connected the sequence attends to itself. Unconnected, value follows key.

    Input shape:  query (B, T, features), key and value (B, S, features)
    Output shape: out (B, T, features), weights (B, T, S), or (B, num_heads, T, S) without average_attn_weights
    """

    target = "nn.MultiheadAttention"
    category = "attention"
    formula = r"\mathrm{softmax}\left( \frac{Q K^{\top}}{\sqrt{d}} \right) V"
    use = (
        "Take it where every step may need any other; positions must be added before it, and its cost grows "
        "with the square of the length."
    )
    aliases = ("self attention", "cross attention", "transformer", "mha", "scaled dot product")
    inputs = (
        Port("query", help="The sequence that asks."),
        Port("key", "optional", "The sequence that is asked; the query itself if not connected."),
        Port("value", "optional", "What is gathered; the key's sequence if not connected."),
        Port("key_padding_mask", "optional", _PADDING),
        Port("attn_mask", "optional", _MASK),
    )
    outputs = (
        Port("out", help="What every step gathered."),
        Port("weights", help="How much each step looked at each."),
    )
    signature = ("embed_dim", "num_heads")
    num_heads: int = param(4, min=1, required=True, main=True, help="How many ways of looking; must divide features.")
    dropout: float = param(0.0, min=0, max=1, help="Share of the attention left out while training.")
    bias: bool = param(True, advanced=True, help="Adds learned numbers in the projections.")
    add_bias_kv: bool = param(False, advanced=True, help="Adds one learned step to key and value.")
    add_zero_attn: bool = param(
        False, advanced=True, help="Adds one step of zeros, so that attending to nothing works."
    )
    batch_first: bool = param(True, torch=False, advanced=True, help="The batch comes first, then the steps.")
    average_attn_weights: bool = param(
        True, advanced=True, help="Gives the mean weights of all ways, not each of them."
    )
    is_causal: bool = param(False, advanced=True, help="Says that attn_mask is a CausalMask, which is computed faster.")
    hidden = ("average_attn_weights", "is_causal")

    def derive(
        self,
        query: TensorSpec,
        key: TensorSpec | None = None,
        value: TensorSpec | None = None,
        key_padding_mask: TensorSpec | None = None,
        attn_mask: TensorSpec | None = None,
    ) -> dict[str, Any]:
        size = need_sequence(query, "query")
        need_divides(self.num_heads, size, "num_heads", "features")
        key = key or query
        value = value or key
        sizes = {"kdim": need_sequence(key, "key"), "vdim": need_sequence(value, "value")}
        if key.shape[:2] != value.shape[:2]:
            raise LayerError(f"key and value differ: {key}, {value}.", "They need the same steps.", port="value")
        batch, steps = (0, 1) if self.batch_first else (1, 0)
        if query.shape[batch] != key.shape[batch]:
            raise LayerError(f"query and key differ: {query}, {key}.", "They need the same batch.", port="key")
        need_mask(key_padding_mask, "key_padding_mask", ((query.shape[batch], key.shape[steps]),))
        self._check_mask(attn_mask, query.shape[batch], (query.shape[steps], key.shape[steps]))
        return {"embed_dim": size, **{name: n for name, n in sizes.items() if n != size}}

    def _check_mask(self, mask: TensorSpec | None, batch: Dim, square: tuple[Dim, Dim]) -> None:
        if mask is None and self.is_causal:
            raise LayerError("is_causal needs a mask.", "Wire a CausalMask into attn_mask.", port="attn_mask")
        need_mask(mask, "attn_mask", (square, (times(batch, self.num_heads), *square)))

    def emit(self, names: Names) -> tuple[str, ...]:
        query, key, value = (str(names.inputs.get(p, "None")) for p in ("query", "key", "value"))
        key = query if key == "None" else key
        arguments = [query, key, key if value == "None" else value]
        for mask in ("key_padding_mask", "attn_mask"):
            if names.inputs.get(mask, "None") != "None":
                arguments.append(f"{mask}={names.inputs[mask]}")
        if names.outputs["weights"] == "_":
            arguments.append("need_weights=False")
        elif self.average_attn_weights is not True:
            arguments.append("average_attn_weights={average_attn_weights}")
        if self.is_causal is not False:
            arguments.append("is_causal={is_causal}")
        return (names.fill("{out}, {weights} = {self}(" + ", ".join(arguments) + ")"),)


class TransformerLayer(ModuleLayer, abstract=True):
    """What encoder and decoder layers have in common."""

    category = "attention"
    signature: ClassVar[tuple[str, ...]] = ("d_model", "nhead")
    nhead: int = param(4, min=1, required=True, main=True, help="How many ways of looking; must divide features.")
    dim_feedforward: int = param(256, min=1, torch=2048, main=True, help="Width of the two linear layers inside.")
    dropout: float = param(0.1, min=0, max=1, help="Share left out while training.")
    activation: Literal["relu", "gelu"] = param("relu", help="The activation inside.")
    layer_norm_eps: float = param(1e-5, min=0, advanced=True, help="Added to the variance in its LayerNorms.")
    batch_first: bool = param(True, torch=False, advanced=True, help="The batch comes first, then the steps.")
    norm_first: bool = param(False, help="Normalises before attention instead of after it; steadier when deep.")
    bias: bool = param(True, advanced=True, help="Adds learned numbers in all parts.")
    is_causal: bool = param(False, advanced=True, help="Says that the mask is a CausalMask, which is computed faster.")
    hidden: ClassVar[tuple[str, ...]] = ("is_causal",)
    causal: ClassVar[Mapping[str, str]] = {}
    """Ports of masks, and how forward calls what says that they are causal; is_causal speaks of the last."""
    detects: ClassVar[bool] = False
    """Whether torch would look at the mask itself, which stops training on a GPU for a moment and needs numbers."""

    def emit(self, names: Names) -> tuple[str, ...]:
        (statement,) = super().emit(names)
        flags = ""
        for port, flag in self.causal.items():
            said = names.params["is_causal"] if port == [*self.causal][-1] else "False"
            if names.inputs.get(port, "None") != "None" and (self.detects or said != "False"):
                flags += f", {flag}={said}"
        return (statement[:-1] + flags + ")",)

    def _check_causal(self, mask: TensorSpec | None, port: str) -> None:
        if self.is_causal and mask is None:
            raise LayerError("is_causal needs a mask.", f"Wire a CausalMask into {port}.", port=port)

    def _features(self, x: TensorSpec, port: str) -> int:
        size = need_sequence(x, port)
        need_divides(self.nhead, size, "nhead", "features")
        return size

    def _mask_forms(self, x: TensorSpec, over: TensorSpec) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        batch, steps = (0, 1) if self.batch_first else (1, 0)
        return (x.shape[steps], over.shape[steps]), (over.shape[batch], over.shape[steps])


class EncoderPart(TransformerLayer, abstract=True):
    """What one encoder layer and a row of them have in common."""

    inputs = (
        Port("x", help="The sequence."),
        Port("mask", "optional", _MASK),
        Port("padding_mask", "optional", _PADDING),
    )

    def derive(
        self, x: TensorSpec, mask: TensorSpec | None = None, padding_mask: TensorSpec | None = None
    ) -> dict[str, Any]:
        size = self._features(x, "x")
        square, rows = self._mask_forms(x, x)
        self._check_causal(mask, "mask")
        need_mask(mask, "mask", (square,))
        need_mask(padding_mask, "padding_mask", (rows,))
        return {"d_model": size}


class TransformerEncoderLayer(EncoderPart):
    """Mixes a sequence by self-attention, then every step by itself: the building stone of transformers.

    Input shape:  (B, T, features)
    Output shape: the same
    """

    target = "nn.TransformerEncoderLayer"
    formula = r"x' = \mathrm{LN}(x + \mathrm{Attention}(x)), \quad y = \mathrm{LN}(x' + \mathrm{MLP}(x'))"
    use = "Take several in a row to read a whole sequence: text, patches of an image; add positions before the first."
    aliases = ("self attention", "bert", "vit", "gpt", "encoder", "block")
    keywords: ClassVar[Mapping[str, str]] = {"mask": "src_mask", "padding_mask": "src_key_padding_mask"}
    causal: ClassVar[Mapping[str, str]] = {"mask": "is_causal"}


class DecoderPart(TransformerLayer, abstract=True):
    """What one decoder layer and a row of them have in common."""

    inputs = (
        Port("x", help="The sequence that is being made."),
        Port("memory", help="The sequence to gather from, usually the encoder's."),
        Port("mask", "optional", _MASK),
        Port("memory_mask", "optional", "Which step may not look at which of the memory: (T, S)."),
        Port("padding_mask", "optional", _PADDING),
        Port("memory_padding_mask", "optional", "Which steps of the memory are only padding: (B, S)."),
    )
    keywords: ClassVar[Mapping[str, str]] = {
        "mask": "tgt_mask",
        "memory_mask": "memory_mask",
        "padding_mask": "tgt_key_padding_mask",
        "memory_padding_mask": "memory_key_padding_mask",
    }

    def derive(
        self,
        x: TensorSpec,
        memory: TensorSpec,
        mask: TensorSpec | None = None,
        memory_mask: TensorSpec | None = None,
        padding_mask: TensorSpec | None = None,
        memory_padding_mask: TensorSpec | None = None,
    ) -> dict[str, Any]:
        size, other = self._features(x, "x"), need_sequence(memory, "memory")
        batch = 0 if self.batch_first else 1
        if size != other or x.shape[batch] != memory.shape[batch]:
            raise LayerError(
                f"The inputs differ: {x}, {memory}.", "Batch and features must be the same.", port="memory"
            )
        square, rows = self._mask_forms(x, x)
        self._check_causal(mask, "mask")
        need_mask(mask, "mask", (square,))
        need_mask(padding_mask, "padding_mask", (rows,))
        square, rows = self._mask_forms(x, memory)
        need_mask(memory_mask, "memory_mask", (square,))
        need_mask(memory_padding_mask, "memory_padding_mask", (rows,))
        return {"d_model": size}


class TransformerDecoderLayer(DecoderPart):
    """Mixes a sequence by self-attention and gathers from a second one, the encoder's memory.

    Input shape:  x (B, T, features), memory (B, S, features)
    Output shape: (B, T, features)
    """

    target = "nn.TransformerDecoderLayer"
    formula = (
        r"x' = \mathrm{LN}(x + \mathrm{Attention}(x)), \quad x'' = \mathrm{LN}(x' + \mathrm{Attention}(x', "
        r"m)), \quad y = \mathrm{LN}(x'' + \mathrm{MLP}(x''))"
    )
    use = (
        "Take several in a row to write one sequence while reading another, as in translation, with a "
        "CausalMask; a GPT needs the encoder layer with that mask."
    )
    aliases = ("cross attention", "seq2seq", "translation", "decoder", "block")
    causal: ClassVar[Mapping[str, str]] = {"mask": "tgt_is_causal"}


class CausalMask(FunctionLayer):
    """Makes the mask that forbids every step to look at later ones, as when predicting the next word.

    Wire it to the mask of an attention layer.

    Input shape:  the sequence (B, T, ...)
    Output shape: (T, T)
    """

    target = "nn.Transformer.generate_square_subsequent_mask"
    category = "attention"
    formula = r"M_{ij} = 0 \ \mathrm{for} \ j \leq i, \quad -\infty \ \mathrm{else}"
    use = "Take it wherever a network predicts the next step, so that none sees what it should predict."
    aliases = ("causal", "autoregressive", "gpt", "triangular", "look ahead", "decoder")
    inputs = (Port("x", help="The sequence whose steps are counted."),)
    outputs = (Port("mask", help="0 where looking is allowed, -inf where not."),)
    expression = "nn.Transformer.generate_square_subsequent_mask({x}.shape[1], device={x}.device)"

    def check(self, x: TensorSpec) -> None:
        if x.rank < 2:
            raise LayerError(f"Needs a sequence (B, T, ...), gets {x}.", "Put an Unsqueeze before it.")
