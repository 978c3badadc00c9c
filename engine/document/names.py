"""Names that can stand in the generated code: identifiers that are free and shadow nothing the code needs."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Container

from engine.document.project import Project
from engine.errors import EditError
from engine.expr import composed
from engine.layers.base import Layer
from engine.layers.block import Shared, held
from engine.layers.chosen import Chosen
from engine.layers.code import CodeLayer
from engine.layers.outside import OutsideModule

# What `self.` already means in an nn.Module; a test holds the list against the installed torch.
_MODULE_NAMES = """
    add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval extra_repr
    float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia
    named_buffers named_children named_modules named_parameters parameters register_backward_hook register_buffer
    register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
    register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule
    share_memory state_dict to to_empty train training type xpu zero_grad T_destination _apply _backward_hooks
    _backward_pre_hooks _buffers _call_impl _compiled_call_impl _forward_hooks _forward_hooks_always_called
    _forward_hooks_with_kwargs _forward_pre_hooks _forward_pre_hooks_with_kwargs _get_backward_hooks
    _get_backward_pre_hooks _get_name _is_full_backward_hook _load_from_state_dict _load_state_dict_post_hooks
    _load_state_dict_pre_hooks _maybe_warn_non_full_backward_hook _modules _named_members _non_persistent_buffers_set
    _parameters _register_load_state_dict_pre_hook _register_state_dict_hook _replicate_for_data_parallel
    _save_to_state_dict _slow_forward _state_dict_hooks _state_dict_pre_hooks _version _wrapped_call_impl
"""
MODULE_NAMES = frozenset(_MODULE_NAMES.split())
# What the text around the classes calls its own.
SCRIPT_NAMES = frozenset({"torch", "nn", "F", "np", "math", "self", "super", "argparse"})
SCRIPT_CLASSES = SCRIPT_NAMES | {"Setup", "NamedTuple", "Tensor", "load_data", "setup", "train", "report", "main"}
_BUILTINS = frozenset(dir(builtins))
_LONGEST = 100
_LONGEST_STEM = 80  # leaves room for a number
_USUAL = {"Input": "x", "Output": "out", "PerceptronRow": "mlp"}


def free_name(project: Project, block: str, layer: Layer) -> str:
    """A name for a new layer: conv, conv2, conv3 for a Conv2d."""
    graph = project.block(block).graph
    return unique(usual_name(project, block, layer), {node.name for node in graph.nodes.values()})


def usual_name(project: Project, block: str, layer: Layer) -> str:
    """What a layer of this kind is called where nothing else is."""
    inside = [project.blocks.get(instance.block) for instance in held(layer)]  # type: ignore[call-overload]
    if len(inside) == 1 and inside[0]:
        return snake(inside[0].name)
    if isinstance(layer, Shared) and (original := project.block(block).graph.nodes.get(layer.node)):  # type: ignore[call-overload]
        return str(original.name)
    if isinstance(layer, Chosen):
        return layer.param
    if isinstance(layer, CodeLayer):
        return snake(layer.code.name) if layer.code.is_module else layer.code.name
    if isinstance(layer, OutsideModule):
        return snake(layer.kind_name())
    return _USUAL.get(layer.key) or snake(layer.key)


def snake(name: str) -> str:
    """A class name as a variable's name, without the 2d of Conv2d: adaptive_avg_pool, relu, lstm."""
    name = re.sub(r"\d+d?$", "", name) or name
    for odd in ("PReLU", "RReLU", "ReLU", "SiLU", "SwiGLU", "UNet", "MobileNet", "ConvNeXt"):
        name = name.replace(odd, odd.capitalize())
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def unique(name: str, taken: Container[str]) -> str:
    """The name itself or its first free successor: conv, conv2, conv3. Shadows no built-in of Python."""
    if name not in taken and name not in _BUILTINS and not why_no_name(name):
        return name
    stem = name.rstrip("0123456789")[:_LONGEST_STEM]
    if not _is_identifier(f"{stem}1") or stem.startswith("__"):
        stem = "layer"
    number = 1 if stem in _BUILTINS or why_no_name(stem) else 2
    while f"{stem}{number}" in taken or why_no_name(f"{stem}{number}"):
        number += 1
    return f"{stem}{number}"


def unique_class(name: str, taken: Container[str]) -> str:
    """The class name itself or its first free successor: Stage, Stage2."""
    number, result = 1, name
    while result in taken or why_no_class_name(result):
        number += 1
        result = f"{name[:_LONGEST_STEM]}{number}"
    return result


def why_no_name(name: str) -> str | None:
    """Why a layer cannot be called so, whatever else is in its block, or None if it can."""
    if not _is_identifier(name):
        return _why_no_identifier(name)
    if name in MODULE_NAMES or name.startswith("__"):
        return f"Every PyTorch module has its own {name}."
    if name in SCRIPT_NAMES:
        return f"The generated code needs the name {name} for itself."
    return None


def why_no_class_name(name: str) -> str | None:
    """Why a block cannot be called so, whatever the other blocks are called, or None if it can."""
    if not _is_identifier(name):
        return _why_no_identifier(name)
    if name in SCRIPT_CLASSES or name in _BUILTINS or name.startswith("__"):
        return f"The generated code needs the name {name} for itself."
    return None


def compose(edit: object, field: str) -> None:
    """Let a name in an edit, which somebody has typed or pasted, be as Python reads it."""
    object.__setattr__(edit, field, composed(getattr(edit, field)))


def need_name(name: str, taken: Container[str], where: str) -> None:
    """Raises: EditError unless a layer of the block can be called so."""
    if reason := why_no_name(name):
        raise EditError(f"A layer cannot be called that. {reason}", "Choose a name such as conv2.")
    if name in taken:
        raise EditError(f"{where} already has a layer called {name}.", "Names are attributes of one class.")


def need_class_name(name: str, taken: Container[str]) -> None:
    """Raises: EditError unless a block can be called so."""
    if reason := why_no_class_name(name):
        raise EditError(f"A block cannot be called that. {reason}", "Choose a name such as ResidualBlock.")
    if name in taken:
        raise EditError(f"There already is a block called {name}.", "Blocks are classes of one file.")


def _why_no_identifier(name: object) -> str:
    """What keeps a text from being a name in the code, the text itself only where it can be read at a glance."""
    if isinstance(name, str) and len(name) > _LONGEST:
        return f"It has {len(name):,} letters; a name has {_LONGEST} at most."
    if isinstance(name, str) and (read := unicodedata.normalize("NFKC", name)) != name and _is_identifier(read):
        if composed(name) == read:
            return f"Accents stand apart from their letters in it, which looks like {read} and is not."
        return f"Python reads {name} as {read}."
    return f"{name!r} is no Python name: letters, digits and _ only, a letter first, no word of the language."


def _is_identifier(name: object) -> bool:
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name) or len(name) > _LONGEST:
        return False
    return unicodedata.normalize("NFKC", name) == name  # as Python itself reads it
