"""A class of an installed package, looked at once: what its forward and constructor take, and what it is for."""

from __future__ import annotations

import difflib
import importlib
import inspect
import types
import typing
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import torch
from torch import nn

from engine.errors import LayerError, SpecError
from engine.layers.catalogue import catalogue
from engine.layers.outside import OutsideModule
from engine.layers.signature import Argument, Plain, Signature, Wire, is_name

_NO_OPTIONS = {"self", "device", "dtype"}
_SIMPLE = {int: "int", float: "float", bool: "bool", str: "text"}
_MOST_OUTPUTS = 12


def introspect(path: str) -> OutsideModule:
    """The layer for a dotted path such as timm.layers.Mlp. Imports the package, which runs its code.

    Raises: LayerError in words: no such package or class, no nn.Module, a forward whose arguments are not named.
    """
    found = _class_at(path)
    if not (inspect.isclass(found) and issubclass(found, nn.Module)):
        kind = "a class, but no nn.Module" if inspect.isclass(found) else f"a {type(found).__name__}"
        raise LayerError(f"{path} is {kind}.", "Name a class that derives from torch.nn.Module.")
    if own := _declared_as(found):
        raise LayerError(f"{path} is the layer {own}.", "Take it from the palette, which knows more of it.")
    if getattr(found, "forward") is nn.Module.forward:  # noqa: B009 - nn.Module declares no forward of its own
        raise LayerError(f"{path} has no forward.", "It may be the base of other classes: name one of those.")
    wires, called = _wires(path, found)
    arguments = (*_arguments(found), *called)
    help = (inspect.getdoc(found) or "").strip().split("\n\n")[0].replace("\n", " ")
    taken = {wire.name for wire in wires}
    try:
        return OutsideModule(
            path=path, signature=Signature(wires, arguments, help[:400]), returns=_returns(found, taken)
        )
    except SpecError as error:
        raise LayerError(f"{path} cannot be a layer: {error.message}") from None


def _class_at(path: str) -> Any:
    package, _, name = path.strip().rpartition(".")
    if not package or not all(map(is_name, path.split("."))):
        raise LayerError(f"{path or 'This'} is no path.", "Write package.module.Class, such as torch.nn.Linear.")
    top = package.split(".")[0]
    try:
        module = importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name == top:
            raise LayerError(f"{top} is not installed.", f"Install it: pip install {top}.") from None
        if error.name and package.startswith(error.name):
            raise LayerError(f"There is no module {error.name}.", "Look for a slip in the path.") from None
        raise LayerError(f"{package} needs {error.name}, which is not installed.") from None
    except Exception as error:  # noqa: BLE001 - what a package does as it is imported
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise LayerError(
            f"{package} fails to load: {reason.rstrip('.')}.", "It may be made for another torch."
        ) from None
    if not hasattr(module, name):
        near = difflib.get_close_matches(name, [n for n in dir(module) if n[:1].isupper()], 3, 0.6)
        raise LayerError(f"{package} has no {name}.", f"Did you mean {', '.join(near)}?" if near else "")
    return getattr(module, name)


def _declared_as(found: type) -> str:
    """The title of the layer that is this class of torch, "" if there is none."""
    if getattr(nn, found.__name__, None) is not found:
        return ""
    return next((layer.title for layer in catalogue() if layer.target == f"nn.{found.__name__}"), "")


def _hints(function: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function)
    except Exception:  # noqa: BLE001 - annotations that name what is not there
        return {}


def _parameters(function: Any) -> Iterator[inspect.Parameter]:
    yield from (p for p in inspect.signature(function).parameters.values() if p.name not in _NO_OPTIONS)


def _wires(path: str, found: type[nn.Module]) -> tuple[tuple[Wire, ...], tuple[Argument, ...]]:
    """The arguments of forward: tensors come over wires, everything with a plain default is an option of the call."""
    hints = _hints(found.forward)
    wires: list[Wire] = []
    options: list[Argument] = []
    for p in _parameters(found.forward):
        if p.kind is p.VAR_POSITIONAL:
            wires.append(Wire(p.name, "many"))
        elif p.kind is p.VAR_KEYWORD:
            continue
        elif p.default is p.empty:
            carries: Literal["tensor", "any"] = "any" if _stripped(hints.get(p.name))[0] in (int, float) else "tensor"
            wires.append(Wire(p.name, "required", carries))
        elif p.default is None and _stripped(hints.get(p.name))[0] not in _SIMPLE:
            wires.append(Wire(p.name, "optional"))
        else:
            options.append(_argument(p, hints.get(p.name), "forward"))
    if not wires:
        raise LayerError(f"The forward of {path} takes no tensor.", "It may be the base of other classes.")
    return tuple(wires), tuple(options)


def _arguments(found: type[nn.Module]) -> Iterator[Argument]:
    if found.__init__ is nn.Module.__init__:
        return
    hints = _hints(found.__init__)
    for p in _parameters(found.__init__):
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            continue
        yield _argument(p, hints.get(p.name), "init")


def _argument(p: inspect.Parameter, hint: Any, place: Literal["init", "forward"]) -> Argument:
    kind, optional = _stripped(hint)
    choices = typing.get_args(kind) if typing.get_origin(kind) is Literal else ()
    default = None if p.default is p.empty else p.default
    word = _word(kind, default, choices)
    shown = ""
    if default is not None and _is_torch_class(default):
        default, word = f"nn.{default.__name__}", "class"
    elif not _is_plain(default):
        shown, default = _named(default), None
    return Argument(
        name=p.name,
        kind=word,
        default=Plain().check(default),
        choices=choices,
        shown=shown,
        optional=optional or (default is None and not shown and p.default is not p.empty),
        required=p.default is p.empty,
        named=p.kind is p.KEYWORD_ONLY,
        place=place,
    )


def _word(kind: Any, default: Any, choices: Sequence[Any]) -> str:
    if choices:
        return "one" if all(isinstance(c, (str, int, float, bool)) for c in choices) else "value"
    if kind in _SIMPLE:
        # 1 for a float is common, and 0.5 for what says int is not unheard of.
        return "value" if kind is int and isinstance(default, float) else _SIMPLE[kind]
    if kind is None and default is not None and type(default) in _SIMPLE:
        return _SIMPLE[type(default)] if type(default) is not int else "value"
    origin = typing.get_origin(kind)
    is_class = origin is type or (inspect.isclass(default) and issubclass(default, nn.Module))
    return "class" if is_class else "value"


def _stripped(hint: Any) -> tuple[Any, bool]:
    """A type without `| None`, and whether there was one."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = [a for a in typing.get_args(hint) if a is not type(None)]
        return (inner[0] if len(inner) == 1 else hint, len(inner) < len(typing.get_args(hint)))
    return hint, False


def _is_plain(value: Any) -> bool:
    try:
        Plain().check(value)
    except ValueError:
        return False
    return True


def _is_torch_class(value: Any) -> bool:
    return inspect.isclass(value) and getattr(nn, value.__name__, None) is value


def _named(value: Any) -> str:
    name = getattr(value, "__qualname__", "")
    return f"{value.__module__}.{name}" if name else repr(value)[:80]


def _returns(found: type[nn.Module], taken: set[str]) -> str:
    """Names for what forward gives, as far as its annotation says."""
    hint = _hints(found.forward).get("return")
    first = "out" if "out" not in taken else "result"
    fields = getattr(hint, "_fields", ())
    if fields and len(fields) <= _MOST_OUTPUTS and all(map(is_name, fields)):
        return ", ".join(f if f not in taken else f"{f}_out" for f in fields)
    if typing.get_origin(hint) is not tuple:
        return first
    parts = [_stripped(a)[0] for a in typing.get_args(hint)]
    if Ellipsis in parts or len(parts) > _MOST_OUTPUTS or any(p is not torch.Tensor for p in parts):
        return first
    return ", ".join([first, *(f"{first}{i}" for i in range(1, len(parts)))]) + ("," if len(parts) == 1 else "")
