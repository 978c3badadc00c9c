"""The commands of the tabs of a window, and of the two sides of a project."""

from __future__ import annotations

from functools import partial

from engine.layers.block import held
from gui.actions import Command
from gui.window.canvases import Canvases
from gui.window.files import Files
from gui.window.places import Places


def tabs(files: Files, places: Places) -> list[Command]:
    """Closing projects and moving them about."""

    projects = files.projects

    def why_not_step() -> str:
        return "" if len(projects.entries) > 1 else "No other project is open in this window."

    def why_no_file() -> str:
        return "" if projects.front.session.file.path is not None else "The project has no file yet."

    return [
        Command("file.close", "File", "Close project", lambda: files.close(), "", ("Ctrl+W",), first=True),
        Command("file.close_others", "File", "Close the other projects", files.close_others, "", (), why_not_step,
                submenu="Tabs"),
        Command("file.copy_path", "File", "Copy the path of the file", files.copy_path, "", (), why_no_file,
                submenu="Tabs"),
        Command("file.read_again", "File", "Read the file again", files.read_again, "", (), why_no_file,
                submenu="Tabs"),
        Command("file.reveal", "File", "Show the file in its folder", files.reveal, "", (), why_no_file,
                submenu="Tabs"),
        Command("file.reopen", "File", "Reopen the closed project", files.reopen_closed, "", ("Ctrl+Shift+T",),
                files.why_not_reopen),
        Command("file.next", "File", "Next project", partial(projects.step, 1), "", ("Ctrl+Tab", "Ctrl+PgDown"),
                why_not_step, submenu="Tabs"),
        Command("file.last", "File", "Project before", partial(projects.step, -1), "", ("Ctrl+Shift+Tab", "Ctrl+PgUp"),
                why_not_step, submenu="Tabs"),
        Command("file.move_right", "File", "Move tab to the right", partial(projects.move, 1), "",
                ("Ctrl+Shift+PgDown",), why_not_step, submenu="Tabs"),
        Command("file.move_left", "File", "Move tab to the left", partial(projects.move, -1), "",
                ("Ctrl+Shift+PgUp",), why_not_step, submenu="Tabs"),
        Command("file.move_out", "File", "Move to a new window", places.move_out, "app-window", (), why_not_step,
                submenu="Tabs"),
    ]  # fmt: skip


def sides(canvases: Canvases) -> list[Command]:
    """Looking at two places of a project side by side."""

    def switch() -> None:
        if canvases.is_split:
            other = canvases.other()
            assert other is not None
            canvases.close_side(other)
        else:
            canvases.split()

    def is_split() -> bool:
        return canvases.is_split

    def why_not_other() -> str:
        return "" if canvases.is_split else "The view is not split."

    def to_other() -> None:
        if (other := canvases.other()) is not None:
            canvases.use(other)

    def why_not_beside() -> str:
        layer = canvases.front.session.place.chosen_layer
        return "" if layer is not None and held(layer) else "Select one block."

    def enter_beside() -> None:
        here = canvases.front.session
        (node,) = here.selection
        other = canvases.other() or canvases.split()
        other.session.place.go(here.path)
        other.session.enter(node)
        canvases.use(other)

    def close() -> None:
        canvases.close_side(canvases.front)

    return [
        Command("view.split", "View", "Split view", switch, "columns", ("Ctrl+\\",), checked=is_split,
                first=True),
        Command("view.beside", "View", "Show block in the other side", enter_beside, "", ("Ctrl+Alt+Return",),
                why_not_beside),
        Command("view.other_side", "View", "Other side", to_other, "", ("Ctrl+Alt+\\",), why_not_other),
        Command("view.close_side", "View", "Close this side", close, "", ("Ctrl+Shift+\\",), why_not_other),
    ]  # fmt: skip
