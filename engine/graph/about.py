"""What a block says of itself to people who look for one: where it comes from, what it is for, what it is called."""

from __future__ import annotations

from dataclasses import dataclass

ARXIV = "https://arxiv.org/abs/"


@dataclass(frozen=True)
class Reference:
    """The paper that a block follows. arxiv: its number there, "" where it has none."""

    authors: str
    title: str
    year: int
    arxiv: str = ""

    def __str__(self) -> str:
        end = f", arXiv:{self.arxiv}" if self.arxiv else ""
        return f"{self.authors}: {self.title}. {self.year}{end}"


@dataclass(frozen=True)
class Fit:
    """A parameter that follows from a size of what comes in, when the block is put on a wire: channels = x[1] // 2."""

    param: str
    port: str
    axis: int
    times: int = 1
    over: int = 1

    def of(self, size: int) -> int:
        return size * self.times // self.over

    def __str__(self) -> str:
        """As it stands in a file."""
        end = f" * {self.times}" if self.times != 1 else f" // {self.over}" if self.over != 1 else ""
        return f"{self.port}[{self.axis}]{end}"


@dataclass(frozen=True)
class About:
    """tags: what it is listed under, the first of them as its heading. aliases: other words that find it."""

    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    fits: tuple[Fit, ...] = ()
