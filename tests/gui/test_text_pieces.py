"""What is replaced in a text that is shown makes it the other one."""

from hypothesis import given
from hypothesis import strategies as st

from gui.panels import text_pieces
from gui.panels.text_pieces import differing, replacements

LINES = st.lists(st.sampled_from(["a\n", "bb\n", "ccc\n", "x\n", "yy\n", "z\n"]), max_size=60)


def replaced(before: list[str], after: list[str]) -> str:
    text = "".join(before)
    for start, end, new in replacements(before, after):
        text = text[:start] + new + text[end:]
    return text


@given(LINES, LINES)
def test_what_is_replaced_makes_the_other_text(before: list[str], after: list[str]) -> None:
    assert replaced(before, after) == "".join(after)


@given(LINES, LINES)
def test_a_long_text_is_made_as_well(before: list[str], after: list[str]) -> None:
    same = [f"line {i}\n" for i in range(text_pieces.SMALL)]
    old, new = [*before, *same, *after], [*after, *same, *before]
    assert replaced(old, new) == "".join(new)


def test_two_lines_far_apart_are_replaced_by_themselves() -> None:
    before = [f"line {i}\n" for i in range(5000)]
    after = [*before[:100], "other\n", *before[101:4000], "more\n", "lines\n", *before[4000:]]
    assert list(differing(before, after)) == [(100, 101, 100, 101), (4000, 4000, 4000, 4002)]
