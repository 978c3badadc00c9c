"""The project file as a JSON Schema, made from the same declarations that read and write it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import engine.layers  # noqa: F401 - fills the registry
from engine.document.about import FIT_PATTERN
from engine.document.encoding import EDGE_PATTERN, ID_PATTERN
from engine.document.files import FORMAT
from engine.document.migrations import VERSION
from engine.document.plain import FAR
from engine.graph.block import ParamKind, Returns
from engine.kinds import (
    Bool,
    Brackets,
    Choice,
    Either,
    Float,
    Int,
    Ints,
    Kind,
    Literals,
    NameList,
    Numeric,
    Optional,
    Text,
)
from engine.layers.base import Layer
from engine.layers.buffer import Values
from engine.layers.code import Missing
from engine.layers.op import FunctionCall
from engine.recipe.base import Member, Members
from engine.recipe.initialisation import Initialisation
from engine.recipe.recipe import Recipe
from engine.recipe.weights import ByParameter, Weights
from engine.spec import Param, Spec

Schema = dict[str, Any]

_NAME = {"type": "string", "pattern": r"^[^\W\d]\w*$"}
_EXPRESSION = {
    "description": "Arithmetic over the parameters of the block, such as width * 2.",
    **{"type": "object", "properties": {"expr": {"type": "string"}}, "required": ["expr"]},
    "additionalProperties": False,
}


def schema() -> Schema:
    """The JSON Schema (draft 2020-12) of a project file of the present version.

    It describes single values; that names are unique, wires join ports that exist and nothing goes round in a circle
    is checked on opening.
    """
    body = {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "main": {"type": "string", "description": "The id of the block that is the network."},
        "blocks": {"type": "object", "propertyNames": {"pattern": f"^{ID_PATTERN}$"}, "additionalProperties": _block()},
        "layout": {"type": "object", "additionalProperties": _layout()},
        "recipe": _options(Recipe.params),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Netsmith project",
        **_table(body, ("format", "version", "main", "blocks")),
        "$defs": {"expression": _EXPRESSION, "layer": _layers(), **_families()},
    }


def _table(properties: Schema, required: Sequence[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _block() -> Schema:
    values = {"anyOf": [{"type": ["integer", "number", "boolean", "string"]}, {"$ref": "#/$defs/layer"}]}
    words = {"kind": {"enum": [*get_args(ParamKind)]}, "help": {"type": "string"}}
    param = _table({"name": _NAME, "default": values, **words}, ("name", "kind", "default"))
    node = {
        "id": {"type": "string", "pattern": f"^{ID_PATTERN}$"},
        "name": _NAME,
        "layer": {"$ref": "#/$defs/layer"},
        "ports": _list(_list(_NAME)),
        "weights": _options(Weights.params),
        "muted": {"type": "boolean", "description": "What it is given passes through it unchanged."},
    }
    body = {
        "name": {**_NAME, "description": "The class name."},
        "help": {"type": "string", "description": "The docstring of the class."},
        "about": _about(),
        "sequence": {"type": "boolean", "description": "Written as an nn.Sequential."},
        "returns": {"enum": [*get_args(Returns)], "description": "How the network hands out its results."},
        "params": _list(param),
        "next_id": {"type": "integer", "minimum": 1, "description": "Above the number of every id n1, n2, ..."},
        "nodes": _list(_table(node, ("id", "name", "layer"))),
        "edges": _list({"type": "string", "pattern": f"^{EDGE_PATTERN}$"}),
    }
    return _table(body, ("name", "nodes"))


def _about() -> Schema:
    words = _list({"type": "string"})
    texts = {name: {"type": "string"} for name in ("authors", "title", "arxiv")}
    paper = _table({**texts, "year": {"type": "integer", "minimum": 0}}, ("authors", "title", "year"))
    size = {"type": "string", "pattern": f"^{FIT_PATTERN}$"}
    fits = {"type": "object", "additionalProperties": size}
    return _table({"tags": words, "aliases": words, "references": _list(paper), "fits": fits}, ())


def _layout() -> Schema:
    number = {"type": "number", "minimum": -FAR, "maximum": FAR}
    point = {"type": "array", "items": number, "minItems": 2, "maxItems": 2}
    sizes = {"x": number, "y": number, "width": number, "height": number}
    texts = {name: {"type": "string"} for name in ("id", "text", "colour")}
    frame = _table({**texts, "kind": {"enum": ["frame", "note"]}, **sizes}, ("id", "text", "x", "y", "width", "height"))
    view = _table({"name": {"type": "string"}, "x": number, "y": number, "zoom": number}, ("name", "x", "y", "zoom"))
    wires = {**_list({"type": "string", "pattern": f"^{EDGE_PATTERN}$"}), "minItems": 1}
    point_of_wires = _table(
        {"id": {"type": "string"}, "x": number, "y": number, "wires": wires}, ("id", "x", "y", "wires")
    )
    positions = {"type": "object", "additionalProperties": point}
    probe = {"type": "string", "pattern": r"^[^.]+\..+$"}
    body = {"positions": positions, "frames": _list(frame), "bookmarks": _list(view), "reroutes": _list(point_of_wires)}
    body["probes"] = _list(probe)
    return _table(body, ())


def _layers() -> Schema:
    """One of the known layers, or any table with a kind that is not known: it is kept as it is."""
    known = [kind for kind in Layer.registry if kind != Missing.key]
    known += [old for layer in Layer.registry.values() for old in layer.former_keys]
    unknown = {
        "type": "object",
        "properties": {"kind": {"type": "string", "not": {"enum": known}}},
        "required": ["kind"],
    }
    return {"anyOf": [*(_spec(layer) for key, layer in Layer.registry.items() if key != Missing.key), unknown]}


def _families() -> Schema:
    """Every family that the recipe chooses from."""
    kinds = [declared.kind for declared in (*Recipe.params.values(), *Weights.params.values())]
    families: list[type[Spec]] = [kind.family for kind in kinds if isinstance(kind, (Member, Members))]
    families.append(Initialisation)
    return {family.__name__.lower(): {"anyOf": [_spec(s) for s in family.registry.values()]} for family in families}


def _spec(spec: type[Spec]) -> Schema:
    keys: Schema = {"const": spec.key} if not spec.former_keys else {"enum": [spec.key, *spec.former_keys]}
    body = _options(spec.params)
    return {
        "description": spec.summary(),
        **body,
        "properties": {"kind": keys, **body["properties"]},
        "required": ["kind"],
    }


def _options(params: Any) -> Schema:
    return {
        "type": "object",
        "properties": {name: _option(declared) for name, declared in params.items()},
        "additionalProperties": False,
    }


def _option(declared: Param) -> Schema:
    value = _kind(declared.kind)
    body = value if declared.literal else {"anyOf": [value, {"$ref": "#/$defs/expression"}]}
    return {"description": declared.help, **body}


def _kind(kind: Kind) -> Schema:
    match kind:
        case Int():
            return {"type": "integer", **_limits(kind.least, kind.most)}
        case Float():
            return {"type": "number", **_limits(kind.least, kind.most)}
        case Bool():
            return {"type": "boolean"}
        case Numeric():
            return {"type": ["number", "boolean"] if kind.flags else "number"}
        case NameList():
            return {"type": "array", "items": _NAME, "uniqueItems": True}
        case Brackets() | FunctionCall() | Values():
            return {"type": "string"}
        case Text():
            return _NAME if kind.identifier else {"type": "string"}
        case Choice():
            return {"enum": list(kind.options)}
        case Ints():
            return _ints(kind)
        case Optional():
            return {"anyOf": [{"type": "null"}, _kind(kind.inner)]}
        case Either():
            return {"anyOf": [{"enum": list(kind.words)}, _kind(kind.inner)]}
        case Literals():
            return {"type": "object", "propertyNames": _NAME}
        case ByParameter():
            return {"type": "object", "additionalProperties": {"$ref": "#/$defs/initialisation"}}
        case Member():
            return {"$ref": f"#/$defs/{kind.family.__name__.lower()}"}
        case Members():
            return _list({"$ref": f"#/$defs/{kind.family.__name__.lower()}"})
    return {}


def _ints(kind: Ints) -> Schema:
    one: Schema = {"type": "integer", **_limits(kind.least, kind.most)}
    item = {"anyOf": [one, _NAME]} if kind.names else one
    many = _list(item)
    if kind.length is not None:
        many |= {"minItems": kind.length, "maxItems": kind.length}
    return {"anyOf": [one, many]} if kind.single else many


def _limits(least: float | None, most: float | None) -> Schema:
    found = {} if least is None else {"minimum": least}
    return found if most is None else {**found, "maximum": most}
