"""The probes of the project, each with what goes through its wire."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from engine.document.probes import ProbeKey, probes_of, toggled
from engine.training.looked import Looked, Seen
from engine.training.looks import Looks
from gui.glyphs import bind_icon
from gui.panels.layers_views import LayerView, facts_of
from gui.plots.histogram import HistogramPlot
from gui.plots.image_grid import ImageGrid
from gui.session import Session
from gui.theme import metrics
from gui.widgets import ElidedLabel

NONE = "Right-click a wire and choose Probe: what goes through it shows here and on the wire."


class ProbesView(LayerView):
    """A card for every probe, side by side."""

    title = "Probes"

    def __init__(self, session: Session) -> None:
        super().__init__(NONE)
        self._session = session
        self.cards: dict[ProbeKey, ProbeCard] = {}
        self._row, inner, scroll, box = QHBoxLayout(), QWidget(), QScrollArea(), QVBoxLayout(self.page)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(metrics().space.l)
        self._row.addStretch(1)
        inner.setLayout(self._row)
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName("Probes")
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(scroll)
        session.changed.connect(self.show_probes)
        self.show_probes()

    def show_probes(self, _: object = None) -> None:
        """Cards for the probes that there are."""
        wanted = probes_of(self._session.project)
        for key in [key for key in self.cards if key not in wanted]:
            card = self.cards.pop(key)
            self._row.removeWidget(card)
            card.hide()
            card.deleteLater()
        for place, key in enumerate(wanted):
            if key not in self.cards:
                self.cards[key] = ProbeCard(self._session, key)
                self._row.insertWidget(place, self.cards[key])
            self.cards[key].show_name()
        self.say_nothing(not wanted)

    def show_look(self, looks: Looks, last: Looked) -> None:
        for (block, probe), card in self.cards.items():
            end = (str(block), str(probe.node))
            card.show_seen([s for s in last.seen if s.spot.path[-1:] == (end,) and s.spot.port == probe.port])


class ProbeCard(QWidget):
    """One probe: whose output, its facts, a picture of the sample and how all of it lies."""

    def __init__(self, session: Session, key: ProbeKey) -> None:
        super().__init__()
        self._session, self._key = session, key
        self.name, self.remove = QPushButton(), QToolButton()
        self.name.setProperty("kind", "link")
        self.name.setProperty("dense", True)
        self.name.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        bind_icon(self.remove, "x")
        self.remove.setAutoRaise(True)
        self.remove.setToolTip("Take the probe away")
        self.facts = ElidedLabel("", "caption", "secondary")
        self.grid, self.histogram = ImageGrid("Sample"), HistogramPlot("All samples")
        head, plots, box = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        head.addWidget(self.name)
        head.addStretch(1)
        head.addWidget(self.remove)
        for plot in (self.grid, self.histogram):
            plots.addWidget(plot)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(metrics().space.xs)
        box.addLayout(head)
        box.addWidget(self.facts)
        box.addLayout(plots, 1)
        self.setMinimumWidth(2 * metrics().widget.probe_w)
        self.setMaximumWidth(3 * metrics().widget.probe_w)
        self.name.clicked.connect(lambda: session.reveal(key[0], key[1].node))
        self.remove.clicked.connect(self.take_away)
        self.show_name()

    def show_name(self) -> None:
        """The node and its output."""
        block, probe = self._key
        node = self._session.project.block(block).graph.nodes.get(probe.node)
        name = f"{node.name}.{probe.port}" if node is not None else probe.port
        self.name.setText(name)
        self.setAccessibleName(f"Probe of {name}")
        self.remove.setAccessibleName(f"Take the probe of {name} away")

    def show_seen(self, seen: list[Seen]) -> None:
        """What went through; of several instances of its block, the first."""
        first = seen[0] if seen else None
        words = facts_of(first) if first is not None else "not reached by the sample"
        self.facts.set_text(words + (f" · first of {len(seen)}" if len(seen) > 1 else ""))
        self.grid.set_picture(first.picture if first is not None else None)
        self.histogram.set_histogram(first.histogram if first is not None else None)

    def take_away(self) -> None:
        """Remove the probe."""
        block, probe = self._key
        self._session.apply(toggled(self._session.project, block, [probe]))
