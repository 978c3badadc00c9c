"""The list at the pointer: what can be added here, the shape it would give, and the call that will be made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from string import digits as DIGITS

from PySide6.QtCore import QObject, QPoint, Signal

from engine.document import library
from engine.document.edits import fresh_ids
from engine.document.library import Entry as Ready
from engine.graph.block import Block
from engine.graph.graph import NodeId
from engine.graph.shapes import Given
from engine.layers import Layer, find, parse_query
from engine.layers.base import source
from engine.layers.block import BlockLayer, Holder
from engine.layers.chosen import Chosen
from engine.layers.search import EVERYDAY
from engine.layers.typed_options import read
from engine.tensor import TensorSpec
from gui.canvas.adding import BLOCK, Choice, Purpose, add_edit, is_backwards, source_spec
from gui.canvas.look import PortKey
from gui.canvas.stage import Stage
from gui.theme import metrics
from gui.widgets.entry import Entry
from gui.widgets.search_list import SearchList

CHOICE = "param:"
HINTS = (("Enter", "add and wire"), ("Shift Enter", "add, keep open"), ("F1", "help"))
Offer = TensorSpec | Given | str
AT_ONCE = 12  # layers tried in one go, so that a letter typed meanwhile is answered soon


class LayerSearch(QObject):
    """Opens the list, fills it while one types, and adds what is chosen."""

    help_wanted = Signal(str)

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._stage = stage
        self._purpose = Purpose()
        self._tried: dict[Choice, Offer | None] = {}
        self._layers: dict[str, Choice] = {}
        self._refused: dict[str, str] = {}

    @cached_property
    def list(self) -> SearchList:
        """Made when it is first opened."""
        found = SearchList("Add a layer", metrics().popup.search_w, HINTS, self._stage)
        found.query_changed.connect(self.fill)
        found.current_changed.connect(self.describe)
        found.chosen.connect(self.add)
        found.help_wanted.connect(self.help_wanted)
        found.closed.connect(self.give_focus_back)
        return found

    @property
    def is_open(self) -> bool:
        return "list" in vars(self) and not self.list.isHidden()

    def open(self, purpose: Purpose, at: QPoint, text: str = "") -> None:
        """Show the list near a point of the canvas."""
        self._purpose, self._tried = purpose, {}
        self.list.open_at(at, text)

    def fill(self, query: str) -> None:
        """The layers that match, those that fit first."""
        self._layers = self._found(query)
        self._ask_offers()
        self._show()

    def _found(self, query: str) -> dict[str, Choice]:
        found: dict[str, Choice] = {}
        scope = self._stage.session.block.defaults()
        self._refused = {}
        backwards = is_backwards(self._purpose)
        for block, layer in self._blocks(query).items():
            found[block] = layer
        for kind in self._kinds(query):
            if isinstance(kind, Ready):
                args, refused = library.typed_arguments(kind.block, query, scope)
                found[kind.key] = replace(kind, typed=args) if args else kind
                self._refused[kind.key] = " ".join(refused)
                continue
            typed = read(kind, query, scope)
            layer = typed.layer
            self._refused[kind.key] = " ".join(typed.refused)
            if issubclass(kind, Holder):  # it gets a first block, and with it its ports
                found[kind.key] = layer
                continue
            useful = layer.ports_out() if backwards else layer.ports_in() or self._purpose == Purpose(self._purpose.pos)
            if useful and not (self._purpose.wire and not (layer.ports_in() and layer.ports_out())):
                found[kind.key] = layer
        return found

    def _kinds(self, query: str) -> Sequence[type[Layer] | Ready]:
        """What matches, best first; before anything is typed what one takes most, then what networks are made of."""
        habits = self._stage.session.habits
        kinds = library.with_ready(find(query, habits.liked, self._stage.session.block.defaults()), query)
        if query.strip():
            return kinds
        places = {
            key: place for place, key in enumerate(dict.fromkeys((*habits.favourites, *habits.most_used, *EVERYDAY)))
        }
        return sorted(kinds, key=lambda kind: places.get(kind.key, len(places)))

    def _blocks(self, query: str) -> dict[str, Layer]:
        """What this block leaves open and your own blocks that match, except those that this one stands in."""
        session = self._stage.session
        here, words = session.block_id, " ".join(parse_query(query)[0]).lower()
        project = session.project
        choices = (p.name for p in session.block.params if p.kind == "layer" and (words in p.name or not words))
        return {f"{CHOICE}{name}": Chosen(param=name) for name in choices} | {
            f"{BLOCK}{block.id}": self._instance(block, query)
            for block in project.blocks.values()
            if block.id not in (project.main, here)
            and here not in project.uses(block.id)
            and (words in block.name.lower() or not words)
        }

    def _instance(self, block: Block, query: str) -> BlockLayer:
        """A block of one's own with the arguments that are typed."""
        args, refused = library.typed_arguments(block, query, self._stage.session.block.defaults())
        self._refused[f"{BLOCK}{block.id}"] = " ".join(refused)
        return BlockLayer(block=block.id, args=args)

    def _ask_offers(self) -> None:
        """What each layer would give here, worked out beside the window, a few at a time, those on top first."""
        shown = [layer for layer in self._layers.values() if not isinstance(layer, Chosen)]
        layers = tuple(layer for layer in shown if layer not in self._tried)[:AT_ONCE]
        work, purpose = self._trial(layers), self._purpose
        if work is not None and layers:
            background = self._stage.session.background
            background.submit("offers", work, lambda found: self._take_offers(purpose, layers, found))

    def _trial(self, layers: tuple[Choice, ...]) -> Callable[[], dict[Choice, Offer]] | None:
        """What finds out about these layers in a thread; None where nothing is known to begin from."""
        session, spec, port = self._stage.session, self._source_spec(), self._purpose.port
        project, analysis, block = session.project, session.analysis, session.block_id
        if analysis is None:
            return None
        if port is not None and is_backwards(self._purpose):

            def could_give() -> dict[Choice, Offer]:
                from engine.analysis.fits import givers

                plain = [layer for layer in layers if isinstance(layer, Layer)]
                found = ((e, givers(project, analysis, (port[0], port[2]), [e], block).get(e.key)) for e in plain)
                return {layer: given for layer, given in found if given is not None}

            return could_give

        def would_give() -> dict[Choice, Offer]:
            from engine.analysis.fits import offer

            assert spec is not None
            found = ((layer, offer(project, layer, spec)) for layer in layers)
            return {layer: given for layer, given in found if given is not None}

        return would_give if spec is not None else None

    def _take_offers(self, purpose: Purpose, layers: tuple[Choice, ...], offers: dict[Choice, Offer]) -> None:
        if purpose is self._purpose and self.is_open:
            self._tried |= {layer: offers.get(layer) for layer in layers}
            self._show()
            self._ask_offers()

    def _source_spec(self) -> TensorSpec | None:
        return source_spec(self._stage, self._purpose)

    def _show(self) -> None:
        if not self._is_there():
            self.list.close_list()
            return
        entries = [self._entry(key, layer) for key, layer in self._layers.items()]
        query = " ".join(parse_query(self.list.query)[0])
        entries.sort(key=lambda e: e.muted and e.title.lower() != query.lower())  # what is called by its name is meant
        count = f"{len(entries)} of {len(library.with_ready(find(''), '')) + len(self._blocks(''))}"
        self.list.show_entries(entries, self._heading(), count, query)
        self.describe(self.list.current.key if self.list.current else "")

    def _is_there(self) -> bool:
        """Whether what the search is for still is: a layer may be gone before its answer comes."""
        purpose, faces = self._purpose, self._stage.drawing.faces
        ends = [purpose.port[0]] if purpose.port else []
        if purpose.wire:
            ends += [purpose.wire.source, purpose.wire.target]
        return all(end in faces for end in ends)

    def _heading(self) -> str:
        drawing, purpose = self._stage.drawing, self._purpose
        if purpose.wire is not None:
            return f"Between {drawing.faces[purpose.wire.source].name} and {drawing.faces[purpose.wire.target].name}"
        if purpose.port is None:
            return ""
        name = drawing.faces[purpose.port[0]].name
        return f"Fits before {name}" if is_backwards(purpose) else f"Fits after {name}"

    def _entry(self, key: str, layer: Choice) -> Entry:
        offer = self._tried.get(layer)
        right, muted = "", isinstance(offer, str)
        if isinstance(offer, TensorSpec):
            right = str(offer)
        elif isinstance(offer, str):
            right = short_reason(offer)
        if isinstance(layer, Ready):
            return Entry(key, layer.name, f"{layer.tag} block", right, category="block", muted=muted)
        if isinstance(layer, BlockLayer):
            name = self._stage.session.project.block(layer.block).name
            return Entry(key, name, "your blocks", right, category="block", muted=muted)
        if isinstance(layer, Chosen):
            default = self._stage.session.block.choice(layer.param)
            return Entry(key, layer.param, "as the parameter says", right, category=(default or layer).category)
        return Entry(key, layer.title, layer.target, right, category=layer.category, muted=muted)

    def describe(self, key: str) -> None:
        """The call that Enter would make, and what the layer does."""
        layer = self._layers.get(key)
        if layer is None:
            self.list.describe("", "Nothing is called that." if self.list.query else "")
            return
        if isinstance(layer, Ready):
            _, instance = library.instance(layer, self._stage.session.project, self._source_spec())
            said = ", ".join(f"{name}={source(value)}" for name, value in instance.args.items())
            self.list.describe(f"{layer.name}({said})", self._refused.get(key) or layer.summary)
            return
        if isinstance(layer, BlockLayer):
            block = self._stage.session.project.block(layer.block)
            said = ", ".join(f"{name}={source(value)}" for name, value in layer.args.items())
            words = self._refused.get(key) or block.help or "One of your blocks."
            self.list.describe(f"{block.name}({said})", words)
            return
        if isinstance(layer, Chosen):
            self.list.describe(f"{layer.param}()", layer.summary())
            return
        self.list.describe(call_text(layer), self._refused.get(key) or layer.summary())

    def add(self, key: str, keep_open: bool) -> None:
        """Add what was chosen, wired to where the search began, and go on from there."""
        layer = self._layers.get(key)
        if layer is None:
            return
        stage, session = self._stage, self._stage.session
        (new,) = fresh_ids(session.project, session.block_id)
        if not session.apply(self._edit(layer, new)):
            return
        session.habits.used(key)
        session.select([new])
        stage.reveal(new)
        self._purpose = Purpose(port=self._next_port(new), pos=None)
        self._tried = {}
        if keep_open:
            self.list.field.setText("")
            self.fill("")

    def _next_port(self, node: NodeId) -> PortKey | None:
        outs = self._stage.drawing.faces[node].outs
        return (node, "out", outs[0].port.name) if outs else None

    def _edit(self, layer: Choice, new: NodeId):  # type: ignore[no-untyped-def]
        offer, port = self._tried.get(layer), self._purpose.port
        alike = port[2].rstrip(DIGITS) if port else ""  # c for c0, where it is not known what fits
        end = offer.port if isinstance(offer, Given) else alike if is_backwards(self._purpose) else ""
        return add_edit(self._stage, layer, new, self._purpose, end=end)

    def give_focus_back(self) -> None:
        self._stage.surface.setFocus()


def short_reason(reason: str) -> str:
    """What is needed, without what comes: "needs (B, C, L)"; a name that it begins with stays as it is written."""
    needed = reason.split(", gets ")[0].rstrip(".")
    first = needed.split(" ")[0]
    return needed[:1].lower() + needed[1:] if first.capitalize() == first and first.isalpha() else needed


def call_text(layer: Layer) -> str:
    """The layer as the call of its class: Conv2d(out_channels=64)."""
    changed = layer.changed()
    shown = [name for name, p in layer.params.items() if name in changed or (p.is_required and p.main)]
    return f"{layer.title}({', '.join(f'{name}={source(getattr(layer, name))}' for name in shown)})"
