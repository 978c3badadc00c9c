"""Carrying weights from one project to another for tests, without data or a run: states made by chance."""

import torch

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.module import module
from engine.document.project import Project
from engine.training import checkpoint
from engine.training.carry import Before, Carried, carry


def trained(project: Project, seed: int = 3, steps: int = 2) -> Before:
    """A network after a few steps on numbers by chance, with running figures and moments of its own."""
    analysis = infer(project)
    source = module(project, analysis)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = build(source)[source.main]()
        for tensor in [*model.parameters(), *(b for b in model.buffers() if b.is_floating_point())]:
            with torch.no_grad():
                tensor.add_(torch.rand_like(tensor) * 0.1)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
        for _ in range(steps):
            for parameter in model.parameters():
                parameter.grad = torch.randn_like(parameter)
            optimizer.step()
        parts = {"model": model, "optimizer": optimizer}
        moment = checkpoint.take(parts, epoch=1, step=steps, figures={}, best=None)
    return Before("a-run", project, analysis, moment)


def carried(old: Project, new: Project) -> Carried:
    return carry(trained(old), new, infer(new))


def hows(found: Carried) -> dict[str, str]:
    return {row.name: row.how for row in found.report.rows if row.how != "dropped"}
