"""A complete file with the model's classes: what a person imports."""

from __future__ import annotations

from dataclasses import replace

from engine.codegen.classes import generate_model, model_source
from engine.codegen.import_lines import import_block
from engine.codegen.layout import docstring_lines
from engine.codegen.source import Source
from engine.document.project import Project
from engine.graph.shapes import Analysis


def module(project: Project, analysis: Analysis) -> Source:
    """Docstring, imports and classes, whatever the data and the loss. Raises: CodeError if the network has errors."""
    return with_imports(generate_model(project, analysis), f"{project.block().name}, a PyTorch model.")


def preview(project: Project, analysis: Analysis) -> Source:
    """The same for a network with problems: what cannot be written is a comment in its place."""
    return with_imports(model_source(project, analysis), f"{project.block().name}, a PyTorch model.")


def with_imports(model: Source, title: str) -> Source:
    """A model's text as a file of its own."""
    doc = "\n".join(docstring_lines(title, ""))
    return replace(Source.joined([f"{doc}\n\n{import_block(model.imports)}\n", model]), main=model.main)
