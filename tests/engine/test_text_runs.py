"""The lines of statements in runs: what is joined after edits is what is joined at once."""

import pickle
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from engine.codegen.runs import MOST, Runs
from engine.codegen.source import Line, Source

SPOT = st.tuples(st.sampled_from(["new", "gone", "moved", "rewritten", "no line"]), st.integers(0, 10_000))
EDITS = st.lists(st.lists(SPOT, max_size=4), max_size=8)


def written(key: int, turn: int, count: int = 2) -> list[Line]:
    return [Line(f"{key} in turn {turn}, {i}", ("main", f"n{key}")) for i in range(key % 3 and count)]


@given(st.integers(0, 5 * MOST), EDITS)
def test_runs_that_followed_edits_hold_the_lines_of_all_statements_in_their_order(count: int, edits: list) -> None:
    order, fresh = list(range(count)), count
    lines = {key: written(key, 0) for key in order}
    runs = Runs()
    for turn, spots in enumerate([[], *edits]):
        news = set(order) if turn == 0 else set()
        for what, number in spots:
            at = number % (len(order) + 1)
            key = order[at] if at < len(order) else None
            if what == "new" or key is None:
                order.insert(at, fresh)
                lines[fresh] = written(fresh, turn)
                news.add(fresh)
                fresh += 1
            elif what == "gone":
                del order[at], lines[key]
                news.discard(key)
            elif what == "moved":
                order.insert(number % 7 % len(order), order.pop(at))
            else:
                lines[key] = written(key, turn, what == "rewritten")
                news.add(key)
        place = {key: at for at, key in enumerate(order)}
        source = Source.of_runs(runs.follow(tuple(order), place, lines, news))
        whole = [line for key in order for line in lines[key]]
        assert source.text == "".join(f"{line.text}\n" for line in whole)
        assert [source.node_of_line.get(n) for n in range(1, len(whole) + 1)] == [line.place for line in whole]
        assert dict(source.node_of_line) == dict(enumerate((line.place for line in whole), 1))
        for key in order[:: MOST // 3]:
            there = tuple(n for n, line in enumerate(whole, 1) if line.place == ("main", f"n{key}"))
            assert source.lines_of("main", f"n{key}") == there


def test_an_edit_leaves_all_runs_as_they_are_but_those_that_it_touches() -> None:
    order = tuple(range(20 * MOST))
    place = dict(zip(order, order))
    lines = {key: [Line(str(key))] for key in order}
    runs = Runs()
    before = list(runs.follow(order, place, lines, order))
    lines[7 * MOST + 3] = [Line("other")]
    after = list(runs.follow(order, place, lines, {7 * MOST + 3}))
    assert [a is b for a, b in zip(before, after, strict=True)].count(False) == 1
    longer = (*order[: 3 * MOST], -1, *order[3 * MOST :])
    lines[-1] = [Line("new")]
    found = runs.follow(longer, {key: at for at, key in enumerate(longer)}, lines, {-1})
    assert sum(run not in after for run in found) <= 2


def test_lines_of_a_node_are_found_in_a_source_from_another_process() -> None:
    source = Source.of_lines(Line(f"a{i} = 0", ("main", f"n{i}")) for i in range(300))
    assert source.lines_of("main", "n7") == (8,)
    asked = "import pickle, sys; print(pickle.load(sys.stdin.buffer).lines_of('main', 'n7'))"
    found = subprocess.run([sys.executable, "-c", asked], input=pickle.dumps(source), capture_output=True, check=True)
    assert found.stdout.decode().strip() == "(8,)"
