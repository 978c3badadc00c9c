"""Statements on as many lines as `ruff format` would give them."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Sequence

LINE = 88
_STEP = "    "


def statement_lines(text: str, indent: str) -> list[str]:
    """A statement as formatted lines: on one if it fits, else broken at its outermost brackets."""
    if len(indent) + len(text) <= LINE:
        return [indent + text]
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return [indent + text]
    if len(body) != 1 or "\n" in text:
        return [indent + line for line in text.split("\n")]
    match body[0]:
        case ast.Assign(targets=[target], value=value):
            return _assigned(value, text, indent, f"{_text(target, text)} = ")
        case ast.Return(value=ast.expr() as value):
            return _assigned(value, text, indent, "return ")
        case ast.Expr(value=value):
            return _broken(value, text, indent, "", "")
    return [indent + text]


def definition_lines(name: str, arguments: Sequence[str], indent: str) -> list[str]:
    """`def name(arguments):` as formatted lines."""
    line = f"{indent}def {name}({', '.join(arguments)}):"
    if len(line) <= LINE:
        return [line]
    joined = f"{indent}{_STEP}{', '.join(arguments)}"
    inside = [joined] if len(joined) <= LINE else [f"{indent}{_STEP}{a}," for a in arguments]
    return [f"{indent}def {name}(", *inside, f"{indent}):"]


def exploded_call(target: str, call: str, items: Sequence[str], indent: str) -> list[str]:
    """`target = call(` with one item a line, each ended by a comma, whether or not they would fit on one line."""
    start = f"{target} = {call}" if target else call
    if target and len(f"{indent}{start}(") > LINE:
        return [f"{indent}{target} = (", *exploded_call("", call, items, indent + _STEP), f"{indent})"]
    return exploded_lines(start, items, indent)


def exploded_lines(call: str, items: Sequence[str], indent: str) -> list[str]:
    """`call(` with one item a line, and the bracket that closes it."""
    inside = [line for item in items for line in exploded_item(item, indent + _STEP)]
    return [f"{indent}{call}(", *inside, f"{indent})"]


def exploded_item(item: str, indent: str) -> list[str]:
    """One argument on a line of its own, or on several if it does not fit."""
    flat = f"{indent}{item},"
    if len(flat) <= LINE:
        return [flat]
    star, inside = ("*", item[1:]) if item.startswith("*") else ("", item)
    return _broken(ast.parse(inside, mode="eval").body, inside, indent, star, ",")


def docstring_lines(text: str, indent: str) -> list[str]:
    """A docstring from any text: nothing in it can end the string early."""
    paragraphs = [" ".join(p.split()) for p in "".join(c if c.isprintable() else "\n" for c in text).split("\n\n")]
    safe = [p.replace("\\", "\\\\").replace('"""', "'''") for p in paragraphs if p]
    if not safe:
        return []
    if safe[-1].endswith('"'):
        safe[-1] = safe[-1][:-1] + "'"
    one = f'{indent}"""{safe[0]}"""'
    first = _wrapped('"""' + safe[0], indent, LINE - 3)
    if len(safe) == 1 and (len(one) <= LINE or len(first) == 1):
        return [one]
    rest = [line for paragraph in safe[1:] for line in ("", *_wrapped(paragraph, indent, LINE))]
    return [*first, *rest, f'{indent}"""']


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    lines = textwrap.wrap(text, width - len(indent), break_long_words=False, break_on_hyphens=False)
    return [indent + line for line in lines]


def comment_line(text: str, indent: str) -> str:
    """One line of comment from any text, shortened where it would be too long."""
    flat = "# " + " ".join("".join(c if c.isprintable() else " " for c in text).split())
    room = LINE - len(indent)
    return indent + (flat if len(flat) <= room else flat[: room - 1].rstrip() + "…").rstrip()


def _text(node: ast.AST, text: str) -> str:
    return ast.get_source_segment(text, node) or ""


def _assigned(value: ast.expr, text: str, indent: str, prefix: str) -> list[str]:
    """`prefix value`, the value in parentheses if not even the beginning of it fits on the first line."""
    head = f"{_text(value.func, text)}(" if isinstance(value, ast.Call) else _text(value, text)
    has_inside = isinstance(value, ast.Call) and bool(value.args or value.keywords)
    if isinstance(value, ast.Call | ast.Name | ast.Attribute | ast.Subscript):
        too_long = not has_inside or len(indent + prefix + head) > LINE
        if too_long and len(indent + _STEP + (head if has_inside else _text(value, text))) <= LINE:
            return [f"{indent}{prefix}(", *_broken(value, text, indent + _STEP, "", ""), f"{indent})"]
    return _broken(value, text, indent, prefix, "")


def _broken(node: ast.expr, text: str, indent: str, prefix: str, suffix: str) -> list[str]:
    """`prefix node suffix` on one line if it fits, else broken inside the node's outermost brackets."""
    flat = f"{indent}{prefix}{_text(node, text)}{suffix}"
    if len(flat) <= LINE:
        return [flat]
    inner = indent + _STEP
    match node:
        case ast.Call(func=func) if node.args or node.keywords:
            start = f"{indent}{prefix}{_text(func, text)}("
            return [start, *_arguments(node, text, inner), f"{indent}){suffix}"]
        case ast.ListComp(elt=element, generators=generators):
            clauses = [inner + clause for g in generators for clause in _clauses(g, text)]
            joined = " ".join([inner + _text(element, text), *(clause.strip() for clause in clauses)])
            if len(joined) <= LINE:
                return [f"{indent}{prefix}[", joined, f"{indent}]{suffix}"]
            return [f"{indent}{prefix}[", *_broken(element, text, inner, "", ""), *clauses, f"{indent}]{suffix}"]
        case ast.Tuple(elts=elements) | ast.List(elts=elements) if elements:
            opening, closing = ("(", ")") if isinstance(node, ast.Tuple) else ("[", "]")
            items = [line for e in elements for line in _broken(e, text, inner, "", ",")]
            return [f"{indent}{prefix}{opening}", *items, f"{indent}{closing}{suffix}"]
        case ast.Dict(keys=keys, values=values) if keys:
            pairs = [(f"{_text(k, text)}: ", v) for k, v in zip(keys, values) if k is not None]
            lines = [line for prefix_, v in pairs for line in _broken(v, text, inner, prefix_, ",")]
            return [f"{indent}{prefix}{{", *lines, f"{indent}}}{suffix}"]
        case ast.Subscript(value=value, slice=index):
            start = f"{indent}{prefix}{_text(value, text)}["
            if len(start) <= LINE or not isinstance(value, ast.Tuple):
                return [start, *_broken(index, text, inner, "", ""), f"{indent}]{suffix}"]
            return _broken(value, text, indent, prefix, f"[{_text(index, text)}]{suffix}")
        case ast.BinOp():
            joined = inner + _text(node, text)
            operands = [joined] if len(joined) <= LINE else _operands(node, text, inner)
            return [f"{indent}{prefix}(", *operands, f"{indent}){suffix}"]
    return [flat]


def broken_lines(text: str) -> str:
    """The text with every statement that is too long for its line broken as a formatter would."""
    found: list[str] = []
    for line in text.split("\n"):
        flat = line.lstrip()
        found += statement_lines(flat, line[: len(line) - len(flat)]) if len(line) > LINE else [line]
    return "\n".join(found)


def _clauses(generator: ast.comprehension, text: str) -> list[str]:
    return [_clause(generator, text), *(f"if {_text(condition, text)}" for condition in generator.ifs)]


def _clause(generator: ast.comprehension, text: str) -> str:
    return f"for {_text(generator.target, text)} in {_text(generator.iter, text)}"


def _arguments(call: ast.Call, text: str, indent: str) -> list[str]:
    """The arguments on one line if they fit, else one a line."""
    if len(call.args) == 1 and not call.keywords and isinstance(only := call.args[0], ast.GeneratorExp):
        clauses = [_clause(g, text) for g in only.generators]
        flat = f"{indent}{_text(only.elt, text)} {' '.join(clauses)}"
        if len(flat) <= LINE:
            return [flat]
        return [*_broken(only.elt, text, indent, "", ""), *(indent + clause for clause in clauses)]
    parts: list[tuple[str, ast.expr]] = []
    for argument in call.args:
        parts.append(("*", argument.value) if isinstance(argument, ast.Starred) else ("", argument))
    parts += [(f"{k.arg}=", k.value) for k in call.keywords]
    joined = indent + ", ".join(prefix + _text(value, text) for prefix, value in parts)
    if len(joined) <= LINE:
        return [joined]
    comma = "" if len(parts) == 1 and parts[0][0] == "*" and isinstance(parts[0][1], ast.ListComp) else ","
    return [line for prefix, value in parts for line in _broken(value, text, indent, prefix, comma)]


def _operands(node: ast.BinOp, text: str, indent: str) -> list[str]:
    """One operand of the loosest operator a line, the operator in front."""
    level = (ast.Add, ast.Sub) if isinstance(node.op, (ast.Add, ast.Sub)) else (type(node.op),)
    rest: list[tuple[str, ast.expr]] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and isinstance(left.op, level):
        sign = text[left.left.end_col_offset : left.right.col_offset].strip(" ()")
        rest.append((f"{sign} ", left.right))
        left = left.left
    parts = [("", left), *reversed(rest)]
    return [line for prefix, operand in parts for line in _broken(operand, text, indent, prefix, "")]
