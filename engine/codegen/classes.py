"""Project and Analysis to model classes: each block that is used is one class, inner ones first, the main one last."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import Any

from engine.codegen.again import Inner, Now, Written
from engine.codegen.apart import with_classes_apart
from engine.codegen.constructor import is_known
from engine.codegen.generalise import Generaliser, Signature
from engine.codegen.import_lines import MODULES
from engine.codegen.names import RESERVED, SCRIPT, Namespace, identifier
from engine.codegen.returned import RESULT_IMPORTS, result_lines
from engine.codegen.scope import Scope, TopLevel
from engine.codegen.source import GAP, Line, Run, Source
from engine.codegen.weights_text import import_lines
from engine.document.muting import without_muted
from engine.document.project import Project
from engine.errors import CodeError, Problem
from engine.graph.block import Block
from engine.graph.chain import chain_of
from engine.graph.graph import BlockId, Graph, NodeId
from engine.graph.lately import Lately
from engine.graph.shapes import Analysis, BlockShapes
from engine.layers.base import Layer
from engine.layers.block import BlockLayer, Holder, held
from engine.layers.chosen import Chosen, layers_in
from engine.layers.code import CodeLayer
from engine.layers.code_text import parsed


def model_source(project: Project, analysis: Analysis) -> Source:
    """The classes and the user's functions, without imports, which are in `imports`.

    Works for a project with problems as well: what cannot be written is a comment that says why, in its place.
    """
    if project.main not in project.blocks:
        return Source("# The project has no main block.\n")
    return _Model(project, analysis).source()


def generate(project: Project, analysis: Analysis) -> Source:
    """The same for a network that can be trained. Raises: CodeError naming what is in the way."""
    return _flawless(project, analysis, analysis.problems)


def generate_model(project: Project, analysis: Analysis) -> Source:
    """The same for a network that can be built, whatever its data and loss. Raises: CodeError."""
    instances = (i for several in analysis.instances.values() for i in several)
    return _flawless(project, analysis, (p for i in (analysis.main, *instances) for p in i.problems))


def _flawless(project: Project, analysis: Analysis, problems: Iterable[Problem]) -> Source:
    for problem in problems:
        if problem.severity == "error":
            where = f"{problem.path}: " if problem.path else ""
            raise CodeError(f"{where}{problem.message}", problem.hint, node=problem.node, detail=problem.detail)
    model = _Model(project, analysis)
    source = model.source()
    if model.failures:
        raise CodeError(model.failures[0], "Mend this before the network is generated.")
    return source


_last: Lately[Written] = Lately(200_000)
"""The classes as they were written last. One is taken out while it is gone on from, since threads write as well."""


def clear_memo() -> None:
    """Forget every class that was written."""
    _last.clear()


class _Model:
    """Writes the classes of one project."""

    def __init__(self, project: Project, analysis: Analysis) -> None:
        self.project, self.analysis = project, analysis = without_muted(project), analysis
        self.failures: list[str] = []
        self.blocks = used_blocks(project)
        taken = Namespace(RESERVED | SCRIPT)
        main = self.blocks[-1]
        named = {main.id: taken.add(identifier(main.name, "Model"))}
        named |= {block.id: taken.add(identifier(block.name, "Block")) for block in self.blocks[:-1]}
        self.functions, renamed = _functions(self.blocks, taken)
        result = taken.add(f"{named[main.id]}Result") if main.returns == "named tuple" else ""
        self.project = with_classes_apart(project, self.blocks, taken)
        self.blocks = used_blocks(self.project) if self.project is not project else self.blocks
        self.top = TopLevel(frozenset(taken.taken - SCRIPT), named, renamed, main.id, result)
        self.problems: dict[BlockId, dict[NodeId, str]] = {}
        for problem in analysis.problems:
            block, node = BlockId(problem.block) or project.main, NodeId(problem.node)
            if problem.severity == "error" and self.has_failed(block, node):
                self.problems.setdefault(block, {}).setdefault(node, problem.message)

    def source(self) -> Source:
        generaliser = Generaliser()
        inner: dict[BlockId, tuple[Block, Signature]] = {}
        parts = [[function] for function in self.functions]
        for block in self.blocks:
            if self.top.result and block.id == self.top.main:
                names = [node.name for node in block.outputs]
                parts.append([Run(map(Line, result_lines(self.top.result, names)))])
            signature = self.write(block, generaliser, inner, parts)
            inner = {**inner, block.id: (block, signature)}
        runs = [run for part in parts for run in (GAP, *part)][1:]
        imports = (*imports_of(runs, self.layers()), *import_lines(self.blocks))
        imports = tuple(dict.fromkeys((*imports, *(RESULT_IMPORTS if self.top.result else ()))))
        return replace(Source.of_runs(runs), imports=imports, main=self.top.classes[self.blocks[-1].id])

    def write(self, block: Block, generaliser: Generaliser, inner: Inner, parts: list[list[Run]]) -> Signature:
        """Add the class of a block; as far as it is the same as the last time, it is taken over from then."""
        instances, problems = self.instances(block), self.problems.get(block.id, {})
        now = Now(block, instances, inner, self.top, problems, block.id == self.project.main)
        written = _last.take(block.id, block)
        if written is None or not written.again(now, generaliser):
            scope = now.scope(generaliser.add(block, instances, is_main=now.is_main))
            if self.is_in_place(scope):
                return scope.signature
            written = Written(scope)
        _last.put(block.id, block, written)
        parts.append(written.runs)
        self.failures += written.scope.failures
        return written.scope.signature

    @cached_property
    def uses(self) -> Counter[str]:
        """How many instances there are of every block."""
        graphs = [block.graph for block in self.blocks]
        holders = [graph.nodes[id].layer for graph in graphs for id in graph.of_kind(Holder)]
        return Counter(instance.block for layer in holders for instance in held(layer))

    def is_in_place(self, scope: Scope) -> bool:
        """Whether a block is written where its only instance stands, rather than as a class."""
        block = scope.block
        if block.id == self.project.main or not scope.is_sequence or scope.problems or self.uses[block.id] != 1:
            return False
        for node in chain_of(block):
            if not is_known(scope, node.id) or isinstance(node.layer, Chosen) or not node.weights.is_plain:
                return False
        self.top.in_place |= {block.id}
        return True

    def has_failed(self, block: BlockId, node: NodeId) -> bool:
        """Whether the node cannot be computed; a problem may also be one of the data or the loss."""
        if block not in self.project.blocks:
            return False
        instances = self.instances(self.project.blocks[block])
        return any(node not in i.nodes or i.nodes[node].failed for i in instances)

    def instances(self, block: Block) -> tuple[BlockShapes, ...]:
        if block.id == self.project.main:
            return (self.analysis.main,)
        return tuple(self.analysis.instances.get(block.id, ()))

    def layers(self) -> Iterable[Layer]:
        """Those that may need an import of their own."""
        for block in self.blocks:
            yield from layers_in(p.default for p in block.params)
            graph = block.graph
            kinds = [kind for kind in graph.kinds if kind.imports is not Layer.imports]
            yield from (graph.nodes[id].layer for id in graph.of_kind(*kinds))
            for kind in [kind for kind in graph.kinds if issubclass(kind, Holder)]:
                yield from layers_in(chain.from_iterable(_arguments(graph, kind)))


def _arguments(graph: Graph, kind: type[Layer]) -> list[Iterable[Any]]:
    """What instances of blocks are given, where they are given anything: of many most have none."""
    layers = [graph.nodes[id].layer for id in graph.of_kind(kind)]
    if kind is not BlockLayer:
        layers = [instance for layer in layers for instance in held(layer)]
    return [instance.args.values() for instance in layers if instance.args]  # type: ignore[attr-defined]


def used_blocks(project: Project) -> list[Block]:
    """The main block and all that it uses: inner ones first, the main one last. A circle is cut."""
    found: dict[BlockId, Block] = {}
    _visit(project, project.block(), set(), found)
    return list(found.values())


def _visit(project: Project, block: Block, inside: set[BlockId], found: dict[BlockId, Block]) -> None:
    inside.add(block.id)
    for id in _first_met(block.graph):
        child = project.blocks.get(id)
        if child is not None and child.id not in found and child.id not in inside:
            _visit(project, child, inside, found)
    found[block.id] = block


def _first_met(graph: Graph) -> list[BlockId]:
    """The blocks whose instances stand in a graph, in the order in which the first of each is computed."""
    wiring, holders = graph.wiring, graph.holders
    known = wiring.__dict__.get("_first_met")
    if known is None or known[0] is not holders:  # both outlive edits of other layers
        rank = wiring.rank
        ranks = ([rank[id] for id in ids if id in rank] for ids in holders.values())
        nodes = [graph.nodes[wiring.order[at]] for at in sorted({min(several) for several in ranks if several})]
        several = (BlockId(instance.block) for node in nodes for instance in held(node.layer))
        known = wiring.__dict__["_first_met"] = holders, list(dict.fromkeys(several))
    return known[1]  # type: ignore[no-any-return]


def in_order(graph: Graph, kind: type[Layer]) -> list[NodeId]:
    """The nodes of a kind in the order in which they are computed; those in a circle are left out."""
    found, rank = graph.of_kind(kind), graph.wiring.rank
    return sorted((id for id in found if id in rank), key=rank.__getitem__)


def imports_of(runs: Iterable[Run], layers: Iterable[Layer]) -> tuple[str, ...]:
    """The import lines that these lines and layers need."""
    named = frozenset().union(*(run.modules for run in runs))
    needed = [line for line in MODULES if line in named]
    return tuple(dict.fromkeys([*needed, *(line for layer in layers for line in layer.imports())]))


def _functions(blocks: Iterable[Block], taken: Namespace) -> tuple[list[Run], dict[tuple[BlockId, NodeId], Layer]]:
    """The user's functions, each text once, and the Code nodes whose function needed another name."""
    texts: dict[str, CodeLayer] = {}
    written: list[Run] = []
    renamed: dict[tuple[BlockId, NodeId], Layer] = {}
    for block in blocks:
        for node_id in in_order(block.graph, CodeLayer):
            node = block.graph.nodes[node_id]
            assert isinstance(node.layer, CodeLayer)
            text = _unix(node.layer.source)
            if text not in texts:
                texts[text] = _named(node.layer, taken)
                lines = _unix(texts[text].source).split("\n")
                written.append(Run(Line(line, (block.id, node_id)) for line in lines))
            if texts[text] is not node.layer:
                renamed[block.id, node_id] = texts[text]
    return written, renamed


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def _named(layer: CodeLayer, taken: Namespace) -> CodeLayer:
    """The layer with its function under a name that is free, in its calls of itself as well."""
    function = parsed(layer.source)
    name = taken.add(function.name)
    if name == function.name:
        return layer
    lines = _unix(layer.source).split("\n")
    function = parsed("\n".join(lines))
    places = [(n.lineno, n.col_offset) for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == function.name]
    for number, column in sorted(places, reverse=True):
        line = lines[number - 1].encode()
        lines[number - 1] = (line[:column] + name.encode() + line[column + len(function.name.encode()) :]).decode()
    head = function.lineno - 1
    lines[head] = re.sub(rf"((?:def|class)\s+){re.escape(function.name)}\b", rf"\g<1>{name}", lines[head], count=1)
    return layer.with_(source="\n".join(lines))
