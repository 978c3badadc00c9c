"""Figures measured on validation data."""

from engine.recipe.base import Form, Metric, Text
from engine.spec import param

_YES = {"logit": "outputs > 0", "probability": "outputs > 0.5"}


def _function(name: str, doc: str, *lines: str) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f'def {name}(outputs: Tensor, targets: Tensor) -> Tensor:\n    """{doc}"""\n{body}'.rstrip("\n")


class Accuracy(Metric):
    """Share of samples whose highest score is the true class."""

    aliases = ("correct", "classification")
    figure = "accuracy"
    wants = "class"

    def emit(self, form: Form, classes: int) -> Text:
        if form in _YES:
            line = f"return (({_YES[form]}) == (targets > 0.5)).float().mean()"
            return Text(_function("accuracy", "Share of samples told rightly.", line))
        line = "return (outputs.argmax(dim=1) == targets).float().mean()"
        return Text(_function("accuracy", "Share of samples whose highest score is the true class.", line))


class TopK(Metric):
    """Share of samples whose true class is among the k highest scores."""

    title = "Top-k accuracy"
    aliases = ("top5", "classification")
    figure = "top"
    wants = "class"
    k: int = param(3, min=1, help="How many of the highest scores count.", main=True)

    def suits(self, form: Form) -> bool:
        return form == "scores"

    def emit(self, form: Form, classes: int) -> Text:
        return Text(
            _function(
                f"top{self.k}",
                f"Share of samples whose true class is among the {self.k} highest scores.",
                f"best = outputs.topk({min(self.k, classes)}, dim=1).indices",
                "return (best == targets.unsqueeze(1)).any(dim=1).float().mean()",
            )
        )


class F1(Metric):
    """Harmonic mean of precision and recall: of yes for one logit, else the mean over all classes (macro)."""

    title = "F1"
    aliases = ("precision", "recall", "macro", "f-score", "classification")
    figure = "f1"
    wants = "class"

    def emit(self, form: Form, classes: int) -> Text:
        if form in _YES:
            return Text(
                _function(
                    "f1",
                    "Harmonic mean of precision and recall.",
                    f"said, true = {_YES[form]}, targets > 0.5",
                    "return 2 * (said & true).sum() / (said.sum() + true.sum()).clamp(min=1)",
                )
            )
        return Text(
            _function(
                "f1",
                "Harmonic mean of precision and recall, averaged over the classes.",
                f"said = F.one_hot(outputs.argmax(dim=1), {classes})",
                f"true = F.one_hot(targets, {classes})",
                "counts = said.sum(dim=0) + true.sum(dim=0)",
                "scores = 2 * (said * true).sum(dim=0) / counts.clamp(min=1)",
                "return scores[counts > 0].mean()",
            ),
            ("import torch.nn.functional as F",),
        )


class MAE(Metric):
    """Mean absolute error: how far off a prediction is, in the target's own unit."""

    title = "Mean absolute error"
    aliases = ("l1", "regression")
    figure = "mae"
    higher_is_better = False

    def emit(self, form: Form, classes: int) -> Text:
        return Text(_function("mae", "Mean absolute error.", "return (outputs - targets).abs().mean()"))


class RMSE(Metric):
    """Root of the mean squared error, in the target's own unit: far misses count most."""

    title = "Root mean squared error"
    aliases = ("mse", "regression")
    figure = "rmse"
    higher_is_better = False

    def emit(self, form: Form, classes: int) -> Text:
        line = "return (outputs - targets).square().mean().sqrt()"
        return Text(_function("rmse", "Root of the mean squared error.", line))


class R2(Metric):
    """Share of the target's variance that is explained: 1 is perfect, 0 is as good as always saying the mean."""

    title = "R²"
    aliases = ("explained variance", "determination", "regression")
    figure = "r2"

    def emit(self, form: Form, classes: int) -> Text:
        return Text(
            _function(
                "r2",
                "Share of the variance of the targets that is explained.",
                "missed = (outputs - targets).square().sum()",
                "spread = (targets - targets.mean(dim=0)).square().sum()",
                "return 1 - missed / spread.clamp(min=1e-12)",
            )
        )
