"""Gestures in any order, chosen by hypothesis, which cuts a sequence that fails down to the few that matter."""

import os
import random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from PySide6.QtWidgets import QApplication

from engine.layers import Layer
from gui.snapping import snapping
from tests.gui.canvas_hands import agrees
from tests.gui.canvas_odd_hands import OddHands as Hands
from tests.gui.conftest import chain

L = Layer.registry
SEQUENCES = int(os.environ.get("NETSMITH_SEEDS", "5"))
GESTURES = int(os.environ.get("NETSMITH_GESTURES", "30"))
MOST_NODES = 24  # more add time, and nothing that fewer do not show
# One number, whatever is on the canvas: what fits where may be known a moment sooner or later.
chances = st.integers(0, 2**16).map(random.Random)


class AnyOrder(RuleBasedStateMachine):
    """One canvas and one document; every rule is a gesture of a person."""

    def __init__(self, canvas, session, qtlog):
        super().__init__()
        self.canvas, self.session, self.qtlog = canvas, session, qtlog
        snapping.switch(True)
        QApplication.clipboard().clear()
        self.first = chain(L["Input"](shape=(8,)), L["Linear"](), L["ReLU"]())
        session.document.replace(self.first)
        self.hands = Hands(canvas, session, random.Random(0))

    def play(self, name, rng):
        self.hands.rng = rng
        calls = self.hands.always()
        if self.hands.look_around():
            calls |= self.hands.with_nodes()
        calls.get(name, self.hands.add)()
        if len(self.canvas.drawing.faces) > MOST_NODES:
            self.session.undo()

    @invariant()
    def the_canvas_shows_the_document(self):
        agrees(self.canvas, self.session)

    @invariant()
    def qt_has_nothing_to_complain_of(self):
        assert [record.message for record in self.qtlog.records] == []

    def teardown(self):
        while self.session.document.undo_label:
            self.session.undo()
            agrees(self.canvas, self.session)
        assert self.session.project is self.first


def gesture(name):
    """A rule that plays one gesture of the hands."""

    def play(self, rng):
        self.play(name, rng)

    play.__name__ = name
    return rule(rng=chances)(play)


@pytest.fixture
def machine(canvas, session, qtlog):
    """The class of machines on this canvas, with a rule for each gesture that there is."""
    hands = Hands(canvas, session, random.Random(0))
    rules = {f"do_{name}": gesture(name) for name in hands.always() | hands.with_nodes()}
    made = type("Gestures", (AnyOrder,), {"__init__": lambda self: AnyOrder.__init__(self, canvas, session, qtlog)})
    for name, one in rules.items():
        setattr(made, name, one)
    yield made
    snapping.switch(True)


def test_gestures_in_any_order_leave_the_canvas_in_step_and_can_all_be_undone(machine):
    run_state_machine_as_test(machine, settings=settings(max_examples=SEQUENCES, stateful_step_count=GESTURES))
