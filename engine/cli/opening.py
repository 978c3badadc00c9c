"""Options that several commands share: which project, and what to change in it first."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.document.files import load
from engine.document.paths import set_by_path
from engine.document.project import Project
from engine.document.trust import Trust
from engine.errors import TrustError

FILE_HELP = "a project (.netsmith), or the name of an example"
EXAMPLES = Path(__file__).resolve().parents[2] / "resources" / "examples"


def add_file(command: argparse.ArgumentParser) -> None:
    """FILE, and --trust for a project with code of the user's."""
    command.add_argument("file", metavar="FILE", help=FILE_HELP)
    _add_trust(command)


def add_files(command: argparse.ArgumentParser) -> None:
    """One FILE or several, and --trust."""
    command.add_argument("files", metavar="FILE", nargs="+", help=FILE_HELP)
    _add_trust(command)


def _add_trust(command: argparse.ArgumentParser) -> None:
    command.add_argument("--trust", action="store_true", help="run the user code in this project, and remember that")


def add_changes(command: argparse.ArgumentParser) -> None:
    """--epochs, --seed, --device and --set."""
    command.add_argument("--epochs", type=int, metavar="N", help="how often all training data is seen")
    command.add_argument("--seed", type=int, metavar="S", help="decides everything random")
    command.add_argument("--device", metavar="D", help="auto, cpu, cuda or mps")
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="any option: recipe.optimizer.lr=0.01, params.width=32, stem.out_channels=64; may be repeated",
    )


def open_project(options: argparse.Namespace) -> Project:
    """The project that FILE names, with the changes asked for. Raises: FileError, SpecError."""
    project = load(path_of(options.file))
    asked = [f"recipe.{name}={value}" for name in ("epochs", "seed", "device") if (value := _given(options, name))]
    for text in (*asked, *getattr(options, "set", ())):
        project = set_by_path(project, text)(project)
    return project


def path_of(name: str) -> Path:
    """A file of the user's, or else the example of that name."""
    path = Path(name)
    example = EXAMPLES / f"{name}.netsmith"
    return example if not path.exists() and example.exists() else path


def is_trusted(options: argparse.Namespace, project: Project) -> bool:
    """Whether the project's own code may run; --trust says so and is remembered."""
    trust = Trust()
    if options.trust and not trust.allows(project):
        trust.remember(project)
    return trust.allows(project)


def need_trust(options: argparse.Namespace, project: Project) -> bool:
    """True. Raises: TrustError if the project holds code that nobody has trusted."""
    if not is_trusted(options, project):
        raise TrustError(
            f"{options.file} holds Python code that you have not trusted yet.",
            "Read its Code layers, then say --trust once.",
        )
    return True


def _given(options: argparse.Namespace, name: str) -> str:
    value = getattr(options, name, None)
    return "" if value is None else str(value)
