"""A test leaves nothing in the user's home and no window, and Qt's garbage is collected where Qt lives."""

import gc
import os
import sys
import weakref
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSettings, QStandardPaths
from PySide6.QtWidgets import QApplication, QWidget


def test_settings_are_written_to_the_home_of_the_test(netsmith_home):
    settings = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "netsmith", "netsmith")
    settings.setValue("recent", ["a.netsmith"])
    settings.sync()
    assert Path(settings.fileName()).is_relative_to(netsmith_home.parent)


@pytest.mark.skipif(
    sys.platform != "linux", reason="other systems cannot be led elsewhere; the product asks NETSMITH_HOME"
)
def test_folders_that_qt_names_lie_in_the_home_of_the_test(netsmith_home):
    for place in (QStandardPaths.StandardLocation.GenericConfigLocation, QStandardPaths.StandardLocation.CacheLocation):
        assert Path(QStandardPaths.writableLocation(place)).is_relative_to(netsmith_home.parent)


def test_no_test_finds_what_another_stored(netsmith_home):
    assert os.environ["NETSMITH_HOME"] == str(netsmith_home)
    assert not netsmith_home.exists()


@given(st.integers())
def test_examples_of_one_law_share_a_home(number):
    assert "NETSMITH_HOME" in os.environ


def test_no_other_thread_can_collect_a_widget(qtbot):
    assert not gc.isenabled()


@pytest.mark.parametrize("time", ["once", "again"])
def test_a_window_that_is_put_away_is_gone_with_its_test(qtbot, time):
    assert not QApplication.topLevelWidgets()
    qtbot.addWidget(QWidget())
    QWidget().deleteLater()


def test_a_widget_in_a_cycle_goes_when_it_is_collected_here(qtbot):
    widget = QWidget()
    widget.itself = widget
    gone = weakref.ref(widget)
    del widget
    gc.collect()
    assert gone() is None
