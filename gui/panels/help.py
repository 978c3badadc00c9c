"""The Help tab: what the selected layer does, its shapes and its options, all from its declaration."""

from __future__ import annotations

from html import escape
from inspect import cleandoc

from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from engine.graph.block import Block
from engine.graph.graph import BlockId
from engine.layers.base import Layer
from engine.layers.block import BlockLayer
from engine.spec import Param
from gui.session import Session
from gui.theme import font, metrics, theme, theme_changed

TORCH = "https://docs.pytorch.org/docs/stable/generated/torch."
INNER = frozenset({"block", "args", "node", "source", "data", "ports"})  # set by gestures, explained by their effect
NOTHING = "Select a layer to read what it does, or press F1 on one in the search list."


class HelpPanel(QWidget):
    """Shows the help of one kind of layer: of the selected node, or of what was asked for."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Help")
        self._session = session
        self._layer: type[Layer] | None = None
        self._block: Block | None = None
        self.text = QTextBrowser()
        self.text.setOpenExternalLinks(True)
        self.text.setProperty("focusRing", "inside")
        self.text.document().setDocumentMargin(metrics().space.l)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.text)
        session.selection_changed.connect(self.show_selection)
        theme_changed.connect(self._show)
        self.show_selection()

    def show_selection(self) -> None:
        """Show the help of the one node that is selected."""
        chosen, project = self._session.selection, self._session.project
        if len(chosen) == 1:
            layer = self._session.block.graph.nodes[chosen[0]].layer
            self._layer = type(layer)
            self._block = project.blocks.get(BlockId(layer.block)) if isinstance(layer, BlockLayer) else None
        elif not chosen:
            self._layer = self._block = None
        self._show()

    def show_layer(self, key: str) -> None:
        """Show the help of a kind of layer, or of one of the user's blocks, "block:<id>"."""
        block = self._session.project.blocks.get(BlockId(key.removeprefix("block:")))
        self._block = block if key.startswith("block:") else None
        self._layer = BlockLayer if self._block else Layer.registry.get(key)
        self._show()

    def _show(self) -> None:
        t = theme()
        style = (
            f"body {{ color: {t.text.primary.name()}; }} a {{ color: {t.text.link.name()}; }}"
            f" .muted {{ color: {t.text.secondary.name()}; }} td {{ padding: {metrics().space.xs}px 0; }}"
            f" code {{ font-family: '{font('mono').families()[0]}'; }}"
        )
        self.text.document().setDefaultStyleSheet(style)
        self.text.document().setDefaultFont(font("body"))
        about = block_page(self._block) if self._block else ""
        self.text.setHtml(about + page(self._layer) if self._layer else f'<p class="muted">{NOTHING}</p>')


def page(layer: type[Layer]) -> str:
    """The help of a kind of layer as HTML."""
    text = cleandoc(layer.__doc__ or "").split("\n\n")
    parts = [f"<h3>{escape(layer.title)}</h3>", *(f"<p>{_lines(part)}</p>" for part in text)]
    if layer.formula:
        parts.append(f"<p><code>{escape(layer.formula)}</code></p>")
    shown = sorted((p for p in layer.params.values() if p.name not in INNER), key=lambda p: p.advanced)
    if shown:
        rows = "".join(_row(p) for p in shown)
        parts.append(f"<h4>Parameters</h4><table width='100%'>{rows}</table>")
    if layer.aliases:
        parts.append(f"<p class='muted'>Also found as {escape(', '.join(layer.aliases))}.</p>")
    if layer.target.startswith("nn."):
        parts.append(
            f"<p><a href='{TORCH}{layer.target}.html'>torch.{escape(layer.target)} in PyTorch's manual</a></p>"
        )
    return "".join(parts)


def block_page(block: Block) -> str:
    """What the user's own block says of itself."""
    rows = "".join(
        f"<tr><td><code>{escape(p.name)}</code><br>{escape(p.help)}{'<br>' if p.help else ''}"
        f"<span class='muted'>default {escape(p.value_kind.show(p.default)) or 'empty'}</span></td></tr>"
        for p in block.params
    )
    about = f"<p>{escape(block.help)}</p>" if block.help else ""
    return f"<h3>{escape(block.name)}</h3>{about}" + (f"<table width='100%'>{rows}</table>" if rows else "")


def _lines(text: str) -> str:
    """A paragraph; lines that name a shape stay lines of their own."""
    broken = escape(text).replace("\nInput shape", "<br>Input shape").replace("\nOutput shape", "<br>Output shape")
    return broken.replace("Input shape:", "<b>Input shape:</b>").replace("Output shape:", "<b>Output shape:</b>")


def _row(param: Param) -> str:
    limits = [f"at least {param.least}" if param.least is not None else ""]
    limits += [f"at most {param.most}" if param.most is not None else ""]
    said = ", ".join(x for x in limits if x)
    words = {True: "yes", False: "no"}.get(param.default) if isinstance(param.default, bool) else None
    default = escape(words or param.show(param.default)) or "empty"
    aside = f"<span class='muted'>default {default}{', ' + said if said else ''}</span>"
    return f"<tr><td><code>{escape(param.name)}</code><br>{escape(param.help)}<br>{aside}</td></tr>"
