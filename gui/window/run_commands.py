"""What can be done with a run: started, steered and looked into."""

from __future__ import annotations

from gui.actions import Command
from gui.looking import Looking
from gui.runner import Runner
from gui.window.places import Places
from gui.window.training import Training


def train(training: Training, runner: Runner, places: Places, looking: Looking) -> list[Command]:
    """The menu Train."""

    def pause() -> str:
        return "Go on" if runner.state == "paused" else "Pause"

    def why_not_resume() -> str:
        return "A run is going on." if runner.active else ""

    def is_thread() -> bool:
        return training.mode == "thread"

    def is_process() -> bool:
        return training.mode == "process"

    def elsewhere() -> str:
        other = training.other_device()
        return f"Train now on {other}" if other else "Train now on another device"

    def why_not_trust() -> str:
        return "" if not training.trusted else "There is no code in this project that is not trusted."

    submenu = "Run in"
    return [
        Command("train.start", "Train", "Train", lambda: training.start(), "play", ("F5",), training.why_not_start),
        Command("train.queue", "Train", "Queue", training.queue, "queue", ("Ctrl+F5",), training.why_not_queue),
        Command("train.beside", "Train", "Train beside, in a process of its own", training.beside, "columns",
                ("Alt+F5",), training.why_not_queue),
        Command("train.elsewhere", "Train", "Train now on another device", training.elsewhere, "", (),
                training.why_not_elsewhere, elsewhere),
        Command("train.pause", "Train", "Pause", training.pause, "pause", ("F7",), training.why_not_steer, pause),
        Command("train.step", "Train", "One step", runner.step, "skip-forward", ("F8",), training.why_not_steer),
        Command("train.stop", "Train", "Stop", runner.stop, "stop", ("Shift+F5",), training.why_not_steer),
        Command("train.waiting", "Train", "What waits", places.waiting.show, "list-plus", ("Ctrl+Alt+Q",),
                checked=lambda: places.waiting.is_shown),
        Command("train.look", "Train", "Look into the layers", places.show_layers, "eye", ("F9",), looking.why_not,
                first=True),
        Command("train.find_rate", "Train", "Find a learning rate…", training.find_rate, "chart-line", (),
                training.why_not_find),
        Command("train.sweep", "Train", "Sweep…", training.ask_sweep, "", (), training.why_not_sweep),
        Command("train.resume", "Train", "Go on with a run…", training.ask_resume, "", (), why_not_resume),
        Command("train.trust", "Train", "Trust the code of this project…", lambda: training.ask_trust(), "", (),
                why_not_trust),
        Command("train.thread", "Train", "A thread of this window", lambda: training.set_mode("thread"),
                checked=is_thread, submenu=submenu, first=True),
        Command("train.process", "Train", "A process of its own", lambda: training.set_mode("process"),
                checked=is_process, submenu=submenu),
        Command("train.recipe", "Train", "Recipe", places.show_recipe, "sliders-horizontal", ("Ctrl+Shift+E",),
                first=True),
    ]  # fmt: skip
