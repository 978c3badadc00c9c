"""The sample that is looked at: which one, what it is, and what the network says of it."""

from __future__ import annotations

import random

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QToolButton, QVBoxLayout, QWidget

from engine.training.looked import Sample
from gui.editors.choices import QuietComboBox
from gui.figures import percent
from gui.glyphs import bind_icon
from gui.looking import Looking
from gui.plots.image_grid import ImageGrid
from gui.plots.titled import number
from gui.style import indent
from gui.theme import metrics
from gui.widgets import ElidedLabel

PARTS = (("validation", "Validation data"), ("training", "Training data"))
SHOWN_NUMBERS = 6
UNKNOWN = 9999


class SampleChooser(QWidget):
    """A number with arrows, the data it counts in, a picture, the label and the answer."""

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Sample")
        self._looking = looking
        self.part, self.index = QuietComboBox(), QSpinBox()
        for _, words in PARTS:
            self.part.addItem(words)
        self.part.setAccessibleName("Data that the sample is from")
        self.index.setAccessibleName("Number of the sample")
        self.index.setRange(0, UNKNOWN)
        self.index.setWrapping(True)
        self.index.setProperty("dense", True)
        self.index.setKeyboardTracking(False)
        indent(self.index)
        self.next = _tool("arrow-right", "Next sample")
        self.chance = _tool("shuffle", "Any sample")
        self.picture = ImageGrid("Input", is_bare=True)
        self.label, self.answer = ElidedLabel("", "small"), ElidedLabel("", "small", "secondary")
        self._lay_out()
        self.part.activated.connect(self._choose)
        self.index.valueChanged.connect(self._choose)
        self.next.clicked.connect(self.index.stepUp)
        self.chance.clicked.connect(self.choose_any)
        looking.changed.connect(self.show_sample)
        self.show_sample()

    def _lay_out(self) -> None:
        line, box, space = QHBoxLayout(), QVBoxLayout(self), metrics().space
        line.setSpacing(space.xs)
        line.addWidget(self.index, 1)
        for button in (self.next, self.chance):
            line.addWidget(button)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(space.xs)
        box.addWidget(self.part)
        box.addLayout(line)
        box.addWidget(self.picture, 1)
        box.addWidget(self.label)
        box.addWidget(self.answer)
        self.setFixedWidth(metrics().widget.sample_w)

    def choose_any(self) -> None:
        """Look at a sample taken by chance."""
        self.index.setValue(random.randint(self.index.minimum(), self.index.maximum()))

    def show_sample(self) -> None:
        """The sample of the last look."""
        look, last = self._looking.look, self._looking.looks.last
        sample = last.sample if last is not None else None
        with QSignalBlocker(self.part), QSignalBlocker(self.index):
            self.part.setCurrentIndex([part for part, _ in PARTS].index(look.part))
            if sample is not None and sample.part == look.part:
                self.index.setMaximum(max(0, sample.count - 1))
            self.index.setValue(look.sample)
        self.picture.set_picture(sample.inputs[0] if sample is not None and sample.inputs else None)
        self.label.set_text(f"target {sample.target}" if sample is not None and sample.target else "")
        self.answer.set_text(answer_words(sample) if sample is not None else "")

    def _choose(self) -> None:
        part = PARTS[self.part.currentIndex()][0]
        self._looking.change(sample=self.index.value() if part == self._looking.look.part else 0, part=part)


def answer_words(sample: Sample) -> str:
    """What the network gave for the sample: of scores for classes the highest with its share, else the numbers."""
    scores: np.ndarray = sample.answer.astype(float)
    if not len(scores):
        return ""
    if not np.isfinite(scores).all():
        return "answer is not finite"
    if sample.target.isdecimal() and len(scores) > 1 and int(sample.target) < len(scores):
        shares = np.exp(scores - scores.max())
        best = int(scores.argmax())
        return f"answer {best} · {percent(shares[best] / shares.sum())}"
    shown = ", ".join(number(float(v)) for v in scores[:SHOWN_NUMBERS])
    return f"answer {shown}{' …' if len(scores) > SHOWN_NUMBERS else ''}"


def _tool(icon: str, name: str) -> QToolButton:
    button = QToolButton()
    bind_icon(button, icon)
    button.setToolTip(name)
    button.setAccessibleName(name)
    button.setAutoRaise(True)
    button.setProperty("dense", True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
