"""The commands of the menus that act on the canvas alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gui.actions import Command
from gui.canvas.aligning import Axis, Side
from gui.canvas.view import CanvasView
from gui.snapping import snapping


def select(canvas: CanvasView, one: Callable[[], str]) -> list[Command]:
    """Selecting by what the selected layers have to do with the others. one: why not, while nothing is selected."""
    choosing = canvas.choosing

    def command(name: str, text: str, call: Callable[[], None], keys: tuple[str, ...] = ()) -> Command:
        return Command(f"select.{name}", "Edit", text, call, "", keys, one, submenu="Select", near="canvas")

    return [
        command("upstream", "All that comes before", choosing.upstream, ("[",)),
        command("downstream", "All that comes after", choosing.downstream, ("]",)),
        command("between", "All that lies between", choosing.between, ("Shift+B",)),
        command("alike", "All of the same kind", choosing.alike, ("Shift+A",)),
        command("others", "The others instead", choosing.others, ("Ctrl+I",)),
    ]


def align(canvas: CanvasView) -> list[Command]:
    """Bringing layers into line, and spreading them evenly."""
    aligning = canvas.aligning

    def why_not(count: int) -> Callable[[], str]:
        number = {2: "two", 3: "three"}[count]
        words = f"Select {number} layers, points, frames or notes, or more."
        return lambda: "" if aligning.count() >= count else words

    def line_up(side: Side, text: str, keys: tuple[str, ...] = ()) -> Command:
        call = partial(aligning.align, side)
        return Command(f"align.{side}", "Graph", text, call, "", keys, why_not(2), submenu="Align", near="canvas")

    def spread(axis: Axis, text: str) -> Command:
        call = partial(aligning.distribute, axis)
        return Command(f"align.{axis}", "Graph", text, call, "", (), why_not(3), submenu="Align", near="canvas")

    return [
        line_up("left", "Left edges", ("Alt+A",)),
        line_up("centre", "Centres"),
        line_up("right", "Right edges", ("Alt+D",)),
        line_up("top", "Upper edges", ("Alt+W",)),
        line_up("middle", "Middles"),
        line_up("bottom", "Lower edges", ("Alt+S",)),
        spread("across", "Equal gaps across"),
        spread("down", "Equal gaps down"),
    ]


FRAME_COLOURS = (
    ("", "Plain"),
    ("convolution", "Blue"),
    ("pooling", "Teal"),
    ("normalisation", "Green"),
    ("linear", "Yellow"),
    ("activation", "Orange"),
    ("embedding", "Pink"),
    ("attention", "Purple"),
)
"""Colours of frames are those of kinds of layers, which are told apart in both themes and by colour-blind eyes."""


def frame_colours(canvas: CanvasView) -> list[Command]:
    """The colour of the selected frames and notes, or of the frames around what is selected."""

    def why_not() -> str:
        is_there = canvas.marks.frames or (canvas.session.selection and canvas.drawing.frames)
        return "" if is_there else "No frame and no note is selected."

    def command(colour: str, text: str) -> Command:
        call = partial(canvas.commands.colour_frame, colour)
        name = f"frame.{text.lower()}"
        return Command(name, "Graph", text, call, "", (), why_not, submenu="Colour of the frame", near="canvas")

    return [command(colour, text) for colour, text in FRAME_COLOURS]


def bookmarks(canvas: CanvasView) -> list[Command]:
    """Views to come back to."""
    marks = canvas.bookmarks
    return [
        Command("view.bookmark", "View", "Bookmark this view", marks.keep, "bookmark-simple", ("Ctrl+B",), first=True),
        Command("view.bookmarks", "View", "Go to a bookmark…", marks.open, "bookmarks", ("Ctrl+Shift+B",)),
    ]


def points(canvas: CanvasView) -> list[Command]:
    """Points that wires are led through, and wires chosen without a mouse."""
    rerouting = canvas.commands.rerouting

    def why_not() -> str:
        return "" if canvas.marks.chosen_wire else "Click a wire, or choose one of a layer with Shift+N."

    def why_not_straighten() -> str:
        return "" if rerouting.straightened() else "No point of a wire is selected."

    def why_not_next() -> str:
        return "" if canvas.choosing.next_wires() else "Select a layer with wires."

    def why_not_frame() -> str:
        return "" if canvas.drawing.frames else "There is no frame and no note."

    return [
        Command("graph.point", "Graph", "Point on the wire", rerouting.add_to_chosen, "", ("R",), why_not,
                near="canvas", first=True),
        Command("graph.bundle", "Graph", "Point for all wires of the output",
                lambda: rerouting.add_to_chosen(whole=True), "", ("Shift+R",), why_not, near="canvas"),
        Command("graph.straighten", "Graph", "Straighten wires", rerouting.straighten, "", (), why_not_straighten,
                near="canvas"),
        Command("select.wire", "Edit", "Next wire of the layer", canvas.choosing.next_wire, "", ("Shift+N",),
                why_not_next, submenu="Select", near="canvas"),
        Command("select.frame", "Edit", "Next frame or note", canvas.choosing.next_frame, "", ("Shift+F",),
                why_not_frame, submenu="Select", near="canvas"),
    ]  # fmt: skip


def snap() -> Command:
    """Whether things snap to the grid."""
    return Command("view.snap", "View", "Snap to the grid", lambda: snapping.switch(), "grid-four", ("G",),
                   checked=lambda: snapping.is_on, near="canvas")  # fmt: skip


def wires(canvas: CanvasView) -> list[Command]:
    """Wires drawn by typing where they lead."""

    def why_not(side: str) -> str:
        chosen = canvas.session.selection
        if len(chosen) != 1:
            return "Select one layer."
        face = canvas.drawing.faces[chosen[0]]
        return "" if (face.outs if side == "out" else face.ins) else f"{face.name} has no {side}put."

    return [
        Command("graph.wire_to", "Graph", "Wire to…", lambda: canvas.wiring.open("out"), "", ("W",),
                partial(why_not, "out"), near="canvas"),
        Command("graph.wire_from", "Graph", "Wire from…", lambda: canvas.wiring.open("in"), "", ("Shift+W",),
                partial(why_not, "in"), near="canvas"),
    ]  # fmt: skip
