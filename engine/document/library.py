"""Ready blocks: those that come along, those that this user has put by, and those of any project file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.document.bringing import brought, fitting_args
from engine.document.files import SUFFIX, load
from engine.document.project import Project
from engine.errors import EngineError
from engine.graph.block import Block
from engine.graph.graph import BlockId
from engine.layers.base import Layer
from engine.layers.block import BlockLayer
from engine.layers.search import parse_query
from engine.layers.search import score as layer_score
from engine.layers.typed_options import read_arguments
from engine.places import blocks_dir
from engine.spec import Param
from engine.tensor import TensorSpec

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "blocks"
READY, OWN, FILE = "library", "own", "file"


@dataclass(frozen=True, eq=False)
class Entry:
    """One ready block: the project that holds it beside an example of its use, and which of its blocks is meant.

    key: "library:residual.bottleneck" or "own:file.block", the same from one session to the next.
    """

    key: str
    project: Project
    id: BlockId
    path: Path | None = None
    typed: Mapping[str, Any] = field(default_factory=dict)
    """Arguments that were typed behind its name."""

    @property
    def block(self) -> Block:
        return self.project.blocks[self.id]

    @property
    def name(self) -> str:
        return self.block.name

    @property
    def is_own(self) -> bool:
        return self.key.startswith(f"{OWN}:")

    @property
    def tag(self) -> str:
        """What it is listed under."""
        if self.key.startswith(f"{FILE}:") and self.path is not None:
            return self.path.name
        return "your library" if self.is_own else next(iter(self.block.about.tags), "blocks")

    @property
    def origin(self) -> str:
        """The paper in two words, "He 2015", or what it is listed under."""
        paper = next(iter(self.block.about.references), None)
        return f"{paper.authors.split(',')[0].split()[-1]} {paper.year}" if paper and paper.authors else self.tag

    @property
    def summary(self) -> str:
        """The first sentence of its help."""
        return re.split(r"(?<=\.)\s|\n\n", self.block.help.strip())[0].replace("\n", " ")

    @cached_property
    def example(self) -> BlockLayer | None:
        """The instance that shows how it is used."""
        layers = (node.layer for node in self.project.block().graph.nodes.values())
        return next((layer for layer in layers if isinstance(layer, BlockLayer) and layer.block == self.id), None)


@dataclass(frozen=True)
class Shelf:
    """The entries of one folder, and why some of its files could not be read, by path."""

    entries: tuple[Entry, ...] = ()
    failures: tuple[tuple[Path, str], ...] = ()


_read: dict[Path, tuple[tuple[int, int], Shelf]] = {}


def entries() -> list[Entry]:
    """All ready blocks: the user's own first, then those that come along, by tag."""
    return [*own().entries, *shipped().entries]


def is_at_hand() -> bool:
    """Whether the blocks that come along were read already: the first time takes too long for a frame."""
    return any(path.parent == SHIPPED for path in _read)


def shipped() -> Shelf:
    """The blocks that come along, by tag and name."""
    shelf = _shelf(SHIPPED, READY)
    return Shelf(tuple(sorted(shelf.entries, key=lambda e: (_TAGS.get(e.tag, len(_TAGS)), e.name))), shelf.failures)


def own() -> Shelf:
    """The blocks that the user has put by, by name."""
    shelf = _shelf(blocks_dir(), OWN)
    return Shelf(tuple(sorted(shelf.entries, key=lambda e: e.name.lower())), shelf.failures)


def find_entry(key: str) -> Entry | None:
    """The entry of that key, None if there is none any more."""
    kind, _, place = key.partition(":")
    if kind == FILE:
        found = _or_none(Path(place.rpartition("#")[0]))
    else:
        source = {READY: shipped, OWN: own}.get(kind)
        found = list(source().entries) if source else []
    return next((e for e in found if e.key == key), None)


def is_ready(key: str) -> bool:
    """Whether a key of the palette means a ready block."""
    return key.partition(":")[0] in (READY, OWN, FILE)


def _or_none(path: Path) -> list[Entry]:
    try:
        return blocks_of(path)
    except EngineError:
        return []


_TAGS = {tag: i for i, tag in enumerate(("vision", "transformer", "sequence", "generative"))}


def _shelf(folder: Path, source: str) -> Shelf:
    """Every file of a folder, each read again only when it has changed."""
    found: list[Entry] = []
    failures: list[tuple[Path, str]] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else ():
        shelf = _file(path, source)
        found += shelf.entries
        failures += shelf.failures
    return Shelf(tuple(found), tuple(failures))


def _file(path: Path, source: str) -> Shelf:
    try:
        status = path.stat()
        stamp = status.st_mtime_ns, status.st_size
        if path not in _read or _read[path][0] != stamp:
            _read[path] = stamp, _entries_of(path, source)
    except OSError as error:
        return Shelf(failures=((path, error.strerror or str(error)),))
    return _read[path][1]


def _entries_of(path: Path, source: str) -> Shelf:
    try:
        project = load(path)
    except EngineError as error:
        return Shelf(failures=((path, error.message),))
    return Shelf(tuple(Entry(f"{source}:{path.stem}.{block}", project, block, path) for block in _shown(project)))


def _shown(project: Project) -> Iterable[BlockId]:
    """The blocks that the main network is made of, in order: those that the file is about."""
    nodes = project.block().graph.nodes.values()
    return dict.fromkeys(BlockId(n.layer.block) for n in nodes if isinstance(n.layer, BlockLayer))


def instance(entry: Entry, project: Project, comes: TensorSpec | None = None) -> tuple[Project, BlockLayer]:
    """The project with the definition of a ready block, and an instance of it that fits what comes in first.

    One's own blocks keep the arguments that they were put by with, as far as nothing else follows from what comes in.
    """
    project, id = brought(project, entry.project, entry.id)
    block = project.blocks[id]
    kept = entry.example.args if entry.is_own and entry.example is not None else {}
    first = next((port.name for port in block.ports_in()), "")
    return project, BlockLayer(block=id, args={**kept, **fitting_args(block, {first: comes}), **entry.typed})


def typed_arguments(block: Block, query: str, scope: Collection[str] = ()) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The arguments typed behind a block's name: "ResNetBlock 64 128 stride=2"; and what of it could not be taken."""
    params = {p.name: Param(p.name, p.value_kind, p.default, p.default, p.help) for p in block.params}
    return read_arguments(block.name, params, query, scope)


def blocks_of(path: Path) -> list[Entry]:
    """Every block of a project file, the whole network as the last. Raises: FileError."""
    project = load(path)
    names = [*(b for b in project.blocks if b != project.main), project.main]
    return [Entry(_file_key(path, name), project, name, path) for name in names if project.blocks[name].outputs]


def _file_key(path: Path, block: str) -> str:
    return f"{FILE}:{path}#{block}"


def described(entry: Entry) -> dict[str, Any]:
    """An entry for other programs."""
    block = entry.block
    return {
        "key": entry.key,
        "name": block.name,
        "tags": list(block.about.tags),
        "aliases": list(block.about.aliases),
        "help": block.help,
        "inputs": [port.name for port in block.ports_in()],
        "outputs": [port.name for port in block.ports_out()],
        "references": [vars(reference) for reference in block.about.references],
        "params": [
            {"name": p.name, "kind": p.kind, "default": p.value_kind.to_json(p.default), "help": p.help}
            for p in block.params
        ],
    }


def search(found: Iterable[Entry], query: str) -> list[Entry]:
    """The entries that match what is typed, best first; all of them for an empty query."""
    words = re.findall(r"[^\W_]+", query.lower())
    if not words:
        return list(found)
    rated = [(score(entry, words), place, entry) for place, entry in enumerate(found)]
    return [entry for rank, _, entry in sorted(rated, key=lambda r: (-r[0], r[1])) if rank]


def with_ready(layers: Sequence[type[Layer]], query: str) -> list[type[Layer] | Entry]:
    """The layers and the ready blocks that match, each of these before the layers that match less."""
    typed = parse_query(query)[0]
    words = [word.lower() for word in typed]
    if not words:
        return [*layers, *entries()]
    waiting = list(reversed(layers))
    merged: list[type[Layer] | Entry] = []
    for entry in search(entries(), " ".join(words)):
        rank = 0.9 * score(entry, words)  # of equals the layer comes first
        while waiting and layer_score(waiting[-1], typed) >= rank:
            merged.append(waiting.pop())
        merged.append(entry)
    return [*merged, *reversed(waiting)]


def score(entry: Entry, words: list[str]) -> float:
    """How well an entry matches the words, all of which it has to hold; names count most, the paper's words least."""
    return min((max(_scores(entry, word), default=0.0) for word in words), default=0.0)


def _scores(entry: Entry, word: str) -> Iterator[float]:
    name, about = entry.name.lower(), entry.block.about
    plain = re.sub(r"\d+d?$", "", name)
    if word in (name, plain):
        yield 100.0
    elif name.startswith(word):
        yield 82.0
    elif len(word) > 1 and word in name:
        yield 60.0
    for weight, texts in ((0.8, about.aliases), (0.6, about.tags)):
        for text in texts:
            if word in text.lower().split() or word == text.lower():
                yield 95.0 * weight
            elif len(word) > 1 and any(part.startswith(word) for part in text.lower().split()):
                yield 80.0 * weight
    for place, prose in enumerate((entry.block.help, *map(str, about.references))):
        if len(word) > 2 and re.search(rf"\b{re.escape(word)}", prose.lower()):
            yield 30.0 - place  # the first paper is the one it follows
