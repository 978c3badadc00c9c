"""Sequences of different lengths, computed: the same for the same seed."""

from typing import Literal

from engine.recipe.base import Dataset, Feature, Features, Target, Text
from engine.recipe.generated import SAMPLES, SEED
from engine.spec import param

_LABELS = {"majority": ("minus", "plus"), "parity": ("even", "odd"), "first": ("minus", "plus")}
_ASKED = {
    "majority": ("are there more ones than minus ones?", "(signs.sum(1) > 0).long()"),
    "parity": ("is the number of ones odd?", "(signs == 1).sum(1) % 2"),
    "first": ("what does it begin with?", "(signs[:, 0] > 0).long()"),
}


class SignSequences(Dataset):
    """Sequences of ones and minus ones of different lengths, with a question about the whole of each.

    A batch holds sequences of about one length, filled up with zeros to its longest, so that the number of steps
    differs from batch to batch. Validation sees all of them at once, as long as the longest.
    """

    title = "Sign sequences"
    aliases = ("variable length", "varying lengths", "padding", "parity", "majority", "rnn", "toy", "time")
    has_lengths = True
    samples: int = param(1500, min=10, max=1_000_000, help=SAMPLES, main=True)
    shortest: int = param(3, min=1, max=10_000, help="Steps of the shortest sequence.")
    longest: int = param(20, min=1, max=10_000, help="Steps of the longest sequence.")
    question: Literal["majority", "parity", "first"] = param(
        "majority", help="What is asked: which sign is more frequent, whether the ones are odd, what comes first."
    )
    seed: int = param(0, min=0, max=2**31 - 1, help=SEED, advanced=True)

    def features(self) -> Features:
        target = Target("answer", "class", (), 2, _LABELS[self.question])
        return Features((Feature("signs", ("T", 1)),), (target,), self.samples)

    def emit(self) -> Text:
        asked, answer = _ASKED[self.question]
        low, high = min(self.shortest, self.longest), max(self.shortest, self.longest)
        source = (
            "def load_data() -> tuple[Tensors, Tensors]:\n"
            f'    """Signs in a row, zeros behind their end: {asked}"""\n'
            f"    generator = torch.Generator().manual_seed({self.seed})\n"
            f"    lengths = torch.randint({low}, {high + 1}, ({self.samples}, 1), generator=generator)\n"
            f"    signs = 2 * torch.randint(0, 2, ({self.samples}, {high}), generator=generator) - 1\n"
            f"    signs = torch.where(torch.arange({high}) < lengths, signs, 0)\n"
            f"    answer = {answer}\n"
            "    return (signs.float().unsqueeze(2),), (answer,)"
        )
        return Text(source, ("import torch",))
