"""`examples`, `layers`, `blocks`, `schema`: what there is."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import textwrap
from pathlib import Path
from typing import Any

from engine.cli.opening import EXAMPLES
from engine.document.files import load, save
from engine.document.library import described, entries, own, search
from engine.document.schema import schema
from engine.errors import FileError
from engine.layers import find
from engine.layers.base import CATEGORIES, Layer
from engine.layers.catalogue import as_json, catalogue

COMMANDS = ("examples", "layers", "blocks", "schema")


def declare(commands: Any) -> None:
    """Add the commands to the parser."""
    examples = commands.add_parser("examples", help="list the examples, or copy one out")
    examples.add_argument("name", nargs="?", metavar="NAME", help="the example to copy")
    examples.add_argument("-o", "--output", metavar="FILE", help="where to copy it")
    examples.set_defaults(call=show_examples)
    layers = commands.add_parser(
        "layers",
        help="list every layer, those that match, or all of one kind",
        epilog='JSON: [{"key", "title", "category", "target", "aliases", "help", "use", "formula", "inputs", '
        '"outputs", "params": [{"name", "kind", "default", "min", "max", "choices", "help"}]}]',
    )
    layers.add_argument("query", nargs="*", metavar="WORD", help="only those that match, or one by its name")
    layers.add_argument("--kind", choices=CATEGORIES, metavar="KIND", help=f"only of one kind: {', '.join(CATEGORIES)}")
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
    """List the catalogue by kind, or show one layer whole."""
    query = " ".join(options.query)
    found = find(query) if query else None
    if options.kind:
        found = [layer for layer in (catalogue() if found is None else found) if layer.category == options.kind]
    if found == []:
        raise FileError(f"No layer matches {query or options.kind}.", "Without a word all of them are listed.")
    if options.json:
        print(json.dumps(as_json(found), indent=1, ensure_ascii=False))
    elif found and (len(found) == 1 or found[0].key.lower() == query.lower()):
        show_one(found[0])
    else:
        show_list(found or catalogue())
    return 0


def show_list(layers: list[type[Layer]]) -> None:
    """One line a layer, under the name of its kind."""
    width, room = max(len(layer.key) for layer in layers), shutil.get_terminal_size().columns
    for category in CATEGORIES:
        of_kind = [layer for layer in layers if layer.category == category]
        if of_kind:
            print(f"{category} ({len(of_kind)})")
        for layer in of_kind:
            print(shortened(f"  {layer.key:{width}}  {layer.summary()}", room))
        if of_kind:
            print()


def show_one(layer: type[Layer]) -> None:
    """Everything that is declared of a layer."""
    (described,) = as_json([layer])
    print(f"{layer.key} ({layer.category})  {layer.target}")
    for text in (described["help"], described["use"]):
        if text:
            print(textwrap.fill(text, shutil.get_terminal_size().columns))
    print(f"takes {', '.join(described['inputs']) or 'nothing'}; gives {', '.join(described['outputs']) or 'nothing'}")
    if layer.aliases:
        print(f"found as {', '.join(layer.aliases)}")
    width = max((len(name) for name in layer.params), default=0)
    for declared in layer.params.values():
        default = declared.kind.show(declared.default)
        print(f"  {declared.name:{width}}  {default}: {declared.help}")


def shortened(text: str, room: int) -> str:
    """The text in one line of that many columns."""
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


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
