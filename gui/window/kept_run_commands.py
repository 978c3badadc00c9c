"""The commands for the runs that are kept: in the menu Train, in the palette, and in the table's own menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gui.actions import Command
from gui.window.desk import Desk
from gui.window.files import Files

SUBMENU = "Selected runs"
Call = Callable[[], object]
Reason = Callable[[], str]


def kept(desk: Desk, files: Files, train: Call) -> list[Command]:
    """The tab Runs, and what can be done with the runs selected in it."""
    runs = desk.runs
    one, two, some, shown = runs.why_not_one, runs.why_not_two, runs.why_not_any, runs.why_not_table

    def command(name: str, text: str, call: Call, why_not: Reason, icon: str = "", first: bool = False) -> Command:
        return Command(f"runs.{name}", "Train", text, call, icon, (), why_not, submenu=SUBMENU, first=first)

    def again() -> None:
        runs.again(files.open_copy, train)

    runs.commands = [
        command("open", "Open its project", lambda: runs.open(files.open_copy), one, "folder-open"),
        command("compare_canvas", "Compare with the canvas", lambda: runs.compare_canvas(desk.canvas.changes), one,
                "git-diff"),
        command("compare", "Compare two runs…", runs.compare, two, "columns"),
        command("script", "Show its script", runs.script, one, "code"),
        command("folder", "Show its folder", runs.folder, one, "folder"),
        command("again", "Train it again, with the same seed", again, one, "repeat", True),
        command("name", "Rename", partial(runs.edit, "name"), one, "pencil-simple", True),
        command("tags", "Edit its tags", partial(runs.edit, "tags"), one, "tag"),
        command("notes", "Edit its notes", partial(runs.edit, "notes"), one, "note"),
        command("table", "Export the table…", runs.export_table, shown, "export", True),
        command("curves", "Export the curves…", runs.export_curves, some, "chart-line"),
        command("tensorboard", "Write TensorBoard files", runs.write_events, some),
        command("delete", "Delete", runs.delete, some, "trash", True),
        command("restore", "Bring back what was deleted last", runs.restore_last, lambda: ""),
    ]  # fmt: skip
    show = Command("runs.show", "Train", "Runs", runs.show, "list-bullets", ("Ctrl+Shift+U",), first=True)
    return [show, *runs.commands]
