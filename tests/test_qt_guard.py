"""The installed Qt binding counts references right; PySide6 6.12.0 does not, and kills Python 3.11."""

import sys

import PySide6
import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage, QPainter, QPen

CALLS = 1000


def test_the_qt_binding_is_a_release_that_is_known_to_be_sound():
    release = tuple(int(part) for part in PySide6.__version__.split(".")[:2])
    assert (6, 8) <= release < (6, 12)
    assert shiboken6.__version__ == PySide6.__version__


def test_a_call_that_returns_nothing_takes_no_reference_of_none(qapp):
    image = QImage(8, 8, QImage.Format.Format_ARGB32_Premultiplied)
    painter, pen = QPainter(image), QPen()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        painter.setPen(pen)
    lost = before - sys.getrefcount(None)
    painter.end()
    assert lost < CALLS // 10  # the unsound release loses one per call; the first calls may gain a few


def test_an_emitted_signal_takes_no_reference_of_true(qapp):
    timer = QTimer()
    before = sys.getrefcount(True)
    for _ in range(CALLS):
        timer.timeout.emit()
    assert before - sys.getrefcount(True) < CALLS // 10
