"""Import lines from many places, merged and sorted as a linter would."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from engine.codegen.layout import LINE

_USES = {
    "functools.": "import functools",
    "math.": "import math",
    "torch.": "import torch",
    "F.": "import torch.nn.functional as F",
    "nn.": "from torch import nn",
}
MODULES = tuple(_USES.values())


def modules_in(text: str) -> list[str]:
    """The import lines of the modules that the text names."""
    return [line for word, line in _USES.items() if word in text and re.search(rf"\b{re.escape(word)}", text)]


def import_block(lines: Iterable[str]) -> str:
    """Import lines without doubles: the standard library first, `import` before `from`, in order of names."""
    modules: set[str] = set()
    names: dict[str, set[str]] = {}
    for line in lines:
        if line.startswith("from "):
            module, _, listed = line[len("from ") :].partition(" import ")
            names.setdefault(module, set()).update(n.strip() for n in listed.strip("() ").split(",") if n.strip())
        elif line.strip():
            modules.add(line.strip())
    groups: tuple[list[str], list[str]] = ([], [])
    for line in sorted(modules, key=str.lower):
        groups[not _is_standard(line)].append(line)
    for module in sorted(names, key=str.lower):
        groups[not _is_standard(f"from {module}")].append(_from(module, names[module]))
    return "\n\n".join("\n".join(group) for group in groups if group)


def _is_standard(line: str) -> bool:
    return line.split()[1].split(".")[0] in sys.stdlib_module_names


def _from(module: str, names: set[str]) -> str:
    ordered = sorted(names, key=_rank)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= LINE:
        return line
    inside = "".join(f"    {name},\n" for name in ordered)
    return f"from {module} import (\n{inside})"


def _rank(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, as isort has it."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2, name)
