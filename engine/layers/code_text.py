"""The user's Python, read and never run: its ports, its options, and what is wrong with it, line by line."""

from __future__ import annotations

import ast
import builtins
import symtable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.errors import SpecError
from engine.kinds import Bool, Float, Int, Kind, KindError, Text
from engine.layers.base import Port

GIVEN = frozenset({"torch", "nn", "F", "math", "Tensor"})
"""Names that stand ready for the user's code."""
_KINDS: dict[str, tuple[Kind, Any]] = {
    "int": (Int(), 1),
    "float": (Float(), 1.0),
    "bool": (Bool(), False),
    "str": (Text(), ""),
}
_ARGUMENT_HINT = "Write an argument as scale: float = 1.0, and it becomes an option."


@dataclass(frozen=True)
class CodeOption:
    """An argument that is set in the inspector. is_required: the code has no default for it."""

    name: str
    kind: Kind
    default: Any
    is_required: bool = False


@dataclass(frozen=True)
class UserCode:
    """One function, or one class with weights of its own.

    arguments: the names of the function's (or forward's) arguments in order, with "/" after the positional ones left
    out; positional: how many of them cannot be called by name.
    """

    name: str
    is_module: bool
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    options: tuple[CodeOption, ...]
    arguments: tuple[str, ...]
    positional: int = 0


@dataclass(frozen=True)
class CodeProblem:
    """What is wrong on a line, counted from 1."""

    line: int
    message: str


def wrong(message: str, hint: str = "", line: int = 0) -> SpecError:
    """The error of user code that cannot stand in a Code layer."""
    return SpecError(f"Code: {message}", hint, field="source", line=line)


@lru_cache(maxsize=512)
def parsed(source: str) -> ast.FunctionDef | ast.ClassDef:
    """The one function or class. Raises: SpecError naming the line."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 0
        where = f" on line {line}" if line else ""
        raise wrong(f"this is no Python{where}: {getattr(error, 'msg', error)}.", line=line) from None
    if len(body) == 1 and isinstance(body[0], ast.FunctionDef | ast.ClassDef):
        return body[0]
    line = body[1].lineno if len(body) > 1 else 1
    raise wrong(
        "needs exactly one function, or one class made from nn.Module.",
        "Write def name(x): ... return ... with what it imports inside.",
        line,
    )


@lru_cache(maxsize=512)
def read_code(source: str) -> UserCode:
    """What the code takes and gives. Raises: SpecError naming the line."""
    found = parsed(source)
    if isinstance(found, ast.FunctionDef):
        inputs, options, arguments = _arguments(found, "the function")
        _need_input(inputs, found)
        positional = len(found.args.posonlyargs)
        return UserCode(found.name, False, inputs, _outputs(found, inputs), options, arguments, positional)
    return _module(found)


def _module(found: ast.ClassDef) -> UserCode:
    bases = [ast.unparse(base) for base in found.bases]
    if not any(base.split(".")[-1] == "Module" for base in bases):
        raise wrong(f"the class {found.name} is no module.", f"Write class {found.name}(nn.Module):", found.lineno)
    methods = {m.name: m for m in found.body if isinstance(m, ast.FunctionDef)}
    if "forward" not in methods:
        raise wrong(f"the class {found.name} has no forward.", "Write def forward(self, x): ...", found.lineno)
    forward = methods["forward"]
    inputs, extra, arguments = _arguments(forward, "forward", skip=1)
    if extra:
        raise wrong(f"{extra[0].name} is an option of forward.", "Options belong to __init__.", forward.lineno)
    _need_input(inputs, forward)
    options: tuple[CodeOption, ...] = ()
    if "__init__" in methods:
        init = methods["__init__"]
        ports, options, _ = _arguments(init, "__init__", skip=1)
        if ports:
            raise wrong(f"the argument {ports[0].name} of __init__ has no type.", _ARGUMENT_HINT, init.lineno)
    outputs = _outputs(forward, inputs)
    return UserCode(found.name, True, inputs, outputs, options, arguments, max(0, len(forward.args.posonlyargs) - 1))


def _need_input(inputs: tuple[Port, ...], function: ast.FunctionDef) -> None:
    if not inputs:
        raise wrong("the function needs plain arguments, one for each input.", _ARGUMENT_HINT, function.lineno)


def _arguments(
    function: ast.FunctionDef, what: str, skip: int = 0
) -> tuple[tuple[Port, ...], tuple[CodeOption, ...], tuple[str, ...]]:
    """Ports, options and all names in order, without the first `skip` arguments."""
    given = function.args
    if given.vararg or given.kwarg:
        star = given.vararg or given.kwarg
        assert star is not None
        raise wrong(f"{what} needs plain arguments, one for each input, not *{star.arg}.", "", function.lineno)
    plain = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(given.defaults)) + list(given.defaults)
    pairs = [*zip(plain, defaults), *zip(given.kwonlyargs, given.kw_defaults)][skip:]
    ports: list[Port] = []
    options: list[CodeOption] = []
    for argument, default in pairs:
        kind = ast.unparse(argument.annotation) if argument.annotation else ""
        if kind in _KINDS and (default is not None or what == "__init__"):
            options.append(_option(argument, kind, default))
        else:
            carries: Any = "number" if kind in ("int", "float", "bool") else "any"
            ports.append(Port(argument.arg, "required" if default is None else "optional", carries=carries))
    return tuple(ports), tuple(options), tuple(a.arg for a, _ in pairs)


def _option(argument: ast.arg, kind: str, default: ast.expr | None) -> CodeOption:
    declared, empty = _KINDS[kind]
    if default is None:
        return CodeOption(argument.arg, declared, empty, is_required=True)
    try:
        return CodeOption(argument.arg, declared, declared.check(ast.literal_eval(default)))
    except (KindError, ValueError, TypeError, SyntaxError):
        text = ast.unparse(default)
        raise wrong(f"the default {text} of {argument.arg} is no {kind}.", _ARGUMENT_HINT, argument.lineno) from None


def _outputs(function: ast.FunctionDef, inputs: tuple[Port, ...]) -> tuple[Port, ...]:
    """A port for every value of the tuple that is returned, or for each that the annotation promises; else one."""
    returns = [n.value for n in _own_nodes(function) if isinstance(n, ast.Return) and n.value is not None]
    tuples = [value for value in returns if isinstance(value, ast.Tuple) and len(value.elts) > 1]
    if tuples and len(tuples) == len(returns) and len({len(t.elts) for t in tuples}) == 1:
        names = [e.id if isinstance(e, ast.Name) else f"out{i}" for i, e in enumerate(tuples[-1].elts)]
    else:
        names = [f"out{i}" for i in range(_promised(function.returns))]
    taken = {p.name for p in inputs}
    unique = [f"out{i}" if n in taken or names.count(n) > 1 else n for i, n in enumerate(names)]
    return tuple(Port(n, carries="any") for n in unique) if len(unique) > 1 else (Port("out", carries="any"),)


def _promised(annotation: ast.expr | None) -> int:
    """How many values an annotation such as tuple[Tensor, Tensor] says; 0 for any other."""
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value).lower().split(".")[-1] == "tuple":
        inside = annotation.slice
        if isinstance(inside, ast.Tuple) and not any(isinstance(e, ast.Constant) for e in inside.elts):
            return len(inside.elts)
    return 0


def _own_nodes(function: ast.FunctionDef) -> list[ast.AST]:
    """What stands in the function itself, not in functions inside of it."""
    found: list[ast.AST] = []
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef | ast.AsyncFunctionDef):
            waiting[:0] = list(ast.iter_child_nodes(node))
    return found


def problems_of(source: str) -> tuple[CodeProblem, ...]:
    """Everything that is wrong with the text: no Python, no function, names that stand for nothing."""
    try:
        read_code(source)
    except SpecError as error:
        said = error.message.removeprefix("Code: ")
        return (CodeProblem(error.line or 1, (said[:1].upper() + said[1:]) + (f" {error.hint}" if error.hint else "")),)
    return unknown_names(source)


@lru_cache(maxsize=512)
def unknown_names(source: str) -> tuple[CodeProblem, ...]:
    """Names that the code reads and that nothing gives a value, each at the first line that reads it."""
    found = parsed(source)
    known = GIVEN | {found.name} | frozenset(dir(builtins))
    names = _global_reads(symtable.symtable(source, "<code>", "exec")) - known
    lines: dict[str, int] = {}
    for node in ast.walk(found):
        if isinstance(node, ast.Name) and node.id in names:
            lines[node.id] = min(node.lineno, lines.get(node.id, node.lineno))
    says = "{} is not known here. Import it inside of the function, or make it an argument."
    ordered = sorted(lines.items(), key=lambda item: (item[1], item[0]))
    return tuple(CodeProblem(line, says.format(name)) for name, line in ordered)


def _global_reads(table: symtable.SymbolTable) -> set[str]:
    own = {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
    if table.get_type() == "module":
        own = {s.get_name() for s in table.get_symbols() if s.is_referenced() and not s.is_assigned()}
    return own.union(*(_global_reads(child) for child in table.get_children()))
