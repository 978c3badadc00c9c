"""Unsaved work survives a crash, and only what was left behind is offered."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.document import recent
from engine.document.autosave import Journal, recoverable
from engine.document.edits import AddNode
from engine.document.project import Project
from engine.errors import FileError
from engine.layers.io import Input
from engine.places import data_dir, journal_dir, recent_file

ROOT = Path(__file__).resolve().parents[2]
WORK = AddNode(Input())(Project())


def crash_after(statements: str) -> None:
    """Run some statements in a process that then dies without tidying up."""
    start = "import os\nfrom engine.document.autosave import *\nfrom engine.document.project import Project\n"
    code = f"{start}{statements}\nos._exit(1)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60)


def test_work_that_a_crash_left_is_recovered_with_the_file_it_belongs_to(tmp_path):
    original = tmp_path / "net.netsmith"
    crash_after(f"journal = Journal()\njournal.write(Project(), {str(original)!r})")
    (found,) = recoverable()
    assert found.project() == Project()
    assert found.original == original


def test_work_of_a_living_session_is_not_offered():
    journal = Journal()
    journal.write(WORK)
    assert recoverable() == []
    journal.close()
    assert [r.project() for r in recoverable()] == [WORK]


def test_saving_clears_the_journal():
    journal = Journal()
    journal.write(WORK)
    journal.clear()
    assert list(journal_dir().iterdir()) == []


def test_a_journal_can_be_written_again_after_it_was_cleared():
    journal = Journal()
    journal.write(WORK)
    journal.clear()
    journal.write(WORK)
    assert recoverable() == []
    journal.close()
    assert len(recoverable()) == 1


def test_the_same_project_is_written_once():
    journal = Journal()
    assert journal.write(WORK)
    assert not journal.write(WORK)


def test_discarded_work_is_gone():
    journal = Journal()
    journal.write(WORK)
    journal.close()
    recoverable()[0].discard()
    assert recoverable() == []
    assert list(journal_dir().iterdir()) == []


def test_two_windows_keep_their_work_apart():
    first, second = Journal(), Journal()
    first.write(WORK)
    second.write(Project())
    first.close()
    second.close()
    assert len(recoverable()) == 2


def test_a_journal_that_is_no_project_is_offered_and_says_what_is_wrong():
    journal_dir().mkdir(parents=True)
    (journal_dir() / "1-a.netsmith").write_text("{")
    (journal_dir() / "1-a.json").write_text("[")
    (found,) = recoverable()
    with pytest.raises(FileError, match="damaged"):
        found.project()


def test_a_journal_that_cannot_be_kept_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be kept"):
        Journal(tmp_path / "file").write(WORK)


def test_everything_is_kept_below_the_home_that_is_named(netsmith_home):
    assert data_dir() == netsmith_home
    assert journal_dir().is_relative_to(netsmith_home)


def test_without_a_named_home_the_platform_decides(monkeypatch, tmp_path):
    monkeypatch.delenv("NETSMITH_HOME")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data_dir() == tmp_path / "netsmith"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert data_dir() == Path.home() / ".local" / "share" / "netsmith"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert data_dir() == Path.home() / "Library" / "Application Support" / "Netsmith"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("APPDATA", str(tmp_path))
    assert data_dir() == tmp_path / "Netsmith"


def test_recent_files_are_newest_first_and_each_once(tmp_path):
    for name in ("a", "b", "a"):
        recent.remember(tmp_path / name)
    assert recent.recent() == [tmp_path / "a", tmp_path / "b"]
    recent.forget(tmp_path / "a")
    assert recent.recent() == [tmp_path / "b"]
    recent.clear()
    assert recent.recent() == []


def test_the_list_of_recent_files_stays_short(tmp_path):
    for i in range(recent.MOST + 5):
        recent.remember(tmp_path / str(i))
    assert len(recent.recent()) == recent.MOST


@pytest.mark.parametrize("damage", [b"", b"{", b"{}", b"[1, null]", b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_list_of_recent_files_is_an_empty_one(damage):
    recent_file().parent.mkdir(parents=True)
    recent_file().write_bytes(damage)
    assert recent.recent() == []
