"""Ready blocks: those that come along, those that this user has put by, and those of any project file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.document.files import SUFFIX, load
from engine.document.project import Project
from engine.errors import EngineError
from engine.graph.block import Block
from engine.graph.graph import BlockId, Node
from engine.layers.block import BlockLayer
from engine.places import blocks_dir

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "blocks"
READY, OWN = "library", "own"


@dataclass(frozen=True, eq=False)
class Entry:
    """One ready block: the project that holds it beside an example of its use, and which of its blocks is meant.

    key: "library:residual.bottleneck" or "own:file.block", the same from one session to the next.
    """

    key: str
    project: Project
    id: BlockId
    path: Path | None = None

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
        return "your library" if self.is_own else next(iter(self.block.about.tags), "blocks")

    @property
    def summary(self) -> str:
        """The first sentence of its help."""
        return re.split(r"(?<=\.)\s|\n\n", self.block.help.strip())[0].replace("\n", " ")

    @cached_property
    def example(self) -> Node | None:
        """The instance that shows how it is used, with sensible arguments."""
        nodes = self.project.block().graph.nodes.values()
        return next((n for n in nodes if isinstance(n.layer, BlockLayer) and n.layer.block == self.id), None)


@dataclass(frozen=True)
class Shelf:
    """The entries of one folder, and why some of its files could not be read, by path."""

    entries: tuple[Entry, ...] = ()
    failures: tuple[tuple[Path, str], ...] = ()


_read: dict[Path, tuple[tuple[int, int], Shelf]] = {}


def entries() -> list[Entry]:
    """All ready blocks: the user's own first, then those that come along, by tag."""
    return [*own().entries, *shipped().entries]


def shipped() -> Shelf:
    """The blocks that come along, by tag, in the order of their files."""
    shelf = _shelf(SHIPPED, READY)
    return Shelf(tuple(sorted(shelf.entries, key=lambda e: _TAGS.get(e.tag, len(_TAGS)))), shelf.failures)


def own() -> Shelf:
    """The blocks that the user has put by, by name."""
    shelf = _shelf(blocks_dir(), OWN)
    return Shelf(tuple(sorted(shelf.entries, key=lambda e: e.name.lower())), shelf.failures)


def find_entry(key: str) -> Entry | None:
    """The entry of that key, None if there is none any more."""
    source = {READY: shipped, OWN: own}.get(key.partition(":")[0])
    return next((e for e in source().entries if e.key == key), None) if source else None


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


def blocks_of(path: Path) -> list[Entry]:
    """Every block of a project file, the whole network as the last. Raises: FileError."""
    project = load(path)
    names = [*(b for b in project.blocks if b != project.main), project.main]
    return [Entry(f"file:{path.stem}.{name}", project, name, path) for name in names if project.blocks[name].outputs]


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
        "params": [{"name": p.name, "kind": p.kind, "default": p.default, "help": p.help} for p in block.params],
    }


def search(found: Iterable[Entry], query: str) -> list[Entry]:
    """The entries that match what is typed, best first; all of them for an empty query."""
    words = re.findall(r"[^\W_]+", query.lower())
    if not words:
        return list(found)
    rated = [(score(entry, words), place, entry) for place, entry in enumerate(found)]
    return [entry for rank, _, entry in sorted(rated, key=lambda r: (-r[0], r[1])) if rank]


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
    prose = [entry.block.help, *(str(reference) for reference in about.references)]
    if len(word) > 2 and any(re.search(rf"\b{re.escape(word)}", text.lower()) for text in prose):
        yield 25.0
