"""Tabs of projects whose names begin alike are told apart, however little room they have."""

from pathlib import Path

import pytest

from engine.document.files import load, save
from gui.window.files import EXAMPLES
from gui.window.tab_names import folder_of, told_apart
from tests.gui.window_fixture import hands  # noqa: F401

NAMES = (
    "experiment_resnet_small_lr3",
    "experiment_resnet_small_lr4",
    "experiment_resnet_large_lr3",
    "experiment_vit_tiny_patch16",
)


@pytest.mark.parametrize("room", range(14, 27))
def test_what_tells_names_apart_stays_in_any_room(room):
    shown = [told_apart(name, NAMES, room, len) for name in NAMES]
    assert len(set(shown)) == len(NAMES)
    assert max(map(len, shown)) <= room


def test_the_words_that_differ_are_seen_whole_where_they_have_room():
    assert told_apart(NAMES[2], NAMES, 16, len) == "experi…large_lr3"
    assert told_apart(NAMES[3], NAMES, 22, len) == "exper…vit_tiny_patch16"


def test_a_name_that_has_room_is_left_alone_and_one_without_others_is_cut_in_the_middle():
    assert told_apart("digits", (), 6, len) == "digits"
    assert told_apart("a_network_of_mine", (), 9, len) == "a_ne…mine"


def test_files_of_one_name_say_as_many_folders_as_tell_them_apart():
    a, b, c = Path("/runs/a/x/model"), Path("/runs/b/x/model"), Path("/runs/b/y/model")
    assert [folder_of(path, (a, b, c)) for path in (a, b, c)] == ["a/x", "b/x", "y"]


def test_tabs_of_a_narrow_window_read_differently(hands, tmp_path):  # noqa: F811
    places = [tmp_path / f"{name}.netsmith" for name in (*NAMES, "a/x/model", "b/x/model")]
    for path in places:
        path.parent.mkdir(parents=True, exist_ok=True)
        save(load(EXAMPLES / "mlp-moons.netsmith"), path)
    hands.window.files.open_paths(places)
    hands.window.resize(1024, 700)
    bar = hands.window.tabs
    shown = [bar.tabText(i) for i in range(bar.count())]
    assert len(set(shown)) == len(shown)
    assert any("lr3" in text and "…" in text for text in shown)
