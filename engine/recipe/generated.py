"""Data sets that are computed: shapes in the plane and a noisy curve, the same for the same seed."""

from engine.recipe.base import Dataset, Feature, Features, Target, Text
from engine.spec import param

SAMPLES = "How many samples."
NOISE = "Deviation of the noise that is added."
SEED = "Decides the noise; apart from the seed of training."
_HEAD = "def load_data() -> tuple[Tensors, Tensors]:\n"


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(str(i) for i in range(count))


def _planar(name: str, classes: int, samples: int, columns: int = 2) -> Features:
    target = Target(name, "class", (), classes, _numbered(classes))
    return Features((Feature("points", (columns,)),), (target,), samples)


class TwoMoons(Dataset):
    """Points on two half circles that reach into each other: which of the two?"""

    title = "Two moons"
    aliases = ("moons", "toy", "classification", "two classes", "binary", "plane")
    samples: int = param(1000, min=10, max=10_000_000, help=SAMPLES, main=True)
    noise: float = param(0.1, min=0.0, help=NOISE)
    seed: int = param(0, min=0, max=2**31 - 1, help=SEED, advanced=True)

    def features(self) -> Features:
        return _planar("moon", 2, self.samples)

    def emit(self) -> Text:
        source = (
            f'{_HEAD}    """{self.samples:,} points on two half circles that reach into each other."""\n'
            f"    points, moon = make_moons({self.samples}, noise={self.noise!r}, random_state={self.seed})\n"
            "    points = torch.tensor(points, dtype=torch.float32)\n"
            "    return (points,), (torch.tensor(moon, dtype=torch.int64),)"
        )
        return Text(source, ("import torch", "from sklearn.datasets import make_moons"))


class Blobs(Dataset):
    """Clouds of points around random centres: which cloud?"""

    aliases = ("clusters", "toy", "classification", "gaussian", "plane")
    samples: int = param(1000, min=10, max=10_000_000, help=SAMPLES, main=True)
    classes: int = param(3, min=2, max=1000, help="How many clouds.")
    columns: int = param(2, min=1, max=10_000, help="Numbers of a point.")
    noise: float = param(1.0, min=0.0, help="Deviation of the points from their centre.")
    seed: int = param(0, min=0, max=2**31 - 1, help=SEED, advanced=True)

    def features(self) -> Features:
        return _planar("cloud", self.classes, self.samples, self.columns)

    def emit(self) -> Text:
        source = (
            f'{_HEAD}    """{self.samples:,} points in {self.classes} clouds around random centres."""\n'
            "    points, cloud = make_blobs(\n"
            f"        {self.samples},\n"
            f"        {self.columns},\n"
            f"        centers={self.classes},\n"
            f"        cluster_std={self.noise!r},\n"
            f"        random_state={self.seed},\n"
            "    )\n"
            "    points = torch.tensor(points, dtype=torch.float32)\n"
            "    return (points,), (torch.tensor(cloud, dtype=torch.int64),)"
        )
        return Text(source, ("import torch", "from sklearn.datasets import make_blobs"))


class Spirals(Dataset):
    """Points on arms of a spiral: which arm? A straight line cannot tell."""

    aliases = ("toy", "classification", "swirl", "plane")
    samples: int = param(1500, min=10, max=10_000_000, help=SAMPLES, main=True)
    classes: int = param(3, min=2, max=100, help="How many arms.")
    turns: float = param(0.75, min=0.0, max=20.0, help="How often an arm winds around the middle.")
    noise: float = param(0.02, min=0.0, help=NOISE)
    seed: int = param(0, min=0, max=2**31 - 1, help=SEED, advanced=True)

    def features(self) -> Features:
        return _planar("arm", self.classes, self.samples)

    def emit(self) -> Text:
        source = (
            f'{_HEAD}    """{self.samples:,} points on {self.classes} arms of a spiral, at most 1 from the middle."""\n'
            f"    generator = torch.Generator().manual_seed({self.seed})\n"
            f"    arm = torch.arange({self.samples}) % {self.classes}\n"
            f"    radius = torch.rand({self.samples}, generator=generator).sqrt()\n"
            f"    turn = arm / {self.classes} + {self.turns!r} * radius\n"
            "    angle = 2 * torch.pi * turn\n"
            "    points = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)\n"
            f"    noise = {self.noise!r} * torch.randn(points.shape, generator=generator)\n"
            "    return (points + noise,), (arm,)"
        )
        return Text(source, ("import torch",))


class Sine(Dataset):
    """A noisy sine wave: which height at this place?"""

    title = "Sine wave"
    aliases = ("regression", "curve", "toy", "function")
    samples: int = param(1000, min=10, max=10_000_000, help=SAMPLES, main=True)
    periods: float = param(2.0, min=0.0, max=1000.0, help="How many waves between -1 and 1.")
    noise: float = param(0.1, min=0.0, help=NOISE)
    seed: int = param(0, min=0, max=2**31 - 1, help=SEED, advanced=True)

    def features(self) -> Features:
        return Features((Feature("x", (1,)),), (Target("y", "value", (1,)),), self.samples)

    def emit(self) -> Text:
        source = (
            f'{_HEAD}    """{self.samples:,} places between -1 and 1 and a noisy sine wave there."""\n'
            f"    generator = torch.Generator().manual_seed({self.seed})\n"
            f"    x = 2 * torch.rand({self.samples}, 1, generator=generator) - 1\n"
            f"    y = torch.sin({self.periods!r} * torch.pi * x)\n"
            f"    y += {self.noise!r} * torch.randn(y.shape, generator=generator)\n"
            "    return (x,), (y,)"
        )
        return Text(source, ("import torch",))
