"""Rows of transformer layers, as torch has them ready made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from engine.errors import LayerError
from engine.layers.attention import DecoderPart, EncoderPart, TransformerLayer, need_mask, need_sequence
from engine.layers.base import Call, Port
from engine.spec import param
from engine.tensor import TensorSpec

_ROW = ("num_layers", "norm", "enable_nested_tensor", "mask_check")
_NUMBER = "How many layers in a row, each with weights of its own."
_NORM = "Normalises once more at the end, as is usual with norm_first."
_STEPS = "Which step of {0} may not look at which: ({1}, {1}), True or -inf forbids."
_PADDED = "Which steps of {0} are only padding: (B, {1}), True means padding."


class Row(TransformerLayer, abstract=True):
    """Several layers of one kind in a row; `stone` is the class of each. Its options are theirs and the row's own."""

    stone: ClassVar[str] = ""

    def build(self, derived: Mapping[str, Any]) -> Call:
        whole = super().build(derived)
        stone = Call(self.stone, whole.positional, tuple(pair for pair in whole.named if pair[0] not in _ROW))
        own = {name: value for name, value in whole.named if name in _ROW and name != "norm"}
        rest: list[tuple[str, Any]] = [("num_layers", own.pop("num_layers"))]
        if getattr(self, "norm", False):
            rest.append(("norm", self._last_norm(whole)))
        return Call(self.target, (stone,), (*rest, *own.items()))

    def _last_norm(self, whole: Call) -> Call:
        named = dict(whole.named)
        options = [("eps", named["layer_norm_eps"])] if "layer_norm_eps" in named else []
        options += [("bias", named["bias"])] if "bias" in named else []
        return Call("nn.LayerNorm", whole.positional[:1], tuple(options))


class TransformerEncoder(Row, EncoderPart):
    """Mixes a sequence by several encoder layers in a row.

    Input shape:  (B, T, features)
    Output shape: the same
    """

    target = "nn.TransformerEncoder"
    stone = "nn.TransformerEncoderLayer"
    formula = r"x_0 = x, \quad x_{i+1} = \mathrm{Layer}_i(x_i), \quad y = x_N"
    use = (
        "Take it to read a whole sequence with little drawing; repeat a block of your own where something inside "
        "should differ. Add positions before it."
    )
    aliases = ("self attention", "bert", "vit", "gpt", "encoder", "stack", "row")
    keywords: ClassVar[Mapping[str, str]] = {"padding_mask": "src_key_padding_mask"}
    causal: ClassVar[Mapping[str, str]] = {"mask": "is_causal"}
    detects = True
    num_layers: int = param(2, min=1, required=True, main=True, help=_NUMBER)
    norm: bool = param(False, torch=None, literal=True, help=_NORM)
    enable_nested_tensor: bool = param(
        True, advanced=True, help="Leaves padding out in evaluation, where torch can, which is faster."
    )
    mask_check: bool = param(True, advanced=True, help="Looks whether padding is at the end before leaving it out.")

    def build(self, derived: Mapping[str, Any]) -> Call:
        call = super().build(derived)
        if self.enable_nested_tensor is not True or not self._keeps_padding():
            return call
        # What torch does anyhow, and else warns of.
        return Call(call.target, call.positional, (*call.named, ("enable_nested_tensor", False)))

    def _keeps_padding(self) -> bool:
        """Whether torch cannot leave padding out with these options."""
        is_odd = isinstance(self.nhead, int) and self.nhead % 2 == 1
        return is_odd or self.norm_first is True or self.batch_first is False or self.bias is False


class TransformerDecoder(Row, DecoderPart):
    """Mixes a sequence by several decoder layers in a row, all of which gather from the same memory.

    Input shape:  x (B, T, features), memory (B, S, features)
    Output shape: (B, T, features)
    """

    target = "nn.TransformerDecoder"
    stone = "nn.TransformerDecoderLayer"
    formula = r"x_0 = x, \quad x_{i+1} = \mathrm{Layer}_i(x_i, m), \quad y = x_N"
    use = (
        "Take it to write one sequence while reading another, with a CausalMask. A GPT reads nothing else: it is an "
        "encoder with that mask."
    )
    aliases = ("cross attention", "seq2seq", "translation", "decoder", "stack", "row")
    keywords: ClassVar[Mapping[str, str]] = {
        "mask": "tgt_mask",
        "padding_mask": "tgt_key_padding_mask",
        "memory_padding_mask": "memory_key_padding_mask",
    }
    causal: ClassVar[Mapping[str, str]] = {"mask": "tgt_is_causal"}
    detects = True
    num_layers: int = param(2, min=1, required=True, main=True, help=_NUMBER)
    norm: bool = param(False, torch=None, literal=True, help=_NORM)


class Transformer(TransformerLayer):
    """Reads one sequence by an encoder and writes another by a decoder: as in "Attention is all you need".

    Both sequences come embedded, with positions; words are made from what it gives by a Linear.

    Input shape:  src (B, S, features), tgt (B, T, features)
    Output shape: (B, T, features)
    """

    target = "nn.Transformer"
    formula = r"y = \mathrm{Decoder}(\mathrm{tgt}, \mathrm{Encoder}(\mathrm{src}))"
    use = (
        "Take it for translation and other tasks from sequence to sequence, with a CausalMask at tgt_mask. To read "
        "only, take a TransformerEncoder."
    )
    aliases = ("seq2seq", "translation", "encoder decoder", "attention is all you need")
    inputs = (
        Port("src", help="The sequence that is read."),
        Port("tgt", help="The sequence that is being made."),
        Port("src_mask", "optional", _STEPS.format("src", "S")),
        Port("tgt_mask", "optional", _STEPS.format("tgt", "T")),
        Port("memory_mask", "optional", "Which step of tgt may not look at which of src: (T, S)."),
        Port("src_padding_mask", "optional", _PADDED.format("src", "S")),
        Port("tgt_padding_mask", "optional", _PADDED.format("tgt", "T")),
        Port("memory_padding_mask", "optional", _PADDED.format("what the encoder gives", "S")),
    )
    keywords: ClassVar[Mapping[str, str]] = {
        f"{name}_padding_mask": f"{name}_key_padding_mask" for name in ("src", "tgt", "memory")
    }
    causal: ClassVar[Mapping[str, str]] = {"src_mask": "src_is_causal", "tgt_mask": "tgt_is_causal"}
    detects = True
    nhead: int = param(4, min=1, torch=8, main=True, help="How many ways of looking; must divide features.")
    num_encoder_layers: int = param(6, min=1, main=True, help="How many layers read src.")
    num_decoder_layers: int = param(6, min=1, main=True, help="How many layers write tgt.")
    dim_feedforward: int = param(256, min=1, torch=2048, help="Width of the two linear layers inside each layer.")

    def derive(self, src: TensorSpec, tgt: TensorSpec, **masks: TensorSpec | None) -> dict[str, Any]:
        size, other = self._features(src, "src"), need_sequence(tgt, "tgt")
        batch = 0 if self.batch_first else 1
        if size != other or src.shape[batch] != tgt.shape[batch]:
            raise LayerError(f"The inputs differ: {src}, {tgt}.", "Batch and features must be the same.", port="tgt")
        self._check_causal(masks.get("tgt_mask"), "tgt_mask")
        for name, x, over in (("src", src, src), ("tgt", tgt, tgt), ("memory", tgt, src)):
            square, rows = self._mask_forms(x, over)
            need_mask(masks.get(f"{name}_mask"), f"{name}_mask", (square,))
            need_mask(masks.get(f"{name}_padding_mask"), f"{name}_padding_mask", (rows,))
        return {"d_model": size}
