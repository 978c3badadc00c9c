"""Who may import whom: floors, each of which sees only those below it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENGINE = (
    {"errors", "signal", "expr", "tree", "tensor", "places", "whole"},
    {"kinds"},
    {"spec", "numbers"},
    {"layers", "recipe"},
    {"graph"},
    {"document"},
    {"codegen", "costs"},
    {"analysis", "build"},
    {"training", "importing", "exporting"},
    {"cli"},
)
GUI = (
    {"tokens", "metrics", "motion", "theme", "sheet", "focus_ring", "style", "glyphs", "widgets", "figures", "sketch"},
    {"control_words"},
    {"background", "collector", "freed", "habits", "outside", "place", "preferences", "snapping"},
    {"analysed", "project_file", "runner"},
    {"looking", "run_line"},
    {"work"},
    {"editors", "plots", "formula", "diagrams", "session"},
    {"xray"},
    {"canvas", "panels", "dialogs"},
    {"actions", "rendering"},
    {"window"},
    {"main_window", "crash"},
    {"app"},
    {"demo_hands"},
    {"demo_steps"},
    {"demo"},
)
KNOWS_TORCH = {"analysis", "build", "training", "importing", "exporting", "cli"}
STRANGERS = {"canvas", "panels", "dialogs"}  # they meet in the session
QT = {"PySide6", "shiboken6", "pyqtgraph", "qtawesome", "qtpy", "pytestqt"}
FILES = sorted(path for top in ("engine", "gui") for path in (ROOT / top).rglob("*.py"))


def module_name(path: Path) -> str:
    """The dotted name of a file of this repository."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> list[str]:
    """Every name that the file imports, lazily or not: `from a import b` as a.b, a relative one with its dots."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            names += [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)]
    return names


def floor(parts: list[str]) -> int | None:
    """How high `engine.graph...` stands among the engine's floors, or `gui.canvas...` among the window's."""
    floors = {"engine": ENGINE, "gui": GUI}.get(parts[0], ())
    return next((height for height, names in enumerate(floors) if len(parts) > 1 and parts[1] in names), None)


def objections(path: Path) -> list[str]:
    """What this file imports and may not."""
    here = module_name(path).split(".")
    found = []
    for name in imported(path):
        there = name.split(".")
        if name.startswith("."):
            found.append(f"{name} is relative")
        elif there[0] == "main" or there[0] in ("tests", "bench") or (here[0] == "engine" and there[0] == "gui"):
            found.append(f"{name} stands above")
        elif there[0] in QT and here[0] == "engine":
            found.append(f"{name} is Qt")
        elif there[0] == "torch" and (here[0] == "gui" or here[1] not in KNOWS_TORCH):
            found.append(f"{name} is torch")
        elif there[-1] == "TYPE_CHECKING":
            found.append("TYPE_CHECKING hides a circle")
        elif here[:2] != there[:2] and here[0] == there[0] and len(here) > 1:
            above, below = floor(here), floor(there)
            if below is not None and above is not None and below > above:
                found.append(f"{name} stands above")
            if here[1] in STRANGERS and there[1] in STRANGERS:
                found.append(f"{name} is a stranger")
    return found


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_a_module_imports_only_from_its_own_floor_and_below(path):
    assert objections(path) == []


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_every_module_stands_on_a_floor(path):
    parts = module_name(path).split(".")
    assert len(parts) == 1 or floor(parts) is not None, f"give {parts[1]} its place in ENGINE or GUI above"


@pytest.mark.parametrize(
    ("module", "line", "objection"),
    [
        ("engine/spec.py", "import torch", "torch is torch"),
        ("engine/expr.py", "import importlib as i\ni.import_module('torch.nn')", "torch.nn is torch"),
        ("engine/graph/graph.py", "from engine.codegen import names", "engine.codegen.names stands above"),
        ("engine/cli.py", "def f():\n    import gui.app", "gui.app stands above"),
        ("engine/training/run.py", "from PySide6.QtCore import QTimer", "PySide6.QtCore.QTimer is Qt"),
        ("engine/layers/base.py", "from . import io", "..io is relative"),
        ("gui/panels/code.py", "from gui.canvas.scene import Scene", "gui.canvas.scene.Scene is a stranger"),
        ("gui/theme.py", "from typing import TYPE_CHECKING", "TYPE_CHECKING hides a circle"),
    ],
)
def test_a_breach_is_noticed(tmp_path, monkeypatch, module, line, objection):
    path = tmp_path / module
    path.parent.mkdir(parents=True)
    path.write_text(line, encoding="utf-8")
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    assert objections(path) == [objection]
