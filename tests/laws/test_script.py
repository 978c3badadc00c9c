"""Laws of the generated script, for every choice a recipe offers."""

import ast
import json
import re
import subprocess
import sys

import pytest

from engine.codegen.names import KEYWORDS, MODULES, SCRIPT
from tests.laws.scripts import cases, ran, script_of

CASES = cases()
PROJECTS = pytest.mark.parametrize("name", CASES)
ALONE = """
import io, json, runpy, sys
from contextlib import redirect_stdout

sys.modules["engine"] = sys.modules["gui"] = None
for path in sys.argv[1:]:
    sys.argv = [path, "--epochs", "2", "--seed", "3"]
    printed = io.StringIO()
    with redirect_stdout(printed):
        runpy.run_path(path, run_name="__main__")
    print(json.dumps(printed.getvalue()))
"""


@pytest.fixture(scope="module")
def sources():
    return {name: script_of(project) for name, project in CASES.items()}


@PROJECTS
def test_a_script_trains_and_reports_every_epoch(sources, name):
    reports = ran(sources[name])
    assert len(reports) == 2
    for number, report in enumerate(reports, 1):
        assert re.fullmatch(rf"epoch {number}/2(  \w+ -?(\d{{1,6}}\.\d{{6}}|\d\.\d{{3}}e\+\d+))+", report), report


@PROJECTS
def test_the_same_project_gives_the_same_text(sources, name):
    assert script_of(CASES[name]).text == sources[name].text


@PROJECTS
def test_a_script_knows_nothing_of_the_program_that_wrote_it(sources, name):
    tree = ast.parse(sources[name].text)
    modules = {n.names[0].name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import)}
    modules |= {n.module.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert modules <= {"torch", "sklearn"} | set(sys.stdlib_module_names)
    assert "netsmith" not in sources[name].text.lower()


@PROJECTS
def test_whatever_a_script_defines_is_kept_free_of_the_models_names(sources, name):
    tree = ast.parse(sources[name].text)
    model = sources[name].main
    defined = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)} - {model}
    defined |= {n.targets[0].id for n in tree.body if isinstance(n, ast.Assign)}
    defined |= {a.asname or a.name for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names}
    # These look out for themselves.
    own = r"(?i)top\d+|digit_\w+|parity_\w+|draw_\w+|(discriminator|generator|all)(_criterion|_\w+_RATE)?"
    chosen = {d for d in defined if re.fullmatch(own, d)}
    assert {d.split(".")[0] for d in defined} - chosen <= SCRIPT | MODULES | KEYWORDS


def test_every_constant_is_read(sources):
    for name, source in sources.items():
        for constant in re.findall(r"^([A-Z_]+) = ", source.text, re.MULTILINE):
            assert len(re.findall(rf"\b{constant}\b", source.text)) > 1, (name, constant)


def test_lines_of_the_model_know_their_nodes(sources):
    for name, source in sources.items():
        if CASES[name].block().graph.by_name("hidden") is None:
            continue
        lines = source.text.splitlines()
        hidden = [lines[n - 1] for n, (_, node) in source.node_of_line.items() if node == "hidden"]
        assert hidden, name
        assert all("self.hidden" in line for line in hidden), name


def test_scripts_are_formatted_and_linted_as_a_careful_engineer_would(sources, tmp_path):
    for name, source in sources.items():
        (tmp_path / f"{name.replace(' ', '_')}.py").write_text(source.text, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    formatted = subprocess.run(
        [*ruff, "format", "--isolated", "--diff", tmp_path], capture_output=True, text=True, check=False
    )
    assert formatted.returncode == 0, formatted.stdout
    rules = ["--select", "E,F,I,N,UP,SIM,W", "--ignore", "N812"]
    linted = subprocess.run(
        [*ruff, "check", "--isolated", *rules, tmp_path], capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout


def test_a_script_trains_by_itself_and_prints_what_a_run_here_prints(sources, tmp_path):
    chosen = ["Digits", "two losses", "views", "accumulated", "targets seen"]
    paths = []
    for number, name in enumerate(chosen):
        paths.append(tmp_path / f"script{number}.py")
        paths[-1].write_text(sources[name].text, encoding="utf-8")
    command = [sys.executable, "-I", "-W", "error", "-c", ALONE, *map(str, paths * 2)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    assert printed[: len(chosen)] == printed[len(chosen) :]
    for name, alone in zip(chosen, printed):
        assert alone.splitlines() == ran(sources[name], seed=3), name
