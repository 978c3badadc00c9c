"""`examples`, `layers`, `blocks`, `schema`: what there is."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from engine.cli.opening import EXAMPLES
from engine.document.files import load, save
from engine.document.library import described, entries, own, search
from engine.document.schema import schema
from engine.errors import FileError
from engine.layers.catalogue import as_json

COMMANDS = ("examples", "layers", "blocks", "schema")


def declare(commands: Any) -> None:
    """Add the commands to the parser."""
    examples = commands.add_parser("examples", help="list the examples, or copy one out")
    examples.add_argument("name", nargs="?", metavar="NAME", help="the example to copy")
    examples.add_argument("-o", "--output", metavar="FILE", help="where to copy it")
    examples.set_defaults(call=show_examples)
    layers = commands.add_parser(
        "layers",
        help="list every layer",
        epilog='JSON: [{"key", "title", "category", "target", "aliases", "inputs", "outputs", "params": '
        '[{"name", "kind", "default", "min", "max", "choices", "help"}]}]',
    )
    layers.add_argument("--json", action="store_true", help="print everything as JSON")
    layers.set_defaults(call=show_layers)
    blocks = commands.add_parser(
        "blocks",
        help="list the ready blocks, those that come along and your own",
        epilog='JSON: [{"key", "name", "tags", "aliases", "help", "inputs", "outputs", "references": '
        '[{"authors", "title", "year", "arxiv"}], "params": [{"name", "kind", "default", "help"}]}]',
    )
    blocks.add_argument("query", nargs="*", metavar="WORD", help="only those that match")
    blocks.add_argument("--json", action="store_true", help="print everything as JSON")
    blocks.set_defaults(call=show_blocks)
    commands.add_parser("schema", help="print the JSON Schema of the project file").set_defaults(call=show_schema)


def show_examples(options: argparse.Namespace) -> int:
    """List the examples, or copy one to where the user wants it."""
    found = {path.stem: path for path in sorted(EXAMPLES.glob("*.netsmith"))}
    if options.name is None:
        width = max(map(len, found), default=0)
        for name, path in found.items():
            print(f"{name:{width}}  {load(path).block().help.strip().splitlines()[0]}")
        return 0
    if options.name not in found:
        raise FileError(f"There is no example called {options.name}.", f"Examples: {', '.join(found)}.")
    target = Path(options.output or f"{options.name}.netsmith")
    save(load(found[options.name]), target)
    print(target)
    return 0


def show_layers(options: argparse.Namespace) -> int:
    """List the catalogue."""
    layers = as_json()
    if options.json:
        print(json.dumps(layers, indent=1, ensure_ascii=False))
        return 0
    for layer in layers:
        params = ", ".join(p["name"] for p in layer["params"])
        print(f"{layer['category']:15} {layer['key']:24} {layer['target']:28} {params}")
    return 0


def show_blocks(options: argparse.Namespace) -> int:
    """List the ready blocks."""
    found = search(entries(), " ".join(options.query))
    if options.json:
        print(json.dumps([described(entry) for entry in found], indent=1, ensure_ascii=False))
        return 0
    for entry in found:
        params = ", ".join(p.name for p in entry.block.params)
        print(f"{entry.tag:12} {entry.name:22} {entry.summary}  ({params})")
    for path, reason in own().failures:
        print(f"{path.name}: {reason}", file=sys.stderr)
    return 0


def show_schema(options: argparse.Namespace) -> int:
    """Print the JSON Schema of the project file."""
    print(json.dumps(schema(), indent=1, ensure_ascii=False))
    return 0
