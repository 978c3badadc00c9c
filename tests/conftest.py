"""What every test stands on: no screen, one thread, a home of its own, and Qt garbage collected in the GUI thread."""

import gc
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

# Before Qt and OpenMP load: both read these once.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck, settings
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

# A first torch import inside an example takes seconds, hence no deadline.
settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("ci"), derandomize=False, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

PATIENCE_MS = 60_000  # a law says what comes to be, never how soon: other tests have the processor as well

QT_FIXTURES = {"qtbot", "qapp", "qtmodeltester"}


def move_home(patch: pytest.MonkeyPatch, home: Path) -> Path:
    """Lead everything that the product stores or reads of a user into `home`."""
    patch.setenv("NETSMITH_HOME", str(home / "netsmith"))
    for kind in ("CONFIG", "DATA", "CACHE", "STATE"):
        patch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
    patch.setenv("APPDATA", str(home / "config"))
    patch.setenv("LOCALAPPDATA", str(home / "data"))
    for file_format in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
        QSettings.setPath(file_format, QSettings.Scope.UserScope, str(home / "config"))
    return home / "netsmith"


class PatientBot(QtBot):
    """Waits as long as a busy machine needs, where pytest-qt gives up after five seconds."""

    def waitUntil(self, callback, *, timeout=PATIENCE_MS):  # type: ignore[no-untyped-def]
        """Until it is true. Raises: pytestqt.exceptions.TimeoutError."""
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal, *, timeout=PATIENCE_MS, **options):  # type: ignore[no-untyped-def]
        """What waits for a signal at the end of a `with`. Raises: pytestqt.exceptions.TimeoutError."""
        return super().waitSignal(signal, timeout=timeout, **options)

    def waitExposed(self, widget, *, timeout=PATIENCE_MS):  # type: ignore[no-untyped-def]
        """What waits until a window is on screen. Raises: pytestqt.exceptions.TimeoutError."""
        return super().waitExposed(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientBot:
    """The hands of a test of widgets, which closes what it was given."""
    return PatientBot(request)


@pytest.fixture(scope="session", autouse=True)
def session_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home for fixtures that outlive a test, so that none of them touches the user's."""
    with pytest.MonkeyPatch.context() as patch:
        runtime = tmp_path_factory.mktemp("runtime")
        runtime.chmod(0o700)  # Qt warns of any other mode, and of no such folder at all
        patch.setenv("XDG_RUNTIME_DIR", os.environ.get("XDG_RUNTIME_DIR", str(runtime)))
        yield move_home(patch, tmp_path_factory.mktemp("home"))


@pytest.fixture(autouse=True)
def netsmith_home(session_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Settings, recent files, runs and caches of one test: the folder `NETSMITH_HOME` names, not yet made."""
    with pytest.MonkeyPatch.context() as patch:
        yield move_home(patch, tmp_path_factory.mktemp("home"))


@pytest.fixture(autouse=True)
def nothing_is_left_of_widgets(request: pytest.FixtureRequest, netsmith_home: Path) -> Iterator[None]:
    """Keep the cyclic collector out of training threads while a test has widgets, then let all its widgets go here.

    Any that stayed would be dressed anew by each later change of theme, which took up to twenty seconds a test.
    What existed before is frozen meanwhile: walking torch's objects would cost each test a tenth of a second.
    """
    if not QT_FIXTURES.intersection(request.fixturenames):
        yield
        return
    before = windows()
    gc.freeze()
    gc.disable()
    yield
    request.node.funcargs.clear()  # what its fixtures gave, which they have put away by now
    delete_what_is_put_away()
    gc.collect()
    delete_what_is_put_away()
    gc.unfreeze()
    gc.enable()
    left = windows() - before
    assert not left, f"These are left, for want of a parent or `qtbot.addWidget`: {dict(left)}."


def windows() -> Counter[str]:
    """How many windows, menus and other widgets without a parent there are, by kind."""
    return Counter(type(window).__name__ for window in QApplication.topLevelWidgets())


def delete_what_is_put_away() -> None:
    """What `deleteLater` was asked of goes now: by itself only with a next event loop, which many tests have not."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def one_torch_thread() -> None:
    """One thread for torch, whatever an earlier test's run has set: sums come out the same and workers do not fight."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() != 1:
        torch.set_num_threads(1)
