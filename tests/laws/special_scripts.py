"""Projects whose training is out of the ordinary: layers with ways of their own, phases, heads, rare optimizers."""

from engine.document.edits import SetWeights
from engine.document.project import Project
from engine.graph.block import Block
from engine.graph.graph import BlockId
from engine.layers.base import Layer
from engine.layers.block import BlockLayer, Shared
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.recipe.base import Loss, Optimizer, Schedule
from engine.recipe.data import Digits
from engine.recipe.generated import Sine, TwoMoons
from engine.recipe.losses import BCEWithLogitsLoss, CrossEntropyLoss, FromCanvas, MSELoss, NoLoss
from engine.recipe.losses_pairs import CosineEmbeddingLoss, GaussianNLLLoss
from engine.recipe.metrics import Accuracy
from engine.recipe.optimizers import SGD, Adam, RMSprop
from engine.recipe.optimizers_special import LBFGS, Muon, SparseAdam
from engine.recipe.phases import Part
from engine.recipe.recipe import Recipe
from engine.recipe.schedules import Cosine, OneCycle, Plateau, Step
from engine.recipe.schedules_joined import Sequential
from engine.recipe.schedules_more import Cyclic, Exponential, Lambda
from engine.recipe.schedules_more import Linear as Ramp
from engine.recipe.tables import Wine
from engine.recipe.transforms import Noise, Standardise
from tests.engine.networks import chain, graph, project
from tests.engine.recipe_networks import suited


def layer(key: str, **options: object) -> Layer:
    return Layer.registry[key](**options)


def changed(given: Project, *edits: SetWeights) -> Project:
    """The project after some edits."""
    for edit in edits:
        given = edit(given)
    return given


def recipe(dataset: object, **options: object) -> Recipe:
    return Recipe(**{"dataset": dataset, "device": "cpu", "epochs": 2, "metrics": (), **options})


def words(optimizer: Optimizer, **options: object) -> Project:
    """Looks up whether numbers are large: an embedding with sparse gradients."""
    body = {"x": Input(), "squash": layer("Sigmoid"), "which": layer("Cast", dtype="int64")}
    body |= {"look": layer("Embedding", num_embeddings=2, embedding_dim=4, sparse=True), "flat": layer("Flatten")}
    body |= {"head": Linear(out_features=3), "out": Output()}
    return project(chain(**body), recipe=recipe(Wine(), optimizer=optimizer, **options))


def heads() -> Project:
    """One target, two heads: the one further down counts in training only, at less weight."""
    nodes = {"x": Input(), "flat": layer("Flatten"), "stem": Linear(out_features=16), "act": layer("ReLU")}
    nodes |= {"aux": Linear(out_features=10), "deep": Linear(out_features=16), "head": Linear(out_features=10)}
    nodes |= {"main": Output(), "aside": Output()}
    wires = ["x -> flat", "flat -> stem", "stem -> act", "act -> aux", "act -> deep", "deep -> head"]
    losses = (CrossEntropyLoss(), CrossEntropyLoss(factor=0.3, against="digit", training_only=True))
    given = graph(nodes, *wires, "head -> main", "aux -> aside")
    return project(given, recipe=recipe(Digits(), losses=losses, metrics=(Accuracy(),)))


def dense(inside: str, *sizes: int) -> Block:
    """A block of Linears with ReLU between them."""
    body: dict[str, Layer] = {"x": Input()}
    for i, size in enumerate(sizes):
        body |= {f"fc{i}": Linear(out_features=size)}
        body |= {f"act{i}": layer("LeakyReLU")} if i < len(sizes) - 1 else {}
    return Block(BlockId(inside), inside.title(), (), chain(**body, out=Output()))


def gan(**options: object) -> Project:
    """A generator of points and a discriminator of them, trained in turn."""
    nodes = {"points": Input(), "noise": Input(), "generator": BlockLayer(block="generator")}
    nodes |= {"discriminator": BlockLayer(block="discriminator"), "again": Shared(node="discriminator")}
    nodes |= {"real": Output(), "fake": Output(), "made": Output()}
    wires = ["noise.out -> generator.x", "points.out -> discriminator.x", "generator.out -> again.x"]
    wires += ["discriminator.out -> real.x", "again.out -> fake.x", "generator.out -> made.x"]
    real, fake = BCEWithLogitsLoss(against="ones"), BCEWithLogitsLoss(against="zeros")
    first = Part(name="discriminator", trains=("discriminator",), losses=(real, fake, NoLoss()), optimizer=Adam())
    second = Part(name="generator", trains=("generator",), losses=(NoLoss(), real, NoLoss()), optimizer=Adam())
    ways = {"phases": (first, second)} | options
    phases = ways.pop("phases")
    phases = tuple(p.with_(**ways.pop(p.name, {})) for p in phases)
    how = recipe(TwoMoons(samples=200), transforms=(Noise(size=(4,)),), phases=phases, **ways)
    return project(graph(nodes, *wires), dense("generator", 8, 2), dense("discriminator", 8, 1), recipe=how)


def drawn(**options: object) -> Project:
    """A loss drawn on the canvas: the targets come in beside the samples, and one output is what is made small."""
    nodes = {"x": Input(), "digit": Input(source="targets"), "flat": layer("Flatten"), "head": Linear(out_features=10)}
    nodes |= {"surprise": layer("CrossEntropyLoss", label_smoothing=0.1), "size": layer("L1Loss")}
    nodes |= {"none": layer("Multiply"), "zero": layer("Constant", value=0.0), "sum": layer("Add")}
    nodes |= {"scores": Output(), "loss": Output()}
    wires = ["x -> flat", "flat -> head", "head -> surprise.input", "digit -> surprise.target", "head -> none.inputs:0"]
    wires += ["zero -> none.inputs:1", "head -> size.input", "none -> size.target", "surprise -> sum.inputs:0"]
    given = graph(nodes, *wires, "size -> sum.inputs:1", "head -> scores", "sum -> loss")
    losses = (NoLoss(is_a="scores"), FromCanvas(factor=0.5))
    return project(given, recipe=recipe(Digits(), losses=losses, metrics=(Accuracy(),), **options))


def unsure() -> Project:
    """A number and how sure it is: two outputs, one loss."""
    nodes = {"x": Input(), "hidden": Linear(out_features=8), "act": layer("Tanh"), "mean": Linear(out_features=1)}
    nodes |= {"width": Linear(out_features=1), "positive": layer("Softplus"), "y_mean": Output(), "var": Output()}
    wires = ["x -> hidden", "hidden -> act", "act -> mean", "act -> width", "width -> positive"]
    given = graph(nodes, *wires, "mean -> y_mean", "positive -> var")
    return project(given, recipe=recipe(Sine(), losses=(GaussianNLLLoss(), NoLoss())))


def pairs() -> Project:
    """Two outputs held against each other, by a target of yes and no."""
    nodes = {"x": Input(), "a": Linear(out_features=4), "b": Linear(out_features=4), "one": Output(), "other": Output()}
    given = graph(nodes, "x -> a", "x -> b", "a -> one", "b -> other")
    return project(given, recipe=recipe(TwoMoons(samples=200), losses=(CosineEmbeddingLoss(), NoLoss())))


def three(loss: Loss) -> Project:
    """An anchor, one that is alike and one that is not."""
    nodes = {"x": Input(), "a": Linear(out_features=4), "b": Linear(out_features=4), "c": Linear(out_features=4)}
    nodes |= {"anchor": Output(), "positive": Output(), "negative": Output()}
    given = graph(nodes, "x -> a", "x -> b", "x -> c", "a -> anchor", "b -> positive", "c -> negative")
    return project(given, recipe=recipe(TwoMoons(samples=200), losses=(loss, NoLoss(), NoLoss())))


def special() -> dict[str, Project]:
    """Projects by the name of what is special about them."""
    weighted = CrossEntropyLoss(weight=(1.0, 2.0, 0.5), ignore_index=0, reduction="sum")
    lbfgs = LBFGS(max_iter=3, line_search_fn="strong_wolfe")
    slow = (SetWeights(["hidden"], "lr_factor", 0.1), SetWeights(["head0"], "weight_decay", 0.0))
    joined: Schedule = Sequential(schedulers=(Ramp(total_iters=2, per="step"), Cosine(per="step")), milestones=(2,))
    critic = {"every": 3, "optimizer": RMSprop(), "schedule": OneCycle()}
    found = {
        "weighted classes": suited(Wine(), losses=(weighted,)),
        "closure": suited(Wine(), optimizer=lbfgs, clip=1.0, transforms=(Standardise(),)),
        "closure, accumulated": suited(Wine(), optimizer=lbfgs, accumulate=2, schedule=Step(step_size=1, per="step")),
        "own ways": changed(suited(Wine(), schedule=OneCycle(), decay="matrices"), *slow),
        "own ways, cyclic": changed(suited(Wine(), optimizer=SGD(), schedule=Cyclic()), *slow),
        "frozen": changed(suited(Wine()), SetWeights(["hidden"], "frozen", True)),
        "matrices": changed(suited(Wine(), optimizer=Muon(), schedule=joined), *slow),
        "decay of matrices": suited(Wine(), decay="matrices"),
        "formula": suited(Wine(), schedule=Lambda(lr_lambda="min(1, (epoch + 1) / (epochs // 2))", per="step")),
        "sparse": words(SparseAdam(), schedule=Exponential()),
        "sparse, descended": words(SGD()),
        "heads": heads(),
        "drawn": drawn(),
        "drawn, accumulated": drawn(accumulate=2, clip=1.0),
        "variance": unsure(),
        "pairs": pairs(),
        "adversaries": gan(),
        "a slow adversary": gan(generator=critic, clip=1.0, metrics=(Accuracy(),)),
        "adversaries, accumulated": gan(accumulate=2, precision="bfloat16", validation=0.0),
        "adversaries watched": gan(patience=3, discriminator={"schedule": Plateau(patience=0)}),
        "adversary in closures": gan(discriminator={"optimizer": lbfgs}, generator={"optimizer": Muon()}),
        "one phase": suited(Sine(), phases=(Part(name="all", losses=(MSELoss(),)),)),
    }
    triples = [loss() for loss in Loss.registry.values() if loss.key.startswith("Triplet")]
    found |= {loss.key: three(loss) for loss in triples}
    return found
