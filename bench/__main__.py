"""Run the benchmarks one after another, each in a process of its own, and print one table.

`python -m bench` runs all, `python -m bench canvas training` some; `--write` puts their tables into bench/README.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
NAMES = (
    *("start", "window", "training", "measuring", "reference", "infer", "search", "emit", "arrange", "plots", "matrix"),
    *("canvas", "gestures", "views", "memory", "editors", "runs", "looking"),
)
MARK = "<!-- measured -->"


def main() -> int:
    """Returns: 1 if a benchmark could not be run; a missed target is no failure."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(NAMES)}")
    parser.add_argument("--write", action="store_true", help="put the table into bench/README.md")
    parser.add_argument("--one", choices=NAMES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print("\n" + json.dumps(_benchmark(options.one)))
        return 0
    if wrong := set(options.names) - set(NAMES):
        parser.error(f"there is no benchmark called {', '.join(sorted(wrong))}")
    failed = False
    for name in options.names or NAMES:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows = measured(name)
        failed |= rows is None
        if rows is not None:
            print_rows(name, rows)
            if options.write:  # at once: what follows may be given up
                write(name, rows)
    return int(failed)


def _benchmark(name: str) -> Any:
    return importlib.import_module(f"bench.{name}").run()


def measured(name: str) -> list[dict[str, Any]] | None:
    """The rows of one benchmark, from a fresh process; None if it failed."""
    surroundings = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    command = [sys.executable, "-m", "bench", "--one", name]
    done = subprocess.run(command, cwd=HERE.parent, env=surroundings, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return None
    rows: list[dict[str, Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    return rows


def print_rows(name: str, rows: list[dict[str, Any]]) -> None:
    """One benchmark as lines."""
    print(f"\n{name}")
    for row in rows:
        print(f"  {row['what']:<62} {shown(row['value']):>12} {row['unit']:<12} {target(row)}")


def write(name: str, rows: list[dict[str, Any]]) -> None:
    """Replace the table of one benchmark in README.md; those of others stay if they are of the same machine."""
    page = HERE / "README.md"
    head, _, measured_before = page.read_text(encoding="utf-8").partition(MARK)
    line = f"Machine: {machine()}."
    before, *parts = measured_before.split("\n### ")
    sections = {part.partition("\n")[0]: part.partition("\n")[2].strip() for part in parts if line in before}
    cells = [f"| {r['what']} | {shown(r['value'])} {r['unit']} | {target(r)} |" for r in rows]
    sections[name] = "\n".join(["| what | measured | target |", "|---|---|---|", *cells])
    blocks = [MARK, line, *(f"### {each}\n\n{sections[each]}" for each in NAMES if each in sections)]
    page.write_text(head + "\n\n".join(blocks) + "\n", encoding="utf-8")


def machine() -> str:
    """What it was measured on."""
    import torch

    cpu = next(
        (line.split(":")[1].strip() for line in _cpu_lines() if line.startswith("model name")), platform.machine()
    )
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, torch {torch.__version__}"


def _cpu_lines() -> list[str]:
    info = Path("/proc/cpuinfo")
    return info.read_text(encoding="utf-8").splitlines() if info.exists() else []


def shown(value: Any) -> str:
    """A figure with as many digits as it deserves."""
    if not isinstance(value, (int, float)):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def target(row: dict[str, Any]) -> str:
    """The target, and nothing where there is none."""
    goal = row.get("target")
    return "" if goal in (None, "") else f"{goal:g}" if isinstance(goal, (int, float)) else str(goal)


if __name__ == "__main__":
    sys.exit(main())
