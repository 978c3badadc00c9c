"""The house style, as far as a machine can read it."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("engine", "gui", "resources", "bench", "tests", "main.py")
FILES = sorted(p for top in SOURCES for p in ((ROOT / top).rglob("*.py") if (ROOT / top).is_dir() else [ROOT / top]))
FILES = [path for path in FILES if path.exists() and "golden" not in path.parts]
PRODUCT = [path for path in FILES if path.relative_to(ROOT).parts[0] in ("engine", "gui", "main.py")]
WINDOW = [path for path in PRODUCT if path.relative_to(ROOT).parts[0] == "gui"]
MAX_LINES = 400
MAX_FUNCTION_LINES = 60
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common"}
BLOCKING_CALLS = {"processEvents", "QThread"}
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\Z")
CODE_ON_LOADING = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal"}
# Split, so that this file is clean itself.
REGISTRY = re.compile(
    "|".join((r"pypi\." "org", r"pythonhosted\." "org", r"download\.pytorch\." "org", r"/sim" r"ple\b"))
)
PRINTERS = ("engine/cli", "main.py")


def short(path: Path) -> str:
    """The path as it is spoken of: from the repository root, with forward slashes."""
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def names_used(path: Path) -> Iterator[tuple[int, str]]:
    """Every plain or dotted name in the file with its line: `QApplication.processEvents`, `time.sleep`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Name | ast.Attribute):
            yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_file_is_short_enough_to_be_read(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_function_is_short_enough_to_be_seen(path):
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {f.name: f.end_lineno - f.lineno + 1 for f in functions if f.end_lineno - f.lineno >= MAX_FUNCTION_LINES}
    assert long == {}


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_module_is_named_after_what_it_holds(path):
    assert VAGUE_NAMES.isdisjoint(re.split(r"[/_.]", short(path)))


@pytest.mark.parametrize("path", PRODUCT, ids=short)
def test_nothing_waits_by_sleeping_or_by_running_the_event_loop_itself(path):
    found = [(n, name) for n, name in names_used(path) if name == "time.sleep" or name.split(".")[-1] in BLOCKING_CALLS]
    assert found == []


@pytest.mark.parametrize("path", WINDOW, ids=short)
def test_colours_are_named_by_the_theme_only(path):
    constants = (
        node for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    found = [(node.lineno, node.value) for node in constants if COLOUR.match(node.value)]
    assert found == [] or short(path).startswith("gui/theme")


@pytest.mark.parametrize("path", PRODUCT, ids=short)
def test_nothing_that_is_loaded_can_carry_code(path):
    modules = [alias.name for node in ast.walk(tree(path)) if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module or "" for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
    assert CODE_ON_LOADING.isdisjoint(name.split(".")[0] for name in modules)


@pytest.mark.parametrize("path", FILES, ids=short)
def test_no_exception_is_caught_unnamed(path):
    handlers = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ExceptHandler)]
    assert [handler.lineno for handler in handlers if handler.type is None] == []


@pytest.mark.parametrize("path", [p for p in PRODUCT if not short(p).startswith(PRINTERS)], ids=short)
def test_only_the_command_line_prints(path):
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert [call.lineno for call in calls if call.func.id == "print"] == []


def test_no_committed_text_names_a_package_registry():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    texts = {path: path.read_bytes().decode("utf-8", "ignore") for path in files if path.is_file()}
    assert [short(path) for path, text in texts.items() if REGISTRY.search(text)] == []
