"""Pictures of layers, drawn from what the layers are."""

from gui.diagrams.base import Diagram, Known
from gui.diagrams.choose import diagram
from gui.diagrams.view import DiagramView

__all__ = ["Diagram", "DiagramView", "Known", "diagram"]
