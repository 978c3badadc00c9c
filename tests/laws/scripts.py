"""One project for every choice a recipe offers, and for the combinations that change the script."""

from engine.analysis.infer import infer
from engine.codegen.script import script
from engine.codegen.source import Source
from engine.document.project import Project
from engine.recipe.base import Dataset, Loss, Metric, Optimizer, Schedule
from engine.recipe.data import DigitPairs, DigitParity, Digits
from engine.recipe.files import CSVFile, ImageFolder
from engine.recipe.generated import Sine
from engine.recipe.losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, L1Loss
from engine.recipe.metrics import F1, Accuracy
from engine.recipe.optimizers import Adagrad
from engine.recipe.pictures import CIFAR10, MNIST, FashionMNIST
from engine.recipe.schedules import OneCycle, Plateau, Step, WarmUp
from engine.recipe.tables import BreastCancer, Diabetes, Wine
from engine.recipe.transforms import AsImage, Flatten, Reshape, Scale, Standardise, StandardiseTargets
from tests.engine.recipe_networks import suited
from tests.laws.special_scripts import special

FROM_OUTSIDE = (CSVFile, ImageFolder, MNIST, FashionMNIST, CIFAR10)
EVERY_METRIC = tuple(metric() for metric in Metric.registry.values())
DATA_FOR = {"class": Wine, "hot": Wine, "list": Wine, "binary": BreastCancer, "sign": BreastCancer, "value": Sine}
VIEWS = (Scale(factor=0.5), Flatten(), AsImage(), Reshape(shape=(8, 8)))


def cases() -> dict[str, Project]:
    """Projects by the name of what is special about them."""
    found = {d.key: suited(d()) for d in Dataset.registry.values() if d not in FROM_OUTSIDE}
    for loss in Loss.registry.values():
        if loss.others or loss.wants not in DATA_FOR:
            continue
        data = DATA_FOR[loss.wants]()
        found[loss.key] = suited(data, losses=(loss(),), metrics=EVERY_METRIC, transforms=(Standardise(),))
    found |= {o.key: suited(Wine(), optimizer=o()) for o in Optimizer.registry.values() if o.key != "SparseAdam"}
    found |= {s.key: suited(Wine(), schedule=s()) for s in Schedule.registry.values()}
    two = (CrossEntropyLoss(label_smoothing=0.1), BCEWithLogitsLoss(factor=0.25))
    both = (Standardise(), StandardiseTargets())
    return (
        found
        | special()
        | {
            "views": suited(Digits(), transforms=VIEWS, dropout=0.2),
            "targets seen": suited(Diabetes(), transforms=both, metrics=EVERY_METRIC),
            "two losses": suited(DigitParity(), losses=two, metrics=(Accuracy(), F1())),
            "one loss halved": suited(Sine(), losses=(L1Loss(factor=0.5),)),
            "probability": suited(BreastCancer(), losses=(BCELoss(),), transforms=(Standardise(),)),
            "no figures": suited(Wine(), metrics=()),
            "accumulated": suited(DigitPairs(), accumulate=3, clip=1.0),
            "no validation": suited(
                Wine(), validation=0.0, patience=1, schedule=Plateau(), transforms=(Standardise(),)
            ),
            "in order": suited(Wine(), shuffle=False, patience=1, schedule=WarmUp(then="constant")),
            "in order, all": suited(Wine(), shuffle=False, validation=0.0, schedule=Step(step_size=1)),
            "bfloat16": suited(DigitPairs(), precision="bfloat16", accumulate=2, schedule=OneCycle()),
            "bfloat16, two losses": suited(DigitParity(), precision="bfloat16"),
            "float16": suited(Wine(), precision="float16"),
            "float16 anywhere": suited(Wine(), precision="float16", device="auto", clip=0.5),
            "anywhere": suited(Wine(), optimizer=Adagrad(), device="auto"),
        }
    )


def script_of(project: Project) -> Source:
    """The script of a project that has no problems and is trusted."""
    analysis = infer(project, trusted=True)
    assert analysis.is_valid, [problem.message for problem in analysis.problems]
    return script(project, analysis)


def ran(source: Source, epochs: int = 2, **options) -> list[str]:
    """The reports of a run in this process."""
    namespace = {"__name__": "script"}
    exec(compile(source.text, "<script>", "exec"), namespace)
    run = namespace["setup"](epochs=epochs, **options)
    events = namespace["train"](*run, epochs=epochs)
    return [namespace["report"](event, epochs) for event in events if isinstance(event, dict)]
