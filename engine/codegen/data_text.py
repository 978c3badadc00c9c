"""The text that loads the samples, splits them, shows them as the recipe wants and hands them out in batches."""

from __future__ import annotations

from engine.codegen.criterion import STEP, tuple_of, wrapped
from engine.codegen.layout import statement_lines
from engine.codegen.loop import field_type
from engine.codegen.plan import Plan
from engine.codegen.step_text import lines
from engine.recipe.base import Text, fixed


def split(plan: Plan) -> Text:
    """The function that divides the samples; it shuffles with the run's seed."""
    if plan.stratified or plan.streams:
        return Text(
            '''def split(labels: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """Indices for training and for validation, every class in the same proportion."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(labels), generator=generator)
    order = order[labels[order].argsort(stable=True)]
    # Of the samples side by side in one class, one in every 1 / VALIDATION is kept out.
    counted = torch.arange(len(order) + 1, dtype=torch.float64) * VALIDATION
    is_validation = counted.floor().diff() > 0
    return order[~is_validation].sort().values, order[is_validation].sort().values''',
            ("import torch", "from torch import Tensor"),
        )
    return Text(
        '''def split(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Indices for training and for validation."""
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    kept = int(count * VALIDATION)
    return order[kept:].sort().values, order[:kept].sort().values''',
        ("import torch", "from torch import Tensor"),
    )


def transforms(plan: Plan) -> Text:
    """The functions that the recipe's transforms call, each once."""
    made = [*(t.emit() for t in plan.recipe.transforms), *(noise.function(name) for name, noise in plan.noise)]
    texts = {text.source: text for text in made if text.source}
    return Text("\n\n\n".join(texts), tuple(i for t in texts.values() for i in t.imports))


def samples(plan: Plan) -> list[str]:
    """The lines of `setup` from loading the samples to the data of training and validation."""
    return _streamed(plan) if plan.streams else _held(plan)


def batches(plan: Plan) -> Text:
    """How samples come in batches, in an order that the seed and the epoch decide."""
    imports = ("from collections.abc import Iterator",)
    if plan.streams:
        text = lines(
            "def batches(data: DataLoader, device: torch.device) -> Iterator[Tensors]:",
            '    """The samples of one pass, a step\'s worth at a time, on the device."""',
            f"    for {', '.join(plan.tensors)} in data:",
            *(f"        {name} = {name}.to(device, non_blocking=True)" for name in plan.tensors),
            *(f"    {line}" for line in _views(plan)),
            *(f"    {line}" for line in _as_outputs(plan)),
            f"        yield {', '.join(plan.tensors)}",
        )
        return Text(text, imports)
    size = "BATCH_SIZE * ACCUMULATE" if plan.recipe.accumulate > 1 else "BATCH_SIZE"
    if plan.lengths:
        return Text(_by_length(plan, size), imports)
    if not plan.recipe.shuffle:
        text = lines(
            "def batches(data: Tensors) -> Iterator[Tensors]:",
            '    """The samples in their order, a step\'s worth at a time; the last may be fewer."""',
            f"    return zip(*(tensor.split({size}) for tensor in data))",
        )
        return Text(text, imports)
    text = lines(
        "def batches(data: Tensors, seed: int) -> Iterator[Tensors]:",
        '    """The samples shuffled, a step\'s worth at a time; the last may be fewer."""',
        "    order = torch.randperm(len(data[0]), generator=torch.Generator().manual_seed(seed))",
        "    order = order.to(data[0].device)",
        f"    return zip(*(tensor[order].split({size}) for tensor in data))",
    )
    return Text(text, imports)


def _by_length(plan: Plan, size: str) -> str:
    """Batches of samples of about one length, each cut to its longest."""
    first, shuffles = plan.lengths[0], plan.recipe.shuffle
    cut = (f"{n}[:, : lengths_of({n}).max()]" if n in plan.lengths else n for n in plan.tensors)
    return lines(
        "def lengths_of(samples: Tensor) -> Tensor:",
        '    """How many steps each sample has before the zeros behind its end."""',
        "    is_used = (samples != 0).flatten(2).any(2)",
        "    places = torch.arange(1, samples.shape[1] + 1, device=samples.device)",
        "    return (is_used * places).amax(1)",
        "",
        "",
        f"def batches(data: Tensors{', seed: int' if shuffles else ''}) -> Iterator[Tensors]:",
        '    """Samples of about one length, a step\'s worth at a time, cut to the longest."""',
        "    generator = torch.Generator().manual_seed(seed)" if shuffles else None,
        f"    lengths = lengths_of(data[{plan.tensors.index(first)}])",
        "    order = torch.randperm(len(lengths), generator=generator).to(lengths.device)" if shuffles else None,
        f"    order = {'order[lengths[order].argsort(stable=True)]' if shuffles else 'lengths.argsort(stable=True)'}",
        f"    parts = order.split({size})",
        *(
            ("    for k in torch.randperm(len(parts), generator=generator).tolist():", "        part = parts[k]")
            if shuffles
            else ("    for part in parts:",)
        ),
        f"        {', '.join(plan.tensors)}{',' if len(plan.tensors) == 1 else ''} = (tensor[part] for tensor in data)",
        wrapped(f"yield {', '.join(cut)}", 2),
    )


def steps_per_epoch(plan: Plan) -> Text:
    if plan.streams:
        count = "len(train_data)"
    else:
        size = "(BATCH_SIZE * ACCUMULATE)" if plan.recipe.accumulate > 1 else "BATCH_SIZE"
        count = f"math.ceil(len(train_data[0]) / {size})"
    text = lines(
        f"def steps_per_epoch(train_data: {field_type(plan, 'train_data')}) -> int:",
        '    """Steps of the optimizer in one pass over the training data."""',
        f"    return {count}",
    )
    return Text(text, () if plan.streams else ("import math",))


def _held(plan: Plan) -> list[str]:
    """Samples in memory: loaded, split, seen as the recipe wants, and moved to the device once."""
    loaded = f"{tuple_of(plan.inputs)}, {tuple_of(plan.loaded) if plan.loaded else '()'} = load_data()"
    found = statement_lines(loaded, STEP)
    if plan.validates:
        found.append(f"    train, validation = split({_split_by(plan)}, seed)")
    elif any(t.needs_all for t in plan.recipe.transforms):
        found.append(f"    train = torch.arange(len({plan.inputs[0]}))")
    found += _views(plan)
    found += _as_outputs(plan)
    found += statement_lines(f"data = [tensor.to(device) for tensor in {tuple_of(plan.tensors)}]", STEP)
    if not plan.validates:
        return [*found, "    train_data = tuple(data)"]
    return [
        *found,
        "    train_data = tuple(tensor[train] for tensor in data)",
        "    validation_data = tuple(tensor[validation] for tensor in data)",
    ]


def _split_by(plan: Plan) -> str:
    return plan.stratified or f"len({plan.inputs[0]})"


def _streamed(plan: Plan) -> list[str]:
    """Samples read one by one while training."""
    found = ["    samples, labels = load_data()"]
    if plan.validates:
        found.append("    train, validation = split(labels, seed)")
        found += _loader(plan, "train_data", "Subset(samples, train.tolist())", "BATCH_SIZE")
        return [*found, *_loader(plan, "validation_data", "Subset(samples, validation.tolist())", "BATCH_SIZE")]
    return [*found, *_loader(plan, "train_data", "samples", "BATCH_SIZE")]


def _loader(plan: Plan, name: str, samples: str, size: str) -> list[str]:
    given = [samples]
    if name == "train_data":
        size += " * ACCUMULATE" if plan.recipe.accumulate > 1 else ""
        given.append(f"batch_size={size}")
        given += ["shuffle=True", "generator=torch.Generator()"] if plan.recipe.shuffle else []
    else:
        given.append(f"batch_size={size}")
    given.append('pin_memory=device == "cuda"')
    return statement_lines(f"{name} = DataLoader({', '.join(given)})", STEP)


def _views(plan: Plan) -> list[str]:
    found = []
    shapes = {name: fixed(f.shape) for name, f in zip(plan.inputs, plan.recipe.dataset.features().inputs)}
    target_shapes = {t.name: t.target.shape for t in plan.held if t.target.kind == "value"}
    for transform in plan.recipe.transforms:
        if transform.changes == "adds":
            continue
        seen = shapes if transform.changes == "inputs" else target_shapes
        for name, shape in seen.items():
            expression = transform.expression(name, shape)
            seen[name] = transform.view(shape)
            if expression != name:
                found += statement_lines(f"{name} = {expression}", STEP)
    return found


def _as_outputs(plan: Plan) -> list[str]:
    """Targets in the type and shape of the output they are held against."""
    changed = [target for target in plan.held if target.prepared != target.name]
    return [line for t in changed for line in statement_lines(f"{t.name} = {t.prepared}", STEP)]
