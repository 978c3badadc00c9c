"""Valid, unique identifiers that shadow nothing: whatever a project file calls its layers."""

from __future__ import annotations

import builtins
import keyword
import unicodedata
from collections.abc import Iterable

KEYWORDS = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist)
MODULES = frozenset(
    {"torch", "nn", "F", "np", "math", "os", "sys", "copy", "time", "random", "argparse", "self", "cls"}
)
SCRIPT = frozenset(
    [
        "EPOCHS",
        "BATCH_SIZE",
        "SEED",
        "DEVICE",
        "Setup",
        "NamedTuple",
        "DataLoader",
        "TensorDataset",
        "argparse",
        "load_data",
        "pick_device",
        "setup",
        "steps_per_epoch",
        "train",
        "evaluate",
        "report",
        "main",
        "split",
        "prepare",
        "batches",
    ]
)
"""What the rest of the generated script defines or imports at its top level."""

RESERVED = KEYWORDS | frozenset(dir(builtins)) | MODULES
"""Names that no variable of the generated text may take."""

# What `nn.Module` itself calls by these names; a layer in their place would break the model.
MODULE_MEMBERS = frozenset(
    [
        "T_destination",
        "add_module",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "ipu",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "xpu",
        "zero_grad",
    ]
)


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


class Namespace:
    """Gives out identifiers, each once: `conv`, then `conv_2`."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)

    def __contains__(self, name: str) -> bool:
        return name in self.taken

    def add(self, wish: object, *others: str) -> str:
        """The first of the wishes that is free, else the first with a number behind it."""
        first = identifier(wish)
        for name in (first, *others):
            if name not in self.taken:
                self.taken.add(name)
                return name
        if keyword.iskeyword(first) or first in RESERVED or first in MODULE_MEMBERS:
            first += "_"
        number, name = 2, first
        while name in self.taken:
            name, number = f"{first.rstrip('_')}_{number}", number + 1
        self.taken.add(name)
        return name
