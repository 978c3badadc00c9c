"""What the session knows, and of which project it knows it."""

import sys
import threading
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLabel

from engine.document.edits import MoveNodes, SetParam
from engine.layers import Layer
from tests.gui.conftest import chain


def line():
    return chain(Layer.registry["Input"](), Layer.registry["Linear"](), Layer.registry["Output"]())


def test_what_is_known_stays_known_when_layers_are_only_moved(session, settled):
    session.document.replace(line())
    settled()
    before = session.result
    session.apply(MoveNodes({"n2": (400.0, 96.0)}))
    assert session.is_current
    assert not session.analysing
    assert session.result is before


def test_what_is_known_is_old_as_soon_as_an_option_changes(session, settled):
    session.document.replace(line())
    settled()
    session.apply(SetParam("n2", "out_features", 10))
    assert not session.is_current
    assert session.analysing
    settled()
    assert session.is_current


def test_what_comes_too_late_for_a_widget_is_left_alone(session, qtbot):
    """A dialog that was closed while its job went on has no words left to show it in."""
    for work in (lambda: "found", lambda: 1 / 0):
        words = QLabel()
        session.background.submit("late", work, words.setText, partial(words.setToolTip))
        words.deleteLater()
        QCoreApplication.sendPostedEvents(words, QEvent.Type.DeferredDelete)
        qtbot.waitUntil(lambda: not session.background.busy)


def test_what_takes_long_behind_the_window_gives_way_to_it_until_it_is_done(session, settled, qtbot):
    settled()
    usual, done = sys.getswitchinterval(), threading.Event()
    session.background.submit("long", done.wait, bool)
    assert sys.getswitchinterval() == usual
    qtbot.waitUntil(lambda: sys.getswitchinterval() < usual / 5)
    done.set()
    qtbot.waitUntil(lambda: sys.getswitchinterval() == usual)
    assert not session.background.busy
