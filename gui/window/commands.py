"""The table of everything that can be done, in the order of the menus."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from engine.layers.block import BlockLayer, held
from engine.layers.code import CodeLayer
from gui.actions import Command
from gui.canvas.swap_list import why_not as why_not_swapped
from gui.preferences import Preferences
from gui.session import Session
from gui.theme import Scheme
from gui.window.canvas_commands import align, bookmarks, frame_colours, points, select, snap, wires
from gui.window.context_menu import ask_focus
from gui.window.desk import Desk
from gui.window.dialogs import Dialogs
from gui.window.files import Files
from gui.window.keeping import Keeping
from gui.window.keeping_commands import keep
from gui.window.kept_run_commands import kept
from gui.window.places import Places
from gui.window.run_commands import train
from gui.window.shelf import BlockShelf
from gui.window.steer_commands import steer
from gui.window.steering import Steering
from gui.window.tab_commands import sides, tabs
from gui.window.training import Training

NOTHING_SELECTED = "No layer is selected."


@dataclass(frozen=True)
class Parts:
    """What the commands act on."""

    session: Session
    desk: Desk
    files: Files
    training: Training
    dialogs: Dialogs
    places: Places
    preferences: Preferences
    shelf: BlockShelf
    steering: Steering
    keeping: Keeping


def table(parts: Parts) -> list[Command]:
    """Every command once."""
    return [
        *_file(parts),
        *_edit(parts),
        *_view(parts),
        *_graph(parts),
        *_block(parts),
        *train(parts.training, parts.session.runner, parts.places, parts.session.looking),
        *steer(parts.steering),
        *keep(parts.keeping),
        *kept(parts.desk, parts.files, parts.places.train),
        *_help(parts),
    ]


def _file(p: Parts) -> list[Command]:
    files, dialogs = p.files, p.dialogs

    def why_not_export() -> str:
        if not p.session.project.block().graph.nodes:
            return "The model has no layers yet."
        analysis = p.session.analysis if p.session.is_current else None
        if analysis is None:
            return "The shapes are being worked out."
        return "" if analysis.is_valid else "There are problems to solve first."

    changes = p.desk.canvas.changes

    def since_saving() -> None:
        if changes.is_shown:
            changes.stop()
        else:
            changes.show_since(p.session.document.saved, "Since saving")

    def compare() -> None:
        files.compare(lambda project, name: changes.show_since(project, f"Against {name}"))

    def why_not_picture() -> str:
        return "" if p.session.block.graph.nodes else "The model has no layers yet."

    return [
        Command("file.new", "File", "New", files.new, "file-plus", ("Ctrl+N", "Ctrl+T")),
        Command("file.window", "File", "New window", p.places.open_window, "app-window", ("Ctrl+Alt+N",)),
        Command("file.open", "File", "Open…", files.open, "folder-open", ("Ctrl+O",)),
        Command("file.save", "File", "Save", files.save, "floppy-disk", ("Ctrl+S",), first=True),
        Command("file.save_as", "File", "Save as…", files.save_as, "", ("Ctrl+Shift+S",)),
        *tabs(files, p.places),
        Command(
            "file.changes",
            "File",
            "Changes since saving",
            since_saving,
            "git-diff",
            ("Ctrl+Alt+D",),
            first=True,
            checked=lambda: changes.is_shown,
        ),
        Command("file.compare", "File", "Compare with a file…", compare),
        Command(
            "file.export", "File", "Export Python…", dialogs.export, "export", ("Ctrl+E",), why_not_export, first=True
        ),
        Command("file.picture", "File", "Export picture…", dialogs.picture, "image", (), why_not_picture),
        Command("file.preferences", "File", "Preferences…", dialogs.preferences, "gear-six", ("Ctrl+,",), first=True),
        Command("file.quit", "File", "Quit", p.places.quit, "", ("Ctrl+Q",), first=True),
    ]


def _edit(p: Parts) -> list[Command]:
    canvas, session, near = p.desk.canvas, p.session, "canvas"

    def undo() -> str:
        label = session.document.undo_label
        return f"Undo {label}" if label else "Undo"

    def redo() -> str:
        label = session.document.redo_label
        return f"Redo {label}" if label else "Redo"

    def why_not_undo() -> str:
        return "" if session.document.undo_label else "Nothing was done yet."

    def why_not_redo() -> str:
        return "" if session.document.redo_label else "Nothing was undone."

    def why_not_delete() -> str:
        marks = canvas.marks
        is_any = session.selection or marks.chosen_wire or marks.frames or marks.points
        return "" if is_any else "Nothing is selected."

    def why_not_rename() -> str:
        return "" if session.selection or canvas.marks.chosen_frame else NOTHING_SELECTED

    one = _selected(p)
    return [
        Command("edit.undo", "Edit", "Undo", session.undo, "arrow-counter-clockwise", ("Ctrl+Z",), why_not_undo, undo),
        Command(
            "edit.redo", "Edit", "Redo", session.redo, "arrow-clockwise", ("Ctrl+Shift+Z", "Ctrl+Y"), why_not_redo, redo
        ),
        Command("edit.history", "Edit", "History", p.desk.show_history, "clock-counter-clockwise", ("Ctrl+Alt+Z",)),
        *_clipboard(p),
        Command(
            "edit.delete", "Edit", "Delete", canvas.delete_selection, "trash", ("Del", "Backspace"), why_not_delete,
            near=near,
        ),
        Command(
            "edit.heal", "Edit", "Delete and join the wires", lambda: canvas.commands.delete(heal=True), "",
            ("Shift+Del", "Shift+Backspace"), one, near=near,
        ),
        Command(
            "edit.select_all", "Edit", "Select all", canvas.select_all, "selection-all", ("Ctrl+A",), _any_layer(p),
            near=near, first=True,
        ),
        *select(canvas, one),
        Command("edit.find", "Edit", "Find a layer…", canvas.finder.open, "magnifying-glass", ("Ctrl+F",),
                _any_layer(p)),
        Command("edit.find_in_code", "Edit", "Find in the code…", p.desk.find_in_code),
        Command("edit.rename", "Edit", "Rename", canvas.rename, "pencil-simple", ("F2",), why_not_rename, near=near),
    ]  # fmt: skip


def _clipboard(p: Parts) -> list[Command]:
    session, canvas, near = p.session, p.desk.canvas, "canvas"

    def why_not_copy() -> str:
        return "" if session.selection or canvas.marks.frames else NOTHING_SELECTED

    return [
        Command("edit.cut", "Edit", "Cut", canvas.cut, "scissors", ("Ctrl+X",), why_not_copy,
                near=near, first=True),
        Command("edit.copy", "Edit", "Copy", canvas.copy, "copy", ("Ctrl+C",), why_not_copy, near=near),
        Command("edit.copy_picture", "Edit", "Copy as picture", p.dialogs.copy_picture, "image", ("Ctrl+Shift+C",),
                _any_layer(p)),
        Command("edit.paste", "Edit", "Paste", canvas.paste, "clipboard", ("Ctrl+V",), near=near),
        Command("edit.duplicate", "Edit", "Duplicate", canvas.duplicate, "copy-simple", ("Ctrl+D",), why_not_copy,
                near=near),
    ]  # fmt: skip


def _view(p: Parts) -> list[Command]:
    canvas, desk, near = p.desk.canvas, p.desk, "canvas"

    def panel(name: str, text: str, keys: str, first: bool = False) -> Command:
        def switch() -> None:
            desk.show_part(name, not desk.is_shown(name))

        def is_shown() -> bool:
            return desk.is_shown(name)

        return Command(f"view.{name}", "View", text, switch, "", (keys,), checked=is_shown, first=first)

    def scheme(name: Scheme, text: str) -> Command:
        def choose() -> None:
            p.preferences.scheme = name

        def is_chosen() -> bool:
            return p.preferences.scheme == name

        return Command(f"view.theme.{name}", "View", text, choose, checked=is_chosen, submenu="Theme")

    def light() -> None:
        canvas.light_up_paths(not canvas.marks.lights_paths)

    def is_lit() -> bool:
        return canvas.marks.lights_paths

    return [
        Command("view.fit", "View", "Fit the network", lambda: canvas.fit(), "corners-out", ("Home",), near=near),
        Command("view.fit_selection", "View", "Fit the selection", canvas.fit_selection, "", ("F",), near=near),
        Command("view.zoom_in", "View", "Zoom in", canvas.zoom_in, "magnifying-glass-plus", ("Ctrl++", "Ctrl+=")),
        Command("view.zoom_out", "View", "Zoom out", canvas.zoom_out, "magnifying-glass-minus", ("Ctrl+-",)),
        Command("view.life_size", "View", "Life size", canvas.zoom_reset, "", ("1", "Ctrl+0"), near=near),
        *bookmarks(canvas),
        snap(),
        *sides(desk.canvases),
        panel("palette", "Palette", "Ctrl+1", first=True),
        panel("right", "Inspector and code", "Ctrl+2"),
        panel("bottom", "Training and problems", "Ctrl+3"),
        Command(
            "view.heat", "View", "X-ray on the canvas", p.places.switch_heat, "thermometer", ("Ctrl+H",),
            checked=p.places.shows_heat, first=True,
        ),
        *p.places.xray.commands(),
        Command(
            "view.paths", "View", "Light up paths", light, "path", ("Ctrl+Shift+H",), checked=is_lit
        ),
        scheme("dark", "Dark"),
        scheme("light", "Light"),
        scheme("system", "As the system"),
        Command("view.next_area", "View", "Next area", p.places.next_area, "", ("F6",), first=True),
        Command("view.last_area", "View", "Last area", p.places.last_area, "", ("Shift+F6",)),
        Command("view.menu", "View", "Menu of what has the focus", ask_focus, "", ("Shift+F10",)),
    ]  # fmt: skip


def _graph(p: Parts) -> list[Command]:
    canvas, near, one = p.desk.canvas, "canvas", _selected(p)

    def why_not_connect() -> str:
        return "" if len(p.session.selection) > 1 else "Select two layers or more, in their order."

    def why_not_swap() -> str:
        nodes = p.session.block.graph.nodes
        return why_not_swapped([nodes[n].layer for n in p.session.selection])

    def all_muted() -> bool:
        nodes, chosen = p.session.block.graph.nodes, p.session.selection
        return bool(chosen) and all(nodes[n].muted for n in chosen)

    add_module = partial(p.dialogs.module, canvas.add_layer)
    return [
        Command("graph.add", "Graph", "Add layer…", canvas.open_search, "plus", ("Ctrl+Shift+A",)),
        Command("graph.module", "Graph", "Module from a package…", add_module, "package"),
        Command("graph.connect", "Graph", "Connect", canvas.connect_selection, "line-segment", ("C",), why_not_connect,
                near=near),
        *wires(canvas),
        *points(canvas),
        Command("graph.swap", "Graph", "Change to another layer…", canvas.swapping.open, "swap", ("Ctrl+K",),
                why_not_swap, near=near),
        Command("graph.probe", "Graph", "Probe", canvas.probes.toggle, "flag-banner", ("P",), canvas.probes.why_not,
                near=near, checked=lambda: canvas.probes.is_there),
        Command("graph.mute", "Graph", "Mute", canvas.commands.mute, "eye-slash", ("M",), one, near=near,
                checked=all_muted),
        Command("graph.arrange", "Graph", "Arrange", canvas.arrange, "tree-structure", ("Ctrl+L",), _any_layer(p),
                first=True),
        Command("graph.arrange_folded", "Graph", "Arrange, folded to the window", canvas.arrange_folded, "",
                ("Ctrl+Alt+L",), _any_layer(p)),
        Command("graph.arrange_selection", "Graph", "Arrange selection", canvas.arrange_selection, "",
                ("Ctrl+Shift+L",), one),
        *align(canvas),
        Command("graph.frame", "Graph", "Frame", canvas.add_frame, "frame-corners", ("Ctrl+Shift+F",), first=True),
        *frame_colours(canvas),
        Command("graph.note", "Graph", "Note", canvas.write_note, "note", ("Ctrl+Shift+N",)),
    ]  # fmt: skip


def _block(p: Parts) -> list[Command]:
    canvas, session, one = p.desk.canvas, p.session, _selected(p)

    def why_not_block() -> str:
        return "" if isinstance(session.place.chosen_layer, BlockLayer) else "Select one block."

    def is_any_block() -> bool:
        nodes = session.block.graph.nodes
        return any(isinstance(nodes[n].layer, BlockLayer) for n in session.selection)

    def why_not_ungroup() -> str:
        return "" if is_any_block() else "Select a block."

    def why_not_keep() -> str:
        return "" if is_any_block() else "Select a block, or make one of layers with Ctrl+G."

    def why_not_enter() -> str:
        layer = session.place.chosen_layer
        return "" if layer is not None and held(layer) else "Select one block."

    def why_not_unwrap() -> str:
        layer = session.place.chosen_layer
        is_control = layer is not None and bool(held(layer)) and not isinstance(layer, BlockLayer)
        return "" if is_control else "Select one loop or branch."

    def why_not_extract() -> str:
        if not isinstance(session.place.chosen_layer, CodeLayer):
            return "Select one Code layer."
        return "" if session.trusted else "Trust this project first."

    def wrap(kind: str, text: str, first: bool = False) -> Command:
        return Command(
            f"block.wrap_{kind.lower()}", "Block", text, lambda: canvas.commands.wrap(kind), "", (), one, first=first
        )

    def why_not_leave() -> str:
        return "" if session.path else "The whole model is on screen."

    return [
        Command("block.group", "Block", "Group into block", canvas.group, "bounding-box", ("Ctrl+G",), one),
        Command("block.ungroup", "Block", "Ungroup", canvas.ungroup, "", ("Ctrl+Shift+G",), why_not_ungroup),
        Command("block.enter", "Block", "Enter block", canvas.enter_selected, "sign-in", ("Ctrl+Return",),
                why_not_enter, first=True),
        Command("block.leave", "Block", "Leave block", canvas.leave, "sign-out", ("Ctrl+Backspace",), why_not_leave),
        Command("block.repeat", "Block", "Repeat…", p.dialogs.repeat, "repeat", ("Ctrl+R",), why_not_block,
                first=True),
        wrap("Scan", "Wrap in Scan", first=True),
        wrap("While", "Wrap in Repeat until"),
        wrap("Branch", "Wrap in Branch"),
        Command("block.extract", "Block", "Extract code into block", canvas.commands.extract, "", (), why_not_extract),
        Command("block.unwrap", "Block", "Apply once", canvas.commands.unwrap, "", (), why_not_unwrap),
        Command("block.unique", "Block", "Make unique", canvas.commands.make_unique, "", (), why_not_enter),
        Command("block.keep", "Block", "Save to my library", p.shelf.keep, "", (), why_not_keep, first=True),
        Command("block.from_file", "Block", "Insert a block from a file…", p.shelf.choose_file),
    ]  # fmt: skip


def _help(p: Parts) -> list[Command]:
    dialogs, places = p.dialogs, p.places
    return [
        Command("help.palette", "Help", "Run a command…", places.open_commands, "command", ("Ctrl+Shift+P",)),
        Command("help.layer", "Help", "Help on the layer", p.desk.explain_selection, "question", ("F1",), _selected(p)),
        Command("help.shortcuts", "Help", "Keyboard shortcuts", dialogs.shortcuts, "keyboard", ("Ctrl+/", "?")),
        Command("help.keys", "Help", "Change keys…", dialogs.keys),
        Command("help.pages", "Help", "Manual", dialogs.manual, "book-open", ("Shift+F1",)),
        Command("help.welcome", "Help", "Welcome page", places.show_welcome, "house", ("Ctrl+Shift+W",), first=True),
        Command("help.about", "Help", "About Netsmith", dialogs.about, "info"),
    ]


def _selected(p: Parts):  # type: ignore[no-untyped-def]
    return lambda: "" if p.session.selection else NOTHING_SELECTED


def _any_layer(p: Parts):  # type: ignore[no-untyped-def]
    return lambda: "" if p.session.block.graph.nodes else "The model has no layers yet."
