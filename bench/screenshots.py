"""Draw the real window in all its states, off screen: dark and light, two sizes, at 1x and 2x, into out/screenshots.

`python -m bench.screenshots` draws all; `--update` also copies the pictures that README.md shows into
resources/pictures; `--scale 1`, `--size 1280x720` and `--scene training` draw a part; `--states FOLDER` draws every
state of the canvas into a folder, to be looked at, and `--scene looks` what else the window can be like.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "out" / "screenshots"
PICTURES = ROOT / "resources" / "pictures"
HELP_PICTURES = ROOT / "resources" / "help" / "pictures"
SCALES = (1, 2)
SCENES = (
    "welcome",
    "empty",
    "editing",
    "search",
    "blocks",
    "inside",
    "wires",
    "panels",
    "help",
    "training",
    "layers",
    "keeping",
    "runs",
    "xray",
    "manual",
    "tabs",
    "many_tabs",
    "split",
    "gestures",
    "examples",
)
SHOWN = {
    "training-dark.png": "training-dark-1440x900@2x.png",
    "editing-light.png": "editing-light-1440x900@2x.png",
}
SMALLEST = 0  # the quality that Qt takes for the best compression of a PNG


def main() -> int:
    """Draw everything, each scale in a process of its own, since Qt reads it once. Returns: the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.screenshots", description=__doc__)
    parser.add_argument("--update", action="store_true", help="renew the pictures of README.md")
    parser.add_argument("--scale", type=float, choices=(*SCALES, 1.25, 1.5), help="one scale only")
    parser.add_argument("--size", action="append", help="one size of the window only, as 1280x720; may be repeated")
    parser.add_argument("--scene", choices=(*SCENES, "states", "looks"), action="append", help="one scene only, again")
    parser.add_argument("--states", type=Path, metavar="FOLDER", help="draw every state of the canvas into a folder")
    parser.add_argument("--out", type=Path, default=OUT, help="the folder to draw into")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.states:
        options.out, options.scene = options.states, ["states"]
    options.out.mkdir(parents=True, exist_ok=True)
    if options.here:
        return draw(options.out, options.scale, options.scene or SCENES, options.size or ())
    for scale in [options.scale] if options.scale else SCALES:
        if code := _in_a_process(scale, options.out, options.scene or (), options.size or ()):
            return code
    if options.update:
        _update(options.out)
    return 0


def _in_a_process(scale: float, out: Path, scenes: Sequence[str], sizes: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory() as home:
        surroundings = {
            **os.environ,
            "NETSMITH_HOME": home,
            "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
            "QT_SCALE_FACTOR": f"{scale:g}",
            "NETSMITH_REDUCED_MOTION": "1",
        }
        command = [sys.executable, "-m", "bench.screenshots", "--here", "--scale", f"{scale:g}", "--out", str(out)]
        for scene in scenes:
            command += ["--scene", scene]
        for size in sizes:
            command += ["--size", size]
        return subprocess.run(command, cwd=ROOT, env=surroundings, check=False).returncode


def pictures_of_help() -> list[str]:
    """The pictures that the pages of the manual show, each in both themes."""
    pages = "".join(page.read_text(encoding="utf-8") for page in HELP_PICTURES.parent.glob("*.md"))
    shown = sorted(set(re.findall(r"\]\(pictures/([\w-]+)-light\.png\)", pages)))
    return [f"{name}-{scheme}" for name in shown for scheme in ("dark", "light")]


def _update(out: Path) -> None:
    from PySide6.QtGui import QImage

    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in pictures_of_help():
        if (file := out / f"help-{name}@2x.png").exists():
            shutil.copyfile(file, HELP_PICTURES / f"{name}.png")
    for name, source in SHOWN.items():
        QImage(str(out / source)).convertToFormat(QImage.Format.Format_RGB888).save(
            str(PICTURES / name), "PNG", SMALLEST
        )
        print(f"{PICTURES / name}: {(PICTURES / name).stat().st_size / 1024:.0f} kB")


def draw(out: Path, scale: float, scenes: Sequence[str], sizes: Sequence[str]) -> int:
    """Draw these scenes at the scale of this process. Returns: the exit code."""
    from bench import scenes_help, scenes_layers, scenes_looks, scenes_norms, scenes_states, scenes_tabs
    from bench.scenes import SIZES, Studio

    studio = Studio(out, scale)
    modules = (scenes_help, scenes_layers, scenes_looks, scenes_norms, scenes_states, scenes_tabs)
    wanted = [(int(wide), int(high)) for wide, high in (size.split("x") for size in sizes)]
    for size in wanted or SIZES:
        studio.open(size)
        for name in scenes:
            if name != "examples":
                own = next((module for module in modules if hasattr(module, name)), None)
                scene: Callable[[], None] = partial(getattr(own, name), studio) if own else getattr(studio, name)
                scene()
        studio.close()
    if "examples" in scenes:
        studio.examples()
    return 0


if __name__ == "__main__":
    sys.exit(main())
