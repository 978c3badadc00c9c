"""Data sets that come with Netsmith's own dependencies: embedded in scikit-learn, nothing is downloaded."""

from engine.recipe.base import Dataset, Feature, Features, Target, Text

DIGITS = tuple("0123456789")
_SAMPLES = 1797
_IMAGES = (1, 8, 8)
_LOAD_DIGITS = (
    "    digits = load_digits()\n    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16\n"
)


def _digits(doc: str, *lines: str) -> Text:
    body = "".join(f"    {line}\n" for line in lines).rstrip("\n")
    source = f'def load_data() -> tuple[Tensors, Tensors]:\n    """{doc}"""\n{_LOAD_DIGITS}{body}'
    return Text(source, ("import torch", "from sklearn.datasets import load_digits"))


class Digits(Dataset):
    """1,797 handwritten digits of 8 × 8 pixels, ten classes."""

    aliases = ("mnist", "handwriting", "images", "classification")

    def features(self) -> Features:
        return Features((Feature("images", _IMAGES),), (Target("digit", "class", (), 10, DIGITS),), _SAMPLES)

    def emit(self) -> Text:
        return _digits(
            "1,797 handwritten digits of 8 × 8 pixels, from 0 to 1.",
            "digit = torch.tensor(digits.target, dtype=torch.int64)",
            "return (images,), (digit,)",
        )


class DigitImages(Dataset):
    """The handwritten digits as their own targets: for an autoencoder."""

    title = "Digits to themselves"
    aliases = ("autoencoder", "reconstruction", "mnist", "images")

    def features(self) -> Features:
        return Features((Feature("images", _IMAGES),), (Target("copies", "value", _IMAGES),), _SAMPLES)

    def emit(self) -> Text:
        return _digits("1,797 handwritten digits, each its own target.", "return (images,), (images,)")


class DigitParity(Dataset):
    """The handwritten digits with two targets each: which digit it is, and whether it is even or odd."""

    title = "Digits and parity"
    aliases = ("multi-output", "multi-task", "even", "odd", "mnist", "images")

    def features(self) -> Features:
        targets = (Target("digit", "class", (), 10, DIGITS), Target("parity", "class", (), 2, ("even", "odd")))
        return Features((Feature("images", _IMAGES),), targets, _SAMPLES)

    def emit(self) -> Text:
        return _digits(
            "1,797 handwritten digits: which one it is, and whether it is odd.",
            "digit = torch.tensor(digits.target, dtype=torch.int64)",
            "return (images,), (digit, digit % 2)",
        )


class DigitPairs(Dataset):
    """Pairs of handwritten digits: are the two the same digit? Every image stands in four pairs."""

    title = "Digit pairs"
    aliases = ("siamese", "same or not", "two inputs", "mnist", "images")

    def features(self) -> Features:
        inputs = (Feature("left", _IMAGES), Feature("right", _IMAGES))
        return Features(inputs, (Target("same", "class", (), 2, ("different", "same")),), 2 * _SAMPLES)

    def emit(self) -> Text:
        return _digits(
            "3,594 pairs of handwritten digits, about half of them the same digit twice.",
            "digit = torch.tensor(digits.target, dtype=torch.int64)",
            "alike = digit.argsort(stable=True)",
            "others = torch.randperm(len(digit), generator=torch.Generator().manual_seed(0))",
            "left = torch.cat([alike, torch.arange(len(digit))])",
            "right = torch.cat([alike.roll(1), others])",
            "same = (digit[left] == digit[right]).long()",
            "return (images[left], images[right]), (same,)",
        )
