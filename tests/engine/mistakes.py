"""Common mistakes of beginners and of experts: more than sixty."""

from tests.engine.mistake import Mistake
from tests.engine.mistakes_of_images import CNN, SKIPS
from tests.engine.mistakes_of_sequences import SEQUENCES
from tests.engine.mistakes_of_training import TRAINING
from tests.engine.mistakes_of_wiring import WIRING

MISTAKES: dict[str, Mistake] = {**CNN, **SKIPS, **SEQUENCES, **TRAINING, **WIRING}
