"""The text of one step: for each phase the loss, its gradients, and what the optimizers make of them."""

from __future__ import annotations

from textwrap import indent

from engine.codegen.criterion import STEP, loss_call, unpacked
from engine.codegen.plan import Plan
from engine.codegen.plan_phases import PhasePlan


def lines(*parts: str | None) -> str:
    """The parts below each other; those that are None are not needed."""
    return "\n".join(part for part in parts if part is not None)


def model_call(plan: Plan) -> str:
    return plan.call(", ".join(plan.arguments))


def step(plan: Plan) -> str:
    """What is done with one batch, phase by phase, up to handing out the loss."""
    parts = [_phase(plan, phase) for phase in plan.phases]
    return lines(*parts, "scaler.update()" if plan.scales and plan.has_phases else None, _yielded(plan))


def _yielded(plan: Plan) -> str:
    if not plan.has_phases:
        return f"yield {_value(plan, plan.phases[0])}"
    losses = ", ".join(_value(plan, phase) for phase in plan.phases)
    return f"yield torch.stack([{losses}])"


def _value(plan: Plan, phase: PhasePlan) -> str:
    return phase.called("step_loss" if plan.recipe.accumulate > 1 else "loss")


def _phase(plan: Plan, phase: PhasePlan) -> str:
    accumulates = plan.recipe.accumulate > 1
    value = _value(plan, phase)
    count = f"len({'batch[0]' if accumulates else plan.sizes_batch})"
    total = phase.called("total")
    moves = phase.schedule.moved() == "step"
    text = lines(
        _closed(plan, phase) if phase.needs_closure else _open(plan, phase),
        "scaler.update()" if plan.scales and not plan.has_phases else None,
        *(f"{o.schedule}.step()" for o in phase.optimizers if moves),
        None if accumulates else f"{value} = {value}.detach()",
        f"{total}.add_({value}, alpha={count})",
        f"{phase.called('count')} += {count}" if phase.every > 1 else None,
    )
    if phase.every > 1:
        return lines(f"if (step + 1) % {phase.every} == 0:", indent(text, STEP))
    return text


def _open(plan: Plan, phase: PhasePlan) -> str:
    """The gradients, and the optimizers' steps with them."""
    optimizers = [o.variable for o in phase.optimizers]
    steps = (f"scaler.step({name})" if plan.scales else f"{name}.step()" for name in optimizers)
    return lines(
        _gradients(plan, phase),
        *(f"scaler.unscale_({name})" for name in optimizers if plan.scales),
        _clipped(plan, phase),
        *steps,
    )


def _closed(plan: Plan, phase: PhasePlan) -> str:
    """The same for an optimizer that computes the gradients several times a step by itself."""
    value = _value(plan, phase)
    return lines(
        "",
        "def closure() -> Tensor:",
        indent(lines(_gradients(plan, phase), _clipped(plan, phase), f"return {value}"), STEP),
        "",
        f"{value} = {phase.optimizers[0].variable}.step(closure)",
    )


def _gradients(plan: Plan, phase: PhasePlan) -> str:
    loss = phase.called("loss")
    inputs = f"inputs={phase.called('parameters')}" if phase.name else ""
    backward = f"scaler.scale({loss}).backward({inputs})" if plan.scales else f"{loss}.backward({inputs})"
    zeroed = [f"{o.variable}.zero_grad()" for o in phase.optimizers]
    forward = _forward(plan, phase)
    if plan.recipe.accumulate == 1:
        return lines(forward, *zeroed, backward)
    step_loss = phase.called("step_loss")
    shared = f"{loss} = {loss} * (len({plan.sizes_batch}) / len(batch[0]))"
    return lines(
        *zeroed,
        f"{step_loss} = torch.zeros_like({phase.called('total')})",
        "for part in zip(*(tensor.split(BATCH_SIZE) for tensor in batch)):",
        unpacked(plan.tensors, "part", 1),
        indent(lines(forward, shared, backward), STEP),
        f"    {step_loss} += {loss}.detach()",
    )


def _forward(plan: Plan, phase: PhasePlan) -> str:
    statement = f"{phase.called('loss')} = {loss_call(plan, phase, model_call(plan))}"
    if not plan.autocasts:
        return statement
    return lines("with torch.autocast(device.type, dtype=PRECISION):", STEP + statement)


def _clipped(plan: Plan, phase: PhasePlan) -> str | None:
    if not plan.recipe.clip:
        return None
    parameters = phase.called("parameters") if phase.name else "model.parameters()"
    return f"clip_grad_norm_({parameters}, CLIP)"
