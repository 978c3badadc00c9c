"""Cycles of garbage are found in the GUI thread, and what is new is all that is walked while a person works."""

import gc
import weakref

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gui.collector import FEW, REST, Collector


class Knot:
    """An object in a cycle with itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def parent(qtbot):
    yield (owner := QObject())
    gc.unfreeze()
    owner.deleteLater()


def test_a_widget_that_only_a_cycle_holds_goes_with_the_next_look(parent, qtbot):
    collector = Collector(lambda: (None, 0), parent)
    widget = QWidget()
    widget.itself = widget
    gone = weakref.ref(widget)
    del widget
    collector.tick()
    assert gone() is None


def test_what_stays_is_not_walked_again(parent):
    kept = [Knot() for _ in range(10)]
    Collector(lambda: (None, 0), parent).tick()
    assert not {id(knot) for knot in kept} & {id(found) for found in gc.get_objects()}


def test_what_became_garbage_among_what_was_put_aside_is_found_when_nothing_happens(parent):
    collector = Collector(lambda: (None, 0), parent)
    knot = Knot()
    gone = weakref.ref(knot)
    collector.tick()
    del knot
    for _ in range(REST + 1):
        collector.tick()
    assert gone() is None


def test_nothing_much_is_walked_while_a_person_does_something(parent):
    steps = iter(range(2 * REST))
    collector = Collector(lambda: (None, next(steps)), parent)
    gc.collect()
    many = [Knot() for _ in range(FEW + 1)]
    gone = weakref.ref(many[0])
    del many
    for _ in range(REST + 1):
        collector.tick()
    assert gone() is not None


def test_what_was_just_opened_is_not_walked(parent):
    shown = iter((1, 1, 2))
    collector = Collector(lambda: (next(shown), 0), parent)
    collector.tick()
    collector.tick()
    knot = Knot()
    gone = weakref.ref(knot)
    del knot
    collector.tick()
    assert gone() is not None
