"""From the command to a window that can be used, and to the first training step."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

REPEATS = 5
ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "resources" / "examples" / "digits-cnn.netsmith"
PROBE = """
import sys, time
begun = float(sys.argv[1])
from pathlib import Path
from PySide6.QtCore import QTimer
from gui.app import Program, application
app = application(["netsmith"])
program = Program(app)
session = program.session
said = {}
def usable():
    said["window"] = time.time() - begun
    said["torch"] = float("torch" in sys.modules)
    session.analysed.connect(analysed)
    if session.is_current:
        analysed()
def analysed():
    if "shapes" not in said:
        said["shapes"] = time.time() - begun
        session.runner.events.connect(stepped)
        session.train()
def stepped(events):
    if any(type(e).__name__ == "Steps" for e in events):
        said["step"] = time.time() - begun
        session.runner.stop()
        app.exit(0)  # to quit would ask about the run
program.start(Path(sys.argv[2]))
QTimer.singleShot(0, usable)
app.exec()
session.close()
print(said["window"], said["shapes"], said["step"], said["torch"])
"""


def once() -> list[float]:
    """Seconds to a usable window, to every shape, to the first training step; and whether torch was there at first."""
    with tempfile.TemporaryDirectory() as home:
        surroundings = {**os.environ, "NETSMITH_HOME": home, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", "import time, sys, subprocess; " + LAUNCH, PROBE, str(EXAMPLE)]
        out = subprocess.run(command, env=surroundings, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [float(word) for word in out.split()[-4:]]


LAUNCH = "subprocess.run([sys.executable, '-c', sys.argv[1], str(time.time()), sys.argv[2]], check=True)"


def run() -> list[dict[str, Any]]:
    """Medians of cold starts of the process; the files are warm."""
    taken = [once() for _ in range(REPEATS)]
    names = (
        ("start to a usable window", 1.5),
        ("start to every shape known", None),
        ("start to the first training step on screen", None),
    )
    rows = [
        {"what": what, "value": median(t[i] for t in taken), "unit": "s", "target": goal}
        for i, (what, goal) in enumerate(names)
    ]
    loaded = median(t[3] for t in taken)
    return [*rows, {"what": "torch imported before the first frame", "value": loaded, "unit": "of 1", "target": 0}]
