"""Going on with an edited network: its weights, and what the optimizer knows of them, from a run of the one before.

Layers are matched by identity (`carry_match`), sizes that changed are widened so that the function stays where that can
be (`carry_rules`, `carry_maps`: Net2Net, Chen et al. 2015, arXiv:1511.05641), new layers begin as nothing or give what
they take, and whether all that holds is tried (`carry_bench`, `carry_flow`) and measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.module import module
from engine.codegen.plan import plan_of
from engine.codegen.source import Source
from engine.document.files import load as load_project
from engine.document.project import Project
from engine.errors import EngineError
from engine.graph.shapes import ITSELF, Analysis
from engine.recipe.base import Optimizer
from engine.tensor import TensorSpec
from engine.training import checkpoint
from engine.training.carry_bench import drawn
from engine.training.carry_flow import Begun, Carrying, loose, states_of
from engine.training.carry_match import Known, match, neighbour
from engine.training.carry_network import Network, Path, groups, unfold
from engine.training.carry_report import Report, Row
from engine.training.checkpoint import Checkpoint
from engine.training.kept import find
from engine.training.store import Store

START = "start.safetensors"
REPORT = "carried.json"


@dataclass(frozen=True)
class Before:
    """What is gone on from: the project of a run as it was trained, and one of its moments."""

    run: str
    project: Project
    analysis: Analysis
    moment: Checkpoint


@dataclass(frozen=True)
class Carried:
    """tensors: the weights by their names, and beside them "optimizer/conv.weight/exp_avg", as `start_text` reads."""

    tensors: Mapping[str, Tensor]
    report: Report

    def write(self, folder: File) -> None:
        """Both into a run's folder. Raises: OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.contiguous() for name, tensor in self.tensors.items()}, folder / START)
        (folder / REPORT).write_text(self.report.to_json(), encoding="utf-8")


def before(store: Store, run: str, which: str = "last", *, trusted: bool = False) -> Before:
    """A run's network and weights. Raises: FileError if it has none that can be read."""
    record = store.get(run)
    moment = checkpoint.load(find(store.folder / record.id / "checkpoints", which))
    project = load_project(store.project_path(record.id))
    return Before(record.id, project, infer(project, trusted=trusted), moment)


def carry(old: Before, project: Project, analysis: Analysis) -> Carried:
    """Begin a network with what another one has learned. It is free of problems, and so is its recipe.

    Draws no random numbers that anybody else would draw, as long as nothing is trained meanwhile in this process.
    Raises: EngineError if one of them cannot be built.
    """
    with torch.random.fork_rng(devices=[]):
        return _Carry(old, project, analysis).result()


class _Carry:
    def __init__(self, old: Before, project: Project, analysis: Analysis) -> None:
        self.old, self.project, self.analysis = old, project, analysis
        self.source = module(project, analysis)
        self.model = _model(self.source, project.recipe.seed)
        fresh = {name: tensor.detach().cpu() for name, tensor in self.model.state_dict().items()}
        before = {name: tensor for name, tensor in old.moment.tensors.items() if "/" not in name}
        self.network, self.old_network = unfold(project, analysis), unfold(old.project, old.analysis)
        self.groups, self.old_groups = groups(project, fresh), groups(old.project, before)
        self.fresh, self.states = states_of(self.groups, fresh), states_of(self.old_groups, before)
        self.learned = set(dict(self.model.named_parameters(remove_duplicate=False)))
        self.tied = _tied(self.model)

    def result(self) -> Carried:
        """Everything, made and measured."""
        pairs, neighbours = self._pairs()
        carrying = Carrying(
            self.network, self.old_network, self.fresh, self.states, pairs, neighbours, self.project.recipe.seed
        )
        carrying.tie({self._place(name): self._place(owner) for name, owner in self.tied.items()})
        carrying.run()
        begun = carrying.begun | self._within_loops(carrying.begun)
        weights = {
            full: begun[home].state[rest or ITSELF]
            for home, group in self.groups.items()
            for rest, full in group.names.items()
        }
        moments, notes = self._moments(begun)
        rows = self._rows(begun, carrying.kept, {name.split("/")[1] for name in moments})
        report = Report(
            tuple(rows),
            self.old.run,
            self.old.moment.step,
            self.old.moment.epoch,
            tuple(dict.fromkeys(carrying.changes)),
            self._difference(weights),
            tuple(notes),
            tuple(sorted({name.split("/")[0] for name in moments})),
        )
        return Carried({**weights, **moments}, report)

    def _place(self, name: str) -> tuple[Path, str]:
        for home, group in self.groups.items():
            for rest, full in group.names.items():
                if full == name:
                    return home, rest or ITSELF
        return (), name

    def _pairs(self) -> tuple[dict[Path, Path], dict[Path, Path]]:
        pairs = match(_known(self.network), _known(self.old_network))
        there = {path: path for path in self.old_network.leaves}
        nearest = {path: neighbour(path, there) for path in self.network.leaves if path not in pairs}
        return pairs, {path: beside for path, beside in nearest.items() if beside is not None}

    def _within_loops(self, begun: Mapping[Path, Begun]) -> dict[Path, Begun]:
        """What no wires lead to: layers in the blocks of loops and branches."""
        new = [Known(home, g.key, g.name) for home, g in self.groups.items() if home not in begun]
        used = {b.before for b in begun.values()}
        old = [Known(home, g.key, g.name) for home, g in self.old_groups.items() if home not in used]
        pairs = match(new, old)
        return {
            k.path: loose(self.fresh[k.path], self.states.get(pairs.get(k.path, ())), pairs.get(k.path)) for k in new
        }

    def _rows(self, begun: Mapping[Path, Begun], kept: Mapping[Path, bool], moved: set[str]) -> list[Row]:
        rows, used = [], set()
        trails = {leaf.home: leaf for leaf in reversed(list(self.network.leaves.values()))}
        for home, group in self.groups.items():
            leaf, one = trails.get(home), begun[home]
            older = self.old_groups.get(one.before) if one.before is not None else None
            for rest, full in group.names.items():
                name = rest or ITSELF
                was = older.names.get(rest, "") if older is not None and name in one.changes else ""
                used.add(was)
                rows.append(
                    Row(
                        full,
                        ".".join(leaf.trail) if leaf is not None else group.name,
                        one.hows[name],
                        tuple(self.states[one.before][name].shape) if was and one.before is not None else None,
                        tuple(one.state[name].shape),
                        kept.get(home, False),
                        was if was != full else "",
                        leaf.block if leaf is not None else "",
                        str(leaf.node.id) if leaf is not None else "",
                        full in moved,
                        full in self.learned,
                    )
                )
        return rows + self._dropped(used)

    def _dropped(self, used: set[str]) -> list[Row]:
        learned = {name for names in self._order().values() for name in names}
        return [
            Row(full, group.name, "dropped", tuple(self.states[home][rest or ITSELF].shape), learned=full in learned)
            for home, group in self.old_groups.items()
            for rest, full in group.names.items()
            if full not in used
        ]

    def _order(self) -> dict[str, list[str]]:
        """For each optimizer of the checkpoint the names of its parameters, as it counts them."""
        order = self.old.moment.about.get("order") or {}
        return {str(field): [str(name) for name in names] for field, names in order.items()}

    def _moments(self, begun: Mapping[Path, Begun]) -> tuple[dict[str, Tensor], list[str]]:
        """What the optimizers know, in the sizes of now; what cannot be said of a new size is left out."""
        found: dict[str, Tensor] = {}
        now = _optimizers(self.project, self.analysis, self.source)
        then = _optimizers(self.old.project, self.old.analysis, module(self.old.project, self.old.analysis))
        places = {
            self.old_groups[one.before].names[rest]: (full, one.changes[rest or ITSELF])
            for home, one in begun.items()
            if one.before is not None
            for rest, full in self.groups[home].names.items()
            if (rest or ITSELF) in one.changes and full not in self.tied
        }
        notes = []
        for field, names in self._order().items():
            if field not in now or type(now[field]) is not type(then.get(field)):
                notes.append(f"What {field} knew is not carried over: the recipe has another one now.")
                continue
            for index, values in checkpoint.part(self.old.moment, field).get("state", {}).items():
                old_name = names[int(index)]
                if old_name in places:
                    full, change = places[old_name]
                    shape = self.old.moment.tensors[old_name].shape
                    found |= _moved(field, full, change, shape, values)
        if not self._order():
            notes.append("What the optimizer knew is not in this checkpoint, and begins anew.")
        return found, notes

    def _difference(self, weights: Mapping[str, Tensor]) -> float | None:
        """How far the outputs of both networks are apart on samples by chance, by the largest output."""
        specs = _taken(self.network)
        if specs != _taken(self.old_network) or not all(isinstance(spec, TensorSpec) for spec in specs):
            return None
        try:
            before = _model(module(self.old.project, self.old.analysis), 0)
            before.load_state_dict({n: t for n, t in self.old.moment.tensors.items() if "/" not in n})
            self.model.load_state_dict(dict(weights))
            wires = [drawn(spec, seed) for seed, spec in enumerate(specs)]
            wires = [w.float() if w is not None and w.is_floating_point() else w for w in wires]
            with torch.no_grad():
                results = [_flat(each.eval()(*wires)) for each in (before, self.model)]
        except Exception:  # noqa: BLE001 - a network that cannot be tried on such numbers; then nothing is claimed
            return None
        if [r.shape for r in results[0]] != [r.shape for r in results[1]]:
            return None
        far = [float((a - b).abs().max() / a.abs().max().clamp(min=1e-12)) for a, b in zip(*results) if a.numel()]
        return max(far, default=None)


def _known(network: Network) -> list[Known]:
    return [
        Known(leaf.path, leaf.node.layer.key, leaf.node.name, tuple(sorted(leaf.shapes.named.items())))
        for leaf in network.leaves.values()
    ]


def _model(source: Source, seed: int) -> nn.Module:
    space = build(source)
    torch.manual_seed(seed)  # as the script does, so that what is new begins as it would in a run of its own
    model: nn.Module = space[source.main]()
    return model


def _taken(network: Network) -> list[Any]:
    """What comes into a network."""
    return [leaf.shapes.outputs.get("out") for leaf in network.inputs.values()]


def _tied(model: nn.Module) -> dict[str, str]:
    """Parameters that are another one under a second name."""
    first: dict[int, str] = {}
    found = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        owner = first.setdefault(id(parameter), name)
        if owner != name:
            found[name] = owner
    return found


def _optimizers(project: Project, analysis: Analysis, source: Source) -> dict[str, Optimizer]:
    try:
        plan = plan_of(project, analysis, source.main)
    except EngineError:  # a recipe whose data is no longer there
        return {}
    return {o.variable: o.spec for phase in plan.phases for o in phase.optimizers}


def _moved(field: str, full: str, change: Any, shape: torch.Size, values: Mapping[str, Any]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name, value in values.items():
        if isinstance(value, Tensor) and (value.ndim == 0 or change.is_copy):
            found[f"{field}/{full}/{name}"] = value
        elif isinstance(value, Tensor) and value.shape == shape:
            found[f"{field}/{full}/{name}"] = change.moment(value, name)
        elif value is not None:
            return {}
    return found


def _flat(result: Any) -> list[Tensor]:
    if isinstance(result, Tensor):
        return [result.double()]
    values = result.values() if isinstance(result, dict) else result if isinstance(result, (tuple, list)) else ()
    return [tensor for value in values for tensor in _flat(value)]
