"""`runs export`: the script of a run in a file, with what was changed by hand in it."""

from __future__ import annotations

import argparse
import sys

from engine.document.files import write_whole
from engine.training.store import Store


def add_export_options(command: argparse.ArgumentParser) -> None:
    """-o, without which the script goes to standard output."""
    command.add_argument("-o", "--output", metavar="OUT.py", help="where export writes; standard output, if not given")


def export_script(store: Store, options: argparse.Namespace) -> int:
    """Write the script, whole or not at all. Raises: FileError if the run kept none."""
    text = store.script_text(store.get(options.words[0]).id)
    if options.output is None:
        sys.stdout.write(text)
        return 0
    write_whole(text, options.output)
    print(options.output)
    return 0
