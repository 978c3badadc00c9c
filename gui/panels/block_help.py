"""The words of a block's help page: what it does, its parameters, the papers it follows, the class it prints as."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import Qt

from engine.document import library
from engine.document.project import Project
from engine.graph.about import ARXIV, Reference
from engine.graph.block import Block
from engine.graph.graph import BlockId
from gui.panels.code_view import CodeView
from gui.theme import font, metrics, theme
from gui.widgets import unbroken

MOST_LINES = 60


@dataclass(frozen=True)
class BlockSubject:
    """A block and the project that it is looked at in. kind: what stands under its name."""

    key: str
    project: Project
    id: BlockId
    kind: str

    @property
    def block(self) -> Block:
        return self.project.blocks[self.id]


def ready(key: str) -> BlockSubject | None:
    """The ready block of that key, if there is one."""
    entry = library.find_entry(key) if library.is_ready(key) else None
    if entry is None:
        return None
    kind = "Block of your library" if entry.is_own else "Ready block"
    return BlockSubject(key, entry.project, entry.id, f"{kind} · {entry.origin}")


def about(block: Block) -> str:
    """What it does, a paragraph each."""
    said = [" ".join(part.split()) for part in block.help.split("\n\n") if part.strip()]
    return "".join(
        f"<p style='margin: {metrics().space.s if i else 0}px 0 0 0'>{escape(unbroken(part))}</p>"
        for i, part in enumerate(said)
    )


def params(block: Block) -> str:
    """Every parameter with its default and its help, and which of them follow from what comes in."""
    fits = {fit.param: str(fit) for fit in block.about.fits}
    rows = []
    for param in block.params:
        facts = f"default\u00a0{escape(param.value_kind.show(param.default)) or 'empty'}"
        facts += f", on a wire {escape(fits[param.name])}" if param.name in fits else ""
        help = f"<br>{escape(param.help)}" if param.help else ""
        rows.append(
            f"<p style='margin: 0 0 {metrics().space.s}px 0'>{_code(param.name)}&nbsp;&nbsp;{_muted(facts)}{help}</p>"
        )
    return _heading("Parameters") + "".join(rows) if rows else ""


def papers(block: Block) -> str:
    """The papers that it follows, each a link where there is one, and the other words that find it."""
    parts = [_heading("References")] if block.about.references else []
    parts += [f"<p style='margin: 0 0 {metrics().space.s}px 0'>{_paper(r)}</p>" for r in block.about.references]
    if block.about.aliases:
        words = f"Also found as {', '.join(block.about.aliases)}."
        parts.append(f"<p style='margin: {metrics().space.s}px 0 0 0'>{_muted(escape(words))}</p>")
    return "".join(parts)


def printed(subject: BlockSubject) -> str:
    """The class that the block is printed as, "" where nothing uses it. Belongs in a thread."""
    from engine.analysis.infer import infer
    from engine.codegen.classes import model_source

    text = model_source(subject.project, infer(subject.project)).text
    try:
        classes = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}
    except SyntaxError:  # a network with problems is shown with comments in the places of what is missing
        return ""
    found = classes.get(subject.block.name)
    return ast.get_source_segment(text, found) or "" if found else ""


class PrintedClass(CodeView):
    """The text of a class, as high as it is."""

    def __init__(self) -> None:
        super().__init__("The class")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def show_class(self, text: str) -> None:
        """Show it; nothing at all if there is none."""
        self.show_text(text)
        self.setVisible(bool(text))
        lines = min(text.count("\n") + 2, MOST_LINES)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 2 * metrics().space.m)


def _paper(reference: Reference) -> str:
    title = escape(reference.title)
    if reference.arxiv:
        title = f"<a href='{ARXIV}{escape(reference.arxiv)}'>{title}</a>"
    number = f", arXiv:{escape(reference.arxiv)}" if reference.arxiv else ""
    return f"{title}<br>{_muted(f'{escape(reference.authors)}, {reference.year}{number}')}"


def _heading(title: str) -> str:
    face = font("heading")
    style = f"margin: 0 0 {metrics().space.s}px 0; font-size: {face.pixelSize()}px; font-weight: {face.weight().value}"
    return f"<p style='{style}'>{title}</p>"


def _code(text: str) -> str:
    return f"<code style=\"font-family: '{font('mono').families()[0]}'\">{escape(text)}</code>"


def _muted(text: str) -> str:
    return f"<span style='color: {theme().text.secondary.name()}'>{text}</span>"
