"""Tables that ship with scikit-learn: a row of measurements for each sample."""

from typing import ClassVar, Literal

from engine.recipe.base import Dataset, Feature, Features, Target, Text


class _Table(Dataset, abstract=True):
    """A table of scikit-learn; columns, classes and samples are known without loading it."""

    loader: ClassVar[str] = ""
    columns: ClassVar[int] = 0
    rows: ClassVar[int] = 0
    predicted: ClassVar[str] = ""
    labels: ClassVar[tuple[str, ...]] = ()

    def features(self) -> Features:
        kind: Literal["class", "value"] = "class" if self.labels else "value"
        target = Target(self.predicted, kind, (), len(self.labels), self.labels)
        return Features((Feature("features", (self.columns,)),), (target,), self.rows)

    def emit(self) -> Text:
        kind = "int64" if self.labels else "float32"
        source = (
            "def load_data() -> tuple[Tensors, Tensors]:\n"
            f'    """{self.rows} rows of {self.columns} measures, and what they belong to."""\n'
            f"    table = {self.loader}()\n"
            "    features = torch.tensor(table.data, dtype=torch.float32)\n"
            f"    return (features,), (torch.tensor(table.target, dtype=torch.{kind}),)"
        )
        return Text(source, ("import torch", f"from sklearn.datasets import {self.loader}"))


class Iris(_Table):
    """150 iris flowers by four lengths in cm: which of three species?"""

    aliases = ("flowers", "classification", "table")
    loader, columns, rows, predicted = "load_iris", 4, 150, "species"
    labels = ("setosa", "versicolor", "virginica")


class Wine(_Table):
    """178 wines by thirteen measured contents: which of three growers?"""

    aliases = ("classification", "table", "chemistry")
    loader, columns, rows, predicted = "load_wine", 13, 178, "grower"
    labels = ("class_0", "class_1", "class_2")


class BreastCancer(_Table):
    """569 tumours by thirty measures of their cells: malignant or benign?"""

    title = "Breast cancer"
    aliases = ("classification", "table", "medicine", "two classes", "binary")
    loader, columns, rows, predicted = "load_breast_cancer", 30, 569, "diagnosis"
    labels = ("malignant", "benign")


class Diabetes(_Table):
    """442 patients by ten measures, already standardised: how far has diabetes gone a year later?"""

    aliases = ("regression", "table", "medicine")
    loader, columns, rows, predicted = "load_diabetes", 10, 442, "progression"
