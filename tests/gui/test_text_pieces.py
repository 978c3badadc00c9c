"""What is replaced in a text that is shown makes it the other one."""

from hypothesis import given
from hypothesis import strategies as st

from gui.panels import text_pieces
from gui.panels.text_pieces import differing, replacements

WORDS = st.sampled_from(["a", "bb", "b, bb", "ccc", "x", "yy = 3", "yy = 4", "z", "", "\N{GRINNING FACE} = 3", "näh"])
LINES = st.lists(WORDS.map("{}\n".format), max_size=60)
ENDS = st.sampled_from(["", "a", "yy = 3"])


def replaced(before: str, after: str) -> str:
    """What Qt makes of a text, which counts in units of UTF-16."""
    text = before.encode("utf-16-le")
    for start, end, new in replacements(before, after):
        text = text[: 2 * start] + new.encode("utf-16-le") + text[2 * end :]
    return text.decode("utf-16-le")


@given(LINES, LINES, ENDS, ENDS)
def test_what_is_replaced_makes_the_other_text(before: list[str], after: list[str], end: str, other: str) -> None:
    assert replaced("".join(before) + end, "".join(after) + other) == "".join(after) + other


@given(LINES, LINES, st.integers(0, 60))
def test_where_as_many_lines_are_others_none_is_added_or_taken_away(lines: list[str], more: list[str], at: int) -> None:
    after = [*lines[:at], *more[: len(lines[at:])], *lines[at + len(more) :]]
    pieces = replacements("".join(lines), "".join(after))
    before = "".join(lines).encode("utf-16-le")
    gone = [before[2 * start : 2 * end].decode("utf-16-le").count("\n") for start, end, _ in pieces]
    assert sum(gone) == sum(new.count("\n") for _, _, new in pieces)


def test_of_a_line_only_what_differs_is_replaced() -> None:
    before, after = "a\nself.fc = nn.Linear(8, 32)\nb\n", "a\nself.fc = nn.Linear(8, 48)\nb\n"
    assert replacements(before, after) == [(25, 27, "48")]


@given(LINES, LINES)
def test_a_long_text_is_made_as_well(before: list[str], after: list[str]) -> None:
    same = [f"line {i}\n" for i in range(text_pieces.SMALL)]
    old, new = [*before, *same, *after], [*after, *same, *before]
    assert replaced("".join(old), "".join(new)) == "".join(new)


def test_two_lines_far_apart_are_replaced_by_themselves() -> None:
    before = [f"line {i}\n" for i in range(5000)]
    after = [*before[:100], "other\n", *before[101:4000], "more\n", "lines\n", *before[4000:]]
    assert list(differing(before, after)) == [(100, 101, 100, 101), (4000, 4000, 4000, 4002)]
