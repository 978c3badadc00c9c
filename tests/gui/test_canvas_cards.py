"""What lies over the canvas says all it has to say."""

from PySide6.QtWidgets import QLabel

from engine.layers import Layer
from tests.gui.conftest import chain


def test_a_card_has_room_for_its_words_as_soon_as_it_is_shown(canvas, session, settled):
    kinds = Layer.registry
    session.document.replace(chain(kinds["Input"](), kinds["Linear"](out_features=10), kinds["Output"]()))
    settled()
    session.select(["n3"])
    card = canvas.problem_card
    assert card.isVisible()
    words = [label for label in card.findChildren(QLabel) if label.isVisible() and label.text()]
    assert words
    assert all(label.height() >= label.heightForWidth(label.width()) for label in words)
