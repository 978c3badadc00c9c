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
    said["processor"] = time.process_time()
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
print(said["window"], said["shapes"], said["step"], said["torch"], said["processor"])
"""


def once(compiled: str) -> list[float]:
    """Seconds to a usable window, to every shape, to the first training step; whether torch was there at first; and
    seconds of the processor until the window could be used.

    compiled: folder where Python keeps what it has compiled, as it does beside every program that is installed.
    """
    with tempfile.TemporaryDirectory() as home:
        surroundings = {**os.environ, "NETSMITH_HOME": home, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
        surroundings |= {"PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
        command = [sys.executable, "-c", "import time, sys, subprocess; " + LAUNCH, PROBE, str(EXAMPLE)]
        out = subprocess.run(command, env=surroundings, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [float(word) for word in out.split()[-5:]]


LAUNCH = "subprocess.run([sys.executable, '-c', sys.argv[1], str(time.time()), sys.argv[2]], check=True)"


def run() -> list[dict[str, Any]]:
    """Medians of cold starts of the process; the files are warm, and compiled."""
    with tempfile.TemporaryDirectory() as compiled:
        taken = [once(compiled) for _ in range(REPEATS + 1)][1:]
    names = (
        ("start to a usable window", 1.5),
        ("start to every shape known", None),
        ("start to the first training step on screen", None),
    )
    rows = [
        {"what": what, "value": median(t[i] for t in taken), "unit": "s", "target": goal}
        for i, (what, goal) in enumerate(names)
    ]
    loaded, spent = median(t[3] for t in taken), median(t[4] for t in taken)
    rows.append({"what": "processor time until the window is usable", "value": spent, "unit": "s", "target": 1.2})
    return [*rows, {"what": "torch imported before the first frame", "value": loaded, "unit": "of 1", "target": 0}]
