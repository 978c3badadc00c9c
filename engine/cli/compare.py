"""`compare`: what makes one project another than a second one."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

from engine.cli.opening import path_of
from engine.document.compare import BlockComparison, Comparison, compare
from engine.document.files import load
from engine.document.project import Project
from engine.graph.graph import Edge

COMMANDS = ("compare",)


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "compare",
        help="what differs between two projects: layers, wires, blocks and recipe",
        epilog='JSON: {"same", "blocks": [{"block", "is_new", "added": [name], "removed": [name], "changed": {name: '
        '[words]}, "wired": [text], "unwired": [text], "described": [words]}], "gone": [block], "recipe": [words]}. '
        "Where layers stand on the canvas does not count. Exit code 0: they are the same network with the same recipe; "
        "1: they differ.",
    )
    command.add_argument("before", metavar="BEFORE", help="a project (.netsmith), or the name of an example")
    command.add_argument("after", metavar="AFTER", help="the project to hold against it")
    command.add_argument("--json", action="store_true", help="print everything as JSON")
    command.set_defaults(call=show)


def show(options: argparse.Namespace) -> int:
    """Compare two files and print what differs. Returns: 1 if anything does."""
    before, after = load(path_of(options.before)), load(path_of(options.after))
    found = compare(before, after)
    if options.json:
        print(json.dumps(as_json(after, found), indent=1, ensure_ascii=False))
    else:
        for line in lines(after, found):
            print(line)
    return 1 if found else 0


def as_json(after: Project, found: Comparison) -> dict[str, Any]:
    """The comparison as plain data, in the documented form; layers by their names."""
    blocks = [_block_json(after, id, block) for id, block in found.blocks.items()]
    return {"same": not found, "blocks": blocks, "gone": list(found.gone), "recipe": list(found.recipe)}


def lines(after: Project, found: Comparison) -> Iterator[str]:
    """+ what is new, - what is gone, ~ what is different, under the name of each block."""
    if not found:
        yield "No difference."
    for block in as_json(after, found)["blocks"]:
        yield f"{block['block']}{' (new)' if block['is_new'] else ''}"
        yield from (f"  ~ {words}" for words in block["described"])
        yield from (f"  + {name}" for name in block["added"])
        yield from (f"  - {name}" for name in block["removed"])
        yield from (f"  ~ {name}: {', '.join(words)}" for name, words in block["changed"].items())
        yield from (f"  + {wire}" for wire in block["wired"])
        yield from (f"  - {wire}" for wire in block["unwired"])
    yield from (f"{name} (gone)" for name in found.gone)
    if found.recipe:
        yield "Recipe"
        yield from (f"  ~ {words}" for words in found.recipe)


def _block_json(after: Project, id: str, found: BlockComparison) -> dict[str, Any]:
    block = after.block(id)
    now = {node.id: node.name for node in block.graph.nodes.values()}
    was = {node.id: node.name for node in found.before.graph.nodes.values()} if found.before else {}

    def wire(edge: Edge) -> str:
        return f"{now[edge.source]}.{edge.source_port} → {now[edge.target]}.{edge.target_port}"

    return {
        "block": block.name,
        "is_new": found.before is None,
        "added": sorted(now[n] for n in found.added),
        "removed": [was[n] for n in found.removed],
        "changed": {now[n]: list(words) for n, words in found.changed.items()},
        "wired": sorted(map(wire, found.wired)),
        "unwired": sorted(map(wire, found.unwired)),
        "described": list(found.described),
    }
