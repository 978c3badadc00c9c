"""Which functions of the installed torch an Op node may call, with their arguments: read from torch's own schemas.

`python -m engine.analysis.operations` writes `resources/operations.json` anew, which is all that the rest of the engine
reads: a name that is not in that file is never looked up. Left out is what reads or writes files and processes, loads
code, changes state outside its result (names that end in "_", random state), gives or takes anything but tensors,
numbers and words, or is private.
"""

from __future__ import annotations

import inspect
import json
import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

TARGET = Path(__file__).parents[2] / "resources" / "operations.json"
SPACES: dict[str, tuple[Any, str]] = {
    "torch.": (torch, ""),
    "F.": (torch.nn.functional, ""),
    "torch.linalg.": (torch.linalg, "linalg_"),
    "torch.fft.": (torch.fft, "fft_"),
    "torch.special.": (torch.special, "special_"),
    "Tensor.": (torch.Tensor, ""),
}
"""Where functions are looked for: how they are written, the module, and what their schemas' names begin with."""

_TYPES = {
    "Tensor": "Tensor", "Optional[Tensor]": "Tensor?", "List[Tensor]": "Tensor[]",
    "int": "int", "Optional[int]": "int?", "List[int]": "int[]", "Optional[List[int]]": "int[]?",
    "float": "float", "Optional[float]": "float?", "List[float]": "float[]", "Optional[List[float]]": "float[]?",
    "bool": "bool", "Optional[bool]": "bool?", "List[bool]": "bool[]", "str": "str", "Optional[str]": "str?",
    "number": "number", "Optional[number]": "number?", "List[number]": "number[]", "complex": "number",
}  # fmt: skip
_RESULTS = {k: _TYPES[k] for k in ("Tensor", "List[Tensor]", "int", "float", "bool", "number")}
_DROPPED = frozenset({"out", "generator", "device", "layout", "pin_memory", "memory_format", "names", "requires_grad"})
"""Arguments that are never written: they place, fill or name a tensor, or carry random state."""

FORBIDDEN = re.compile(
    r"""
    _.* | .*_ | .*_out | .*backward.* | .*_copy | .*_scatter_outf
    | from_file | set_.* | data | item | tolist | numpy | pin_memory | record_stream | cuda | xpu | share_memory
    | to_mkldnn | .*mkldnn.* | .*miopen.* | .*cudnn.* | .*mps.* | .*xnnpack.* | .*nnpack.*
    | .*sparse.* | coalesce | is_coalesced | indices | values | c?(row|col)_indices | dense_dim | resize.* | smm | hspmm
    | sspaddmm
    | quantize.* | .*quantized.* | fake_quantize.* | q_.* | int_repr | dequantize | fbgemm.* | choose_qparams.*
    | rename | align_.* | refine_names | names | requires_grad.* | retain.* | detach_.* | is_pinned
    | manual_seed | seed | get_rng_state | set_rng_state | initial_seed | fork_rng | generator
    | load | save | hub | compile | jit.* | export | package | utils | ops | classes | library | import.*
    | storage.* | untyped_storage | get_device | device | layout | dtype | apply_? | map_? | register_hook | backward
    | vmap | func.* | cond | while_loop | embedding_renorm | multi_head_attention_forward | .*_jvp | promote_types
    | result_type | can_cast | is_set_to | is_same_size | size | stride | sym_.* | to | type | new_.* | empty.*
    | is_autocast.* | get_autocast.* | is_grad_enabled | is_inference | is_distributed | native_.* | fused_.*
    | batch_norm_.* | norm_except_dim | tensor | as_tensor | .*_observer.*
    | dim_order | boolean_dispatch | has_torch_function.* | handle_torch_function | assert_.* | upsample.* | ctc_loss
    """,
    re.VERBOSE,
)
"""Names that are left out wherever they stand, and the reasons at the top of this file. `size`, `to` and the like have
layers of their own; `empty` gives whatever lies in memory."""


MISLEADING = frozenset({"torch.norm", "Tensor.norm", "F.norm", "torch.tensordot"})
"""Functions in Python that take other arguments than the schema of their name says."""


def operations() -> dict[str, list[str]]:
    """Every function that may be called, with one line for each way to call it."""
    schemas: dict[str, list[str]] = {}
    for schema in torch._C._jit_get_all_schemas():
        space, _, name = schema.name.partition("::")
        line = _from_schema(schema) if space == "aten" and not FORBIDDEN.fullmatch(name) else None
        if line is not None:
            schemas.setdefault(name, []).append(line)
    found: dict[str, list[str]] = {}
    for written, (space, prefix) in SPACES.items():
        for name in dir(space):
            if FORBIDDEN.fullmatch(name) or written + name in MISLEADING or not callable(getattr(space, name, None)):
                continue
            lines = list(dict.fromkeys(_lines(written, name, getattr(space, name), schemas.get(prefix + name, []))))
            if lines:
                found[written + name] = lines
    return dict(sorted(found.items()))


def _lines(written: str, name: str, function: Any, known: list[str]) -> list[str]:
    if inspect.isclass(function) or isinstance(function, types.ModuleType):
        return []
    if written == "Tensor.":
        return [line for line in known if line.startswith("self: Tensor,") or line.startswith("self: Tensor ->")]
    if written == "F." and isinstance(function, types.FunctionType):
        line = _from_signature(function)
        takes_anything = any(p.kind is p.VAR_POSITIONAL for p in inspect.signature(function).parameters.values())
        return [line] if line else known if takes_anything else []
    return [line for line in known if "Tensor" in line]


def _from_schema(schema: Any) -> str | None:
    """`self: Tensor, dim: int = 0, *, dtype: dtype? = None -> Tensor`; None where that cannot be written."""
    arguments: list[str] = []
    starred = False
    for argument in schema.arguments:
        if argument.name in _DROPPED and (argument.has_default_value() or argument.name == "out"):
            if argument.name == "out":
                return None
            continue
        kind = "dtype" if argument.name == "dtype" else _TYPES.get(str(argument.type))
        if kind is None:
            if argument.has_default_value():
                continue
            return None
        if kind == "dtype" and str(argument.type).startswith("Optional"):
            kind = "dtype?"
        if argument.kwarg_only and not starred:
            arguments.append("*")
            starred = True
        text = f"{argument.name}: {kind}"
        arguments.append(f"{text} = {argument.default_value!r}" if argument.has_default_value() else text)
    results = [_RESULTS.get(str(result.type)) for result in schema.returns]
    if not results or None in results or (len(results) > 1 and set(results) != {"Tensor"}):
        return None
    if {a.name for a in schema.arguments} & {r.name for r in schema.returns if r.name}:
        return None  # results that are written into what is given
    named = [f"{r.name}: {kind}" if r.name else str(kind) for r, kind in zip(schema.returns, results)]
    return f"{', '.join(arguments)} -> {', '.join(named)}"


def _from_signature(function: Any) -> str | None:
    """The same of a function that is written in Python."""
    try:
        hints = typing.get_type_hints(function)
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError, NameError):
        return None
    arguments = []
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            return None
        if parameter.name.startswith("_") or parameter.name in (*_DROPPED, "inplace", "size_average", "reduce"):
            continue
        kind = _python_type(hints.get(parameter.name))
        if kind is None:
            if parameter.default is parameter.empty:
                return None
            continue
        text = f"{parameter.name}: {kind}"
        arguments.append(text if parameter.default is parameter.empty else f"{text} = {parameter.default!r}")
    result = _python_type(hints.get("return"))
    return f"{', '.join(arguments)} -> {result}" if arguments and result in ("Tensor", "int", "float", "bool") else None


def _python_type(hint: Any) -> str | None:
    simple = {torch.Tensor: "Tensor", int: "int", float: "float", bool: "bool", str: "str", torch.dtype: "dtype"}
    if hint is type(None):
        return "int[]"  # what torch calls a BroadcastingList: one number or several
    if hint in simple:
        return simple[hint]
    inside = [a for a in typing.get_args(hint) if a is not type(None)]
    if type(None) in typing.get_args(hint) and len(inside) == 1:
        kind = _python_type(inside[0])
        return f"{kind}?" if kind else None
    if typing.get_origin(hint) in (list, tuple) and inside and inside[0] in (int, float, torch.Tensor):
        return f"{simple[inside[0]]}[]"
    return None


def as_text() -> str:
    """The file: one function a line."""

    def lines() -> Iterator[str]:
        for name, signatures in operations().items():
            yield f"  {json.dumps(name)}: {json.dumps(signatures, ensure_ascii=False)}"

    version = ".".join(torch.__version__.split("+")[0].split(".")[:2])
    return f'{{"torch": "{version}", "functions": {{\n' + ",\n".join(lines()) + "\n}}\n"


if __name__ == "__main__":
    TARGET.write_text(as_text(), encoding="utf-8")
