"""Whatever is edited: what was learned is carried over without a crash, and everything is told of once and truly."""

from collections import Counter

from hypothesis import given, settings

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.module import module
from tests.engine.carried import trained
from tests.laws.random_graphs import edited_projects, is_valid

from engine.training.carry import carry  # isort: skip

TOLERANCE = 1e-3
"""Single precision through up to a dozen random layers, some of which divide by small numbers."""


@settings(max_examples=25, deadline=None)
@given(edited_projects())
def test_every_parameter_is_told_of_once_and_what_is_claimed_holds(history):
    old, *edited = [project for project in history if is_valid(project)]
    before = trained(old)
    old_names = {name for name in before.moment.tensors if "/" not in name}
    for project in edited:
        analysis = infer(project)
        found = carry(before, project, analysis)
        source = module(project, analysis)
        model = build(source)[source.main]()
        model.load_state_dict({n: t for n, t in found.tensors.items() if "/" not in n})
        rows = found.report.rows
        assert Counter(r.name for r in rows if r.how != "dropped") == Counter(dict.fromkeys(model.state_dict(), 1))
        used = [r.was or r.name for r in rows if r.how in ("copied", "widened", "cut")]
        dropped = [r.name for r in rows if r.how == "dropped"]
        assert Counter(used + dropped) == Counter(dict.fromkeys(old_names, 1))
        if not found.report.changes and found.report.difference is not None:
            assert found.report.difference <= TOLERANCE, found.report
        moments = {name.split("/")[1] for name in found.tensors if "/" in name}
        assert moments <= {name for name, _ in model.named_parameters()}
