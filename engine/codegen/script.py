"""The whole script: model, data, training loop and command line, as an engineer would write it for this recipe.

The text is what the window runs, what a run keeps and what export writes. Its namespace is what training relies on:
`setup(seed, device, epochs)` returns a `Setup`, `train(*setup, epochs=, first_epoch=)` is a generator, and fields of
`Setup` that a recipe does not need (schedule, scaler, validation_data, stopping, seed) are absent.
"""

from __future__ import annotations

import re
from dataclasses import replace

from engine.codegen import data_text, evaluation, loop, setup_text, start_text
from engine.codegen.classes import generate
from engine.codegen.criterion import criterion
from engine.codegen.import_lines import import_block
from engine.codegen.optimizer_text import functions, schedule_functions
from engine.codegen.plan import Plan, plan_of
from engine.codegen.source import Source
from engine.codegen.start_text import Start
from engine.codegen.steering_spans import spans
from engine.document.project import Project
from engine.graph.shapes import Analysis
from engine.recipe.base import Text

_DEFINED = re.compile(r"^(?:class|def) (\w+)", re.MULTILINE)
ALIAS = "Tensors = tuple[Tensor, ...]"


def script(project: Project, analysis: Analysis, model: Source | None = None, start: Start | None = None) -> Source:
    """One file that trains the project's network by its recipe. model: its flawless classes, if they are written.

    start: what it begins with, if that is in a file.

    Raises: CodeError if the network has a problem or does not fit its recipe, DataError if data is missing.
    """
    model = model or generate(project, analysis)
    defined = defined_names(model.text)
    return assemble(plan_of(project, analysis, model.main, defined), model, start)


def assemble(plan: Plan, model: Source, start: Start | None = None) -> Source:
    """The file from its parts; the lines of the model keep their nodes."""
    data = plan.recipe.dataset.emit()
    before = [setup_text.constants(plan), start_text.constant(start), Text(ALIAS, ("from torch import Tensor",))]
    criteria = [criterion(plan, phase) for phase in plan.phases]
    schedules = [text for phase in plan.phases for text in schedule_functions(phase.schedule)]
    parts = [
        data,
        data_text.split(plan) if plan.validates else Text(""),
        data_text.transforms(plan),
        data_text.batches(plan),
        data_text.steps_per_epoch(plan),
        *(text for text in criteria if text.source.startswith("def")),
        evaluation.evaluate(plan) if plan.validates else Text(""),
        *{text.source: text for text in schedules}.values(),
        loop.early_stopping() if plan.recipe.patience else Text(""),
        setup_text.check_device(),
        setup_text.setup_class(plan),
        functions(plan),
        start_text.function(start),
        setup_text.setup(plan, start),
        loop.train(plan),
        loop.report(plan),
        setup_text.main(plan),
    ]
    before += [text for text in criteria if not text.source.startswith("def")]
    imports = import_block([*model.imports, *(line for part in (*before, *parts) for line in part.imports)])
    top = [before[0].source, data.constants, "\n".join(part.source for part in before[1:])]
    head = "\n\n".join([setup_text.docstring(plan), imports, *filter(None, top)]) + "\n"
    whole = Source.joined([head, model, *(part.source + "\n" for part in parts if part.source)])
    return replace(whole, main=model.main, spans=spans(plan))


def defined_names(text: str) -> tuple[str, ...]:
    """Classes and functions at the top level of a text."""
    return tuple(_DEFINED.findall(text))
