"""The views of one layer: its values, distributions over time, filters, attention, and where samples lie."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from engine.training.looked import Kind, Looked, Picture, Seen, Spot
from engine.training.looks import Looks
from gui.editors.choices import QuietComboBox
from gui.figures import percent
from gui.plots.histogram import HistogramPlot
from gui.plots.image_grid import ImageGrid
from gui.plots.scatter import Scatter
from gui.plots.spread import SpreadPlot, Style
from gui.plots.titled import number
from gui.theme import metrics
from gui.widgets import ElidedLabel, EmptyState

KINDS: tuple[Kind, ...] = ("weights", "gradients", "updates", "activations")
NO_FILTERS = "Filters are what a convolution has: select one."
NO_ATTENTION = "This layer does not attend to anything: select an attention layer."
NO_EMBEDDING = "This layer gives nothing for each sample that could be laid out on a plane."
NO_SPREADS = "Distributions gather here from look to look."


class LayerView(QWidget):
    """One view. It is told of a look only while it is seen."""

    title = ""

    def __init__(self, sentence: str = "") -> None:
        super().__init__()
        self.stack, self.page, self.empty = QStackedWidget(), QWidget(), EmptyState("stack", sentence)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)
        self.stack.addWidget(self.page)
        self.stack.addWidget(self.empty)

    def show_look(self, looks: Looks, last: Looked) -> None:
        """Show the last look."""
        raise NotImplementedError

    def say_nothing(self, is_empty: bool) -> None:
        """Show the sentence instead of plots, or not."""
        self.stack.setCurrentIndex(int(is_empty))


class Chosen(QuietComboBox):
    """Which of several: repeats, turns of a loop, outputs. Hidden where there is one."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._words: list[str] = []

    def offer(self, words: Sequence[str]) -> int:
        """Let these be chosen from. Returns: the place of the one that is."""
        if list(words) != self._words:
            before, self._words = self.currentText(), list(words)
            self.blockSignals(True)
            self.clear()
            self.addItems(self._words)
            self.setCurrentIndex(self._words.index(before) if before in self._words else 0)
            self.blockSignals(False)
        self.setVisible(len(words) > 1)
        return max(0, self.currentIndex())


class ValuesView(LayerView):
    """What comes out of the layer for the sample, and how all of it lies."""

    title = "Values"

    def __init__(self) -> None:
        super().__init__("This layer was not reached by the sample.")
        self.which = Chosen("Repeat, turn or output")
        self.facts = ElidedLabel("", "small", "secondary")
        self.maps, self.histogram = ImageGrid("Sample"), HistogramPlot("All samples")
        top, plots, box = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self.page)
        top.addWidget(self.which)
        top.addWidget(self.facts, 1)
        plots.setSpacing(metrics().space.l)
        plots.addWidget(self.maps, 3)
        plots.addWidget(self.histogram, 2)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(metrics().space.xs)
        box.addLayout(top)
        box.addLayout(plots, 1)
        self._last: tuple[Looks, Looked] | None = None
        self.which.activated.connect(lambda: self.show_look(*self._last) if self._last else None)

    def show_look(self, looks: Looks, last: Looked) -> None:
        self._last = (looks, last)
        seen = [each for each in last.seen if each.spot.path == last.layer]
        self.say_nothing(not seen)
        if seen:
            chosen = seen[self.which.offer([name_of(each.spot, seen) for each in seen])]
            self.facts.set_text(facts_of(chosen))
            self.maps.set_picture(chosen.picture, "All of it" if chosen.whole else "Sample")
            self.histogram.set_histogram(chosen.histogram)


class SpreadsView(LayerView):
    """Weights, gradients, updates and activations over time."""

    title = "Over time"

    def __init__(self) -> None:
        super().__init__(NO_SPREADS)
        self.which = Chosen("Parameter")
        self.style_, self.scale = QPushButton("Ridges"), QPushButton("Sizes")
        for button, words in ((self.style_, "Ridges one behind the other"), (self.scale, "Sizes in powers of two")):
            button.setCheckable(True)
            button.setProperty("dense", True)
            button.setToolTip(words)
            button.setAccessibleName(words)
            button.toggled.connect(self._again)
        self.plots = {kind: SpreadPlot(kind.capitalize()) for kind in KINDS}
        top, line, box = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self.page)
        for widget in (self.which, self.style_, self.scale):
            top.addWidget(widget)
        top.addStretch(1)
        line.setSpacing(metrics().space.l)
        for plot in self.plots.values():
            line.addWidget(plot, 1)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(metrics().space.xs)
        box.addLayout(top)
        box.addLayout(line, 1)
        self._last: tuple[Looks, Looked] | None = None
        self.which.activated.connect(self._again)

    def show_look(self, looks: Looks, last: Looked) -> None:
        self._last = (looks, last)
        found = looks.spreads(last.layer)
        self.say_nothing(not found)
        parameters = list(dict.fromkeys(name for name, kind in found if kind in ("weights", "updates")))
        outputs = list(dict.fromkeys(name for name, kind in found if kind == "activations"))
        place = self.which.offer(parameters)
        parameter = parameters[place] if parameters else ""
        style: Style = "ridge" if self.style_.isChecked() else "heat"
        for kind, plot in self.plots.items():
            wanted = outputs if kind == "activations" else [parameter]
            if kind == "gradients" and not parameters:
                wanted = outputs
            log = next((found[name, kind] for name in wanted if (name, kind) in found), None)
            plot.setVisible(log is not None)
            plot.set_log(log, style=style, by_size=self.scale.isChecked(), name=kind.capitalize())

    def _again(self) -> None:
        if self._last is not None:
            self.show_look(*self._last)


class PicturesView(LayerView):
    """Pictures of the layer of which one is shown at a time: filters, or attention."""

    def __init__(self, title: str, word: str, sentence: str) -> None:
        super().__init__(sentence)
        self.title, self._word = title, word
        self.which, self.grid = Chosen("Repeat"), ImageGrid(title, word)
        box = QVBoxLayout(self.page)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.which, 0, Qt.AlignmentFlag.AlignLeft)
        box.addWidget(self.grid, 1)
        self._pictures: tuple[Picture, ...] = ()
        self.which.activated.connect(self._show)

    def show_look(self, looks: Looks, last: Looked) -> None:
        self._pictures = last.filters if self._word == "filter" else last.attention
        self.say_nothing(not self._pictures)
        self._show()

    def _show(self) -> None:
        if self._pictures:
            words = [f"repeat {i}" for i in range(len(self._pictures))]
            self.grid.set_picture(self._pictures[self.which.offer(words)])


class EmbeddingView(LayerView):
    """Many samples by the layer's result."""

    title = "Embedding"

    def __init__(self) -> None:
        super().__init__(NO_EMBEDDING)
        self.scatter = Scatter("Samples on the two axes along which they differ most")
        box = QVBoxLayout(self.page)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.scatter)

    def show_look(self, looks: Looks, last: Looked) -> None:
        self.say_nothing(last.embedding is None)
        self.scatter.set_embedding(last.embedding)


def views() -> list[LayerView]:
    """All views of a layer, in their order."""
    return [
        ValuesView(),
        SpreadsView(),
        PicturesView("Filters", "filter", NO_FILTERS),
        PicturesView("Attention", "head", NO_ATTENTION),
        EmbeddingView(),
    ]


def name_of(spot: Spot, among: Sequence[Seen]) -> str:
    """What tells a value from the others that are seen of its layer."""
    parts = []
    if len({each.spot.port for each in among}) > 1:
        parts.append(spot.port)
    if len({each.spot.module for each in among}) > 1:
        parts.append(spot.module or "result")
    if len({each.spot.turn for each in among}) > 1:
        parts.append(f"turn {spot.turn}")
    return " · ".join(parts) or spot.port


def facts_of(seen: Seen) -> str:
    """Shape, type, device and figures of a value in one line."""
    shape, f = " × ".join(map(str, seen.shape)) or "one number", seen.figures
    found = [f"{seen.dtype} {shape}", seen.device, f"mean {number(f['mean'])}", f"std {number(f['std'])}"]
    found.append(f"{number(f['low'])} to {number(f['high'])}")
    found += [f"{int(f['bad']):,} not finite"] if f["bad"] else []
    found += [f"{percent(f['zeros'])} zeros"] if f["zeros"] > 0 else []
    found += [f"{percent(f['dead'])} of units dead"] if f["dead"] > 0 else []
    found += [f"{percent(f['saturated'])} saturated"] if f["saturated"] == f["saturated"] else []
    return " · ".join(found)
