"""Laws of every data set, transform, loss, metric, optimizer and schedule."""

import inspect

import numpy as np
import pytest
import torch
from sklearn import metrics as judge
from torch import nn

from engine.kinds import KindError
from engine.recipe.base import Dataset, Loss, Metric, Optimizer, Schedule, Transform
from engine.recipe.files import CSVFile, ImageFolder
from engine.recipe.losses import BCEWithLogitsLoss
from engine.recipe.metrics import F1, MAE, R2, RMSE, Accuracy, TopK
from engine.recipe.pictures import CIFAR10, MNIST, FashionMNIST
from engine.recipe.recipe import Recipe
from engine.recipe.suggest import losses_for, suggest, suits
from engine.spec import REQUIRED

FAMILIES = (Dataset, Transform, Loss, Metric, Optimizer, Schedule)
MEMBERS = [member for family in FAMILIES for member in family.registry.values()]
FROM_OUTSIDE = (CSVFile, ImageFolder, MNIST, FashionMNIST, CIFAR10)
HELD = [d for d in Dataset.registry.values() if d not in FROM_OUTSIDE]
OURS = {"Loss": {"factor", "against", "training_only"}, "WarmUp": {"warm_up_steps", "then"}, "Schedule": {"per"}}
OURS |= {"Optimizer": {"others"}}
NOT_OFFERED = {
    "params optimizer": "tensors",
    "size_average reduce": "old words for reduction",
    "maximize mode@ReduceLROnPlateau": "losses are made small",
    "foreach capturable differentiable fused": "the script chooses the fastest that the device has",
    "decoupled_weight_decay@Adam": "that is AdamW",
    "last_epoch total_steps epochs steps_per_epoch T_max lr_lambda@LambdaLR": "the script knows them",
    "cycle_momentum base_momentum max_momentum": "a cycle is of the learning rate",
    "scale_fn scale_mode": "a formula of one's own is what LambdaLR is for",
}
LEFT_OUT = {name for names in NOT_OFFERED for name in names.split()}
LOSSES_NOT_OFFERED = {
    "AdaptiveLogSoftmaxWithLoss LinearCrossEntropyLoss": "layer and loss in one: on the canvas",
}


def named(member):
    return f"{family_of(member).__name__}-{member.key}"


def family_of(member):
    """The family that a choice belongs to."""
    return next(family for family in FAMILIES if issubclass(member, family))


def in_torch(target):
    """The class that a dotted name of the script means."""
    found = nn if target.startswith("nn.") else torch
    for part in target.split(".")[1:]:
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("member", MEMBERS, ids=named)
def test_a_choice_is_documented_and_so_is_every_option(member):
    assert member.summary().endswith((".", "?"))
    assert member.title
    assert member.key
    for declared in member.params.values():
        assert declared.help.endswith("."), declared.name
        assert declared.kind.check(declared.default) == declared.default


@pytest.mark.parametrize("member", MEMBERS, ids=named)
def test_a_choice_comes_back_from_its_data_and_options_from_their_text(member):
    family = family_of(member)
    made = member()
    assert family.from_json(made.to_json()) == made
    for declared in member.params.values():
        assert declared.parse(declared.show(declared.default), member.title) == declared.default


@pytest.mark.parametrize("member", [m for m in MEMBERS if getattr(m, "target", "")], ids=named)
def test_options_are_those_of_torch_with_its_defaults(member):
    theirs = dict(inspect.signature(in_torch(member.target)).parameters)
    not_theirs = OURS.get(member.key, OURS.get(family_of(member).__name__, set()))
    for name, declared in member.params.items():
        if name in not_theirs or (issubclass(member, Loss) and name in member.others):
            continue
        given = theirs.pop(name)
        if given.default is inspect.Parameter.empty:
            assert declared.torch is REQUIRED, name
        else:
            default = list(given.default) if isinstance(given.default, tuple) else given.default
            ours = list(declared.torch) if isinstance(declared.torch, tuple) else declared.torch
            assert ours == default, name
    kind = in_torch(member.target).__name__
    assert {name for name in theirs if name not in LEFT_OUT and f"{name}@{kind}" not in LEFT_OUT} == set()


@pytest.mark.parametrize("loss", [loss for loss in Loss.registry.values() if loss.function], ids=named)
def test_the_function_of_a_loss_takes_what_its_module_takes(loss):
    theirs = inspect.signature(getattr(nn.functional, loss.function.removeprefix("F."))).parameters
    assert set(loss.params) - OURS["Loss"] <= set(theirs)


def test_every_optimizer_and_schedule_of_torch_is_offered():
    optimizers = {o.target.removeprefix("torch.optim.") for o in Optimizer.registry.values()}
    assert optimizers == {n for n in torch.optim.__all__ if n != "Optimizer" and n[0].isupper()}
    schedules = {s.target.removeprefix("torch.optim.lr_scheduler.") for s in Schedule.registry.values() if s.target}
    assert schedules == set(torch.optim.lr_scheduler.__all__) - {"LRScheduler"}


def test_every_loss_of_torch_is_offered_or_has_a_reason_why_not():
    offered = {loss.target.removeprefix("nn.") for loss in Loss.registry.values() if loss.target}
    refused = {name for names in LOSSES_NOT_OFFERED for name in names.split()}
    theirs = {name for name in dir(nn) if name.endswith("Loss") and not name.startswith("_")}
    assert theirs - refused - {"NLLLoss2d"} == offered


@pytest.mark.parametrize("optimizer", Optimizer.registry.values(), ids=named)
def test_an_optimizer_is_fused_just_where_torch_can(optimizer):
    can = "fused" in inspect.signature(in_torch(optimizer.target)).parameters
    assert can == bool(optimizer.fused_on)
    if can:
        in_torch(optimizer.target)([nn.Parameter(torch.zeros(2))], lr=0.1, fused=True)


def loaded(dataset):
    """What the emitted `load_data` gives."""
    text = dataset.emit()
    namespace = {}
    head = "\n".join([*text.imports, "import torch", "from torch import Tensor", "Tensors = tuple[Tensor, ...]"])
    exec(f"{head}\n{text.constants}\n{text.source}", namespace)
    return namespace["load_data"]()


@pytest.mark.parametrize("member", HELD, ids=named)
def test_features_are_what_the_emitted_code_loads(member):
    features = member().features()
    inputs, targets = loaded(member())
    assert len(inputs) == len(features.inputs)
    assert len(targets) == len(features.targets)
    for feature, tensor in zip(features.inputs, inputs):
        assert len(tensor) == features.samples
        assert all(isinstance(s, str) or s == n for s, n in zip(feature.shape, tensor.shape[1:], strict=True))
        assert str(tensor.dtype) == f"torch.{feature.dtype}"
    for target, tensor in zip(features.targets, targets):
        assert tuple(tensor.shape) == (features.samples, *target.shape)
        assert tensor.dtype == (torch.int64 if target.kind == "class" else torch.float32)
        if target.kind == "class":
            assert tensor.unique().tolist() == list(range(target.classes))
            assert len(target.labels) == target.classes


@pytest.mark.parametrize("member", HELD, ids=named)
def test_data_is_the_same_every_time(member):
    first, second = loaded(member()), loaded(member())
    assert all(torch.equal(a, b) for one, two in zip(first, second) for a, b in zip(one, two))


@pytest.mark.parametrize("member", HELD, ids=named)
def test_the_suggested_losses_and_metrics_suit_the_data(member):
    features = member().features()
    losses, metrics = suggest(features)
    assert all(suits(loss, target) for loss, target in zip(losses, features.targets))
    assert all(type(loss) in losses_for(target) for loss, target in zip(losses, features.targets))
    assert all(any(metric.suits(loss.form) for loss in losses) for metric in metrics)


@pytest.mark.parametrize("member", Transform.registry.values(), ids=named)
@pytest.mark.parametrize("shape", [(64,), (8, 8), (1, 8, 8)])
def test_a_view_is_what_its_code_makes(member, shape):
    transform = member()
    values = torch.randn(6, *shape)
    namespace = {"torch": torch, "Tensor": torch.Tensor, "x": values, "train": torch.arange(4)}
    exec(transform.emit().source, namespace)
    seen = eval(transform.expression("x", shape), namespace)
    assert tuple(seen.shape) == (6, *transform.view(shape))


def measured(metric, form, outputs, targets, classes=3):
    text = metric.emit(form, classes)
    namespace = {"torch": torch, "Tensor": torch.Tensor, "F": nn.functional}
    exec(text.source, namespace)
    name = text.source.split("(")[0].removeprefix("def ")
    return namespace[name](outputs, targets).item()


def test_metrics_agree_with_scikit_learn():
    torch.manual_seed(0)
    scores, classes = torch.randn(200, 3), torch.randint(3, (200,))
    said, true = scores.argmax(1).numpy(), classes.numpy()
    assert measured(Accuracy(), "scores", scores, classes) == pytest.approx(judge.accuracy_score(true, said))
    assert measured(F1(), "scores", scores, classes) == pytest.approx(judge.f1_score(true, said, average="macro"))
    top2 = judge.top_k_accuracy_score(true, scores.numpy(), k=2)
    assert measured(TopK(k=2), "scores", scores, classes) == pytest.approx(top2)

    values, wanted = torch.randn(200, 1), torch.randn(200, 1)
    assert measured(MAE(), "value", values, wanted) == pytest.approx(judge.mean_absolute_error(wanted, values))
    assert measured(RMSE(), "value", values, wanted) == pytest.approx(np.sqrt(judge.mean_squared_error(wanted, values)))
    assert measured(R2(), "value", values, wanted) == pytest.approx(judge.r2_score(wanted, values), rel=1e-5)


@pytest.mark.parametrize("form", ["logit", "probability"])
def test_two_classes_are_measured_on_one_output_alike(form):
    torch.manual_seed(0)
    logits, yes = torch.randn(100, 1), torch.randint(2, (100, 1)).float()
    outputs = logits if form == "logit" else logits.sigmoid()
    said, true = (logits > 0).int().numpy(), yes.int().numpy()
    assert measured(Accuracy(), form, outputs, yes) == pytest.approx(judge.accuracy_score(true, said))
    assert measured(F1(), form, outputs, yes) == pytest.approx(judge.f1_score(true, said))


def test_a_loss_for_two_classes_is_not_offered_for_ten():
    assert BCEWithLogitsLoss not in losses_for(Recipe().features().targets[0])


@pytest.mark.parametrize("text", ["0.9", "0.9, 1.5", "a, b", "0.9, 0.99, 0.999"])
def test_betas_that_are_no_two_shares_are_refused(text):
    with pytest.raises(KindError):
        Optimizer.registry["Adam"].params["betas"].kind.parse(text)


def test_a_recipe_of_anything_comes_back_from_its_data():
    for optimizer in Optimizer.registry.values():
        for schedule in Schedule.registry.values():
            recipe = Recipe(optimizer=optimizer(), schedule=schedule(), transforms=tuple(t() for t in _views()))
            assert Recipe.read({k: v for k, v in recipe.to_json().items() if k != "kind"}) == recipe


def _views():
    return Transform.registry.values()
