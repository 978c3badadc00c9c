"""A project with Python of its own: what it says, and whether it may run."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from engine.document.project import Project
from gui.dialogs.base import Dialog
from gui.editors.highlighter import begin_at_the_left
from gui.theme import font, line_height
from gui.widgets import label

LINES = 14
_UNSEEN = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Signs that are not seen; some of them have a text read in another order than it runs in."""


class TrustDialog(Dialog):
    """Shows the code. Not trusting it leaves the project open, with those layers inert."""

    def __init__(self, project: Project, trust: Callable[[], object], parent: QWidget) -> None:
        sources = sorted(set(project.user_code()))
        super().__init__(
            "This project holds Python code that was not run here before",
            "It can do whatever a program can do on this computer: read it before it runs. "
            "Without it, the layers that hold it stay inert and the rest works.",
            parent,
        )
        self.code = QPlainTextEdit(self)
        self.code.setPlainText(_UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", "\n\n".join(sources)))
        begin_at_the_left(self.code.document())
        self.code.setReadOnly(True)
        self.code.setProperty("field", True)
        self.code.setAccessibleName("Code of the project")
        self.code.setFont(font("mono"))
        self.code.setFixedHeight(LINES * line_height("mono"))
        self.body.addWidget(self.code)
        self.body.addWidget(label("The answer is kept for this very code.", "small", "muted"))
        self.add_button("Trust this code", trust, "danger")
        self.leave_button("Leave it inert")
