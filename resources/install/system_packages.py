"""Find the system libraries and fonts that Qt needs and the wheels do not bring; install them where that is allowed.

Run by `make` before the first start, with any Python: `python resources/install/system_packages.py [--check]`.
Exit code 1 if a library is missing without which not even a window off screen can be made.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

# Shared library -> Debian package. Without these QtGui does not load.
LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}
# Without these Qt works, but only off screen.
SCREEN_LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
# File name pattern -> Debian package. The window works with any font; these are the ones it was drawn for.
FONTS = {
    "DejaVuSans.ttf": "fonts-dejavu-core",
    "Inter*.[ot]tf": "fonts-inter",
    "JetBrainsMono*.ttf": "fonts-jetbrains-mono",
}
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
APT_GET = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]


def loads(library: str) -> bool:
    """Whether the dynamic linker finds and loads this library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_libraries(libraries: dict[str, str]) -> dict[str, str]:
    """The part of `libraries` that this machine does not have."""
    return {library: package for library, package in libraries.items() if not loads(library)}


def missing_fonts() -> dict[str, str]:
    """The part of `FONTS` that stands in no font folder."""
    folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
    return {name: package for name, package in FONTS.items() if not any(any(f.rglob(name)) for f in folders)}


def administrator() -> list[str] | None:
    """What to put before a command to run it as root: nothing, sudo without a password, or None if neither works."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def install(packages: list[str], prefix: list[str]) -> bool:
    """Install with apt-get; the package lists are fetched only if what is known does not suffice."""
    command = [*prefix, *APT_GET, "install", "-y", "--no-install-recommends", *packages]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        return True
    subprocess.run([*prefix, *APT_GET, "update"], check=False)
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode == 0


def install_what_is_missing() -> None:
    """Install the libraries, then each font by itself: what no archive has does not cost the others."""
    libraries = missing_libraries(LIBRARIES | SCREEN_LIBRARIES)
    fonts = missing_fonts()
    if not libraries and not fonts:
        return
    packages = [*libraries.values(), *fonts.values()]
    line = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    prefix = administrator() if shutil.which("apt-get") else None
    if prefix is not None:
        print(f"Installing for Qt: {' '.join(packages)}", flush=True)
        for group in (list(libraries.values()), *([font] for font in fonts.values())):
            if group and not install(group, prefix):
                print(f"apt-get could not install {' '.join(group)}.")
    elif shutil.which("apt-get"):
        print(f"Qt lacks some of this system's libraries or fonts. Install them with:\n  sudo {line}")
    else:
        print(f"Qt lacks {', '.join([*libraries, *fonts])}. Install your system's packages that hold them.")


def main(arguments: list[str]) -> int:
    """Install unless asked only to look; say what is still missing and what that means."""
    if sys.platform != "linux":
        return 0
    if "--check" not in arguments:
        install_what_is_missing()
    missing = missing_libraries(LIBRARIES)
    if missing:
        print(f"Qt cannot start without {', '.join(missing)} (Debian and Ubuntu: {' '.join(missing.values())}).")
        return 1
    for_screen = missing_libraries(SCREEN_LIBRARIES)
    if for_screen:
        packages = " ".join(for_screen.values())
        print(f"Qt works off screen only without {', '.join(for_screen)} (Debian and Ubuntu: {packages}).")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
