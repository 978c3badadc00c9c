"""Recipes: what data offers after its transforms, files of the user's own, and falling back when data changes."""

import importlib.util

import pytest

from engine.errors import DataError, EngineError, SpecError
from engine.recipe.csv_file import MAX_CATEGORIES
from engine.recipe.data import DigitImages, DigitParity, Digits
from engine.recipe.files import CSVFile, ImageFolder
from engine.recipe.generated import Blobs, Sine, TwoMoons
from engine.recipe.losses import BCEWithLogitsLoss, CrossEntropyLoss, HuberLoss, MSELoss
from engine.recipe.metrics import F1, MAE, R2, Accuracy
from engine.recipe.pictures import CIFAR10, MNIST
from engine.recipe.recipe import Recipe
from engine.recipe.source_text import assigned, quoted
from engine.recipe.suggest import with_dataset
from engine.recipe.tables import Iris, Wine
from engine.recipe.transforms import AsImage, Flatten, Reshape, Scale, Standardise, StandardiseTargets
from engine.training.events import Failed
from engine.training.look_now import looked_at
from engine.training.looked import Look, Looked
from engine.training.run import TrainingRun
from tests.engine.recipe_networks import suited
from tests.laws.scripts import ran, script_of

HAS_PILLOW = importlib.util.find_spec("PIL") is not None
HAS_TORCHVISION = importlib.util.find_spec("torchvision") is not None


def write(folder, text, name="table.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def rows(count=24):
    """A table with numbers, words, and a word to predict."""
    colours = ("red", "blue", "green")
    lines = [f"{i},{colours[i % 3]},{i * 1.5},{'yes' if i % 4 else 'no'}" for i in range(count)]
    return "\n".join(["age,colour,price,bought", *lines, ""])


def test_transforms_change_what_the_network_is_given():
    assert Recipe(transforms=(Flatten(),)).features().inputs[0].shape == (64,)
    assert Recipe(transforms=(Flatten(), AsImage())).features().inputs[0].shape == (1, 8, 8)
    assert Recipe(transforms=(Reshape(shape=(8, 8)),)).features().inputs[0].shape == (8, 8)
    seen = Recipe(dataset=Sine(), transforms=(StandardiseTargets(),)).features()
    assert seen == Sine().features()


def test_numbers_that_make_no_square_are_no_image():
    with pytest.raises(DataError, match="13 numbers make no square"):
        Recipe(dataset=Wine(), transforms=(AsImage(),)).features()


def test_a_sample_is_reshaped_only_to_as_many_numbers():
    with pytest.raises(DataError, match=r"64 numbers .*needs 63"):
        Recipe(transforms=(Reshape(shape=(7, 9)),)).features()


def test_new_data_keeps_the_losses_that_suit_it_and_replaces_the_others():
    recipe = Recipe(losses=(CrossEntropyLoss(label_smoothing=0.1),), metrics=(F1(),))
    assert with_dataset(recipe, Wine()).losses == recipe.losses
    assert with_dataset(recipe, Wine()).metrics == recipe.metrics
    regression = with_dataset(recipe, Sine())
    assert (regression.losses, regression.metrics) == ((MSELoss(),), (MAE(), R2()))
    assert with_dataset(regression.with_(losses=(HuberLoss(),)), DigitImages()).losses == (HuberLoss(),)
    several = with_dataset(recipe, DigitParity())
    assert several.losses == (CrossEntropyLoss(), CrossEntropyLoss())
    binary = recipe.with_(dataset=TwoMoons(), losses=(BCEWithLogitsLoss(),))
    assert with_dataset(binary, Iris()).losses == (CrossEntropyLoss(),)
    assert with_dataset(binary, Iris()).metrics == (F1(),)


def test_new_data_drops_the_views_that_it_cannot_be_seen_through():
    seen = Recipe(transforms=(AsImage(), Scale()))
    assert with_dataset(seen, Wine()).transforms == ()
    assert with_dataset(seen, DigitImages()).transforms == seen.transforms
    assert with_dataset(Recipe(dataset=Sine(), transforms=(StandardiseTargets(),)), Iris()).transforms == ()


@pytest.mark.parametrize("wrong", [{"classes": 1}, {"samples": 0}, {"noise": -1.0}, {"seed": -1}])
def test_options_out_of_range_are_refused(wrong):
    with pytest.raises(SpecError):
        Blobs(**wrong)


def test_a_table_is_learned_from_with_its_words_as_categories(tmp_path):
    dataset = CSVFile(path=write(tmp_path, rows()))
    features = dataset.features()
    assert features.inputs[0].shape == (1 + 3 + 1,)
    assert features.targets[0].labels == ("no", "yes")
    assert features.samples == 24
    assert len(ran(script_of(suited(dataset)))) == 2


def test_several_columns_of_a_table_are_predicted_at_once(tmp_path):
    dataset = CSVFile(path=write(tmp_path, rows()), targets="price, bought", ignored="colour")
    assert [(t.name, t.kind) for t in dataset.features().targets] == [("price", "value"), ("bought", "class")]
    figures = ran(script_of(suited(dataset, transforms=(Standardise(),))))
    assert "val_price_mae" in figures[0]
    assert "val_bought_accuracy" in figures[0]


def test_whole_numbers_are_classes_where_they_are_few_or_asked_for(tmp_path):
    path = write(tmp_path, "x;y\n" + "".join(f"{i / 7};{i % 3}\n" for i in range(30)))
    read = CSVFile(path=path, delimiter="semicolon")
    assert read.features().targets[0].labels == ("0", "1", "2")
    assert read.with_(task="value").features().targets[0].kind == "value"
    assert read.with_(targets="x").features().targets[0].kind == "value"
    assert read.with_(targets="x", task="class").features().targets[0].classes == 30


def test_columns_without_a_header_are_numbered(tmp_path):
    dataset = CSVFile(path=write(tmp_path, "1,a\n2,b\n3,a\n4,b\n5,a\n"), header=False)
    assert dataset.features().targets[0].name == "column2"
    assert len(ran(script_of(suited(dataset)))) == 2


HOLED = "a,b,c,y\n1,x,2,0\n2,?,3,1\n3,y,NA,0\n4,y,5,\n5,x,6,1\n6,x,7,0\n7,y,8,1\n"


def test_a_hole_is_an_error_that_names_row_and_column(tmp_path):
    with pytest.raises(DataError, match=r"row 3, column b: there is no value\. Mend it, or set holes"):
        CSVFile(path=write(tmp_path, HOLED)).features()


@pytest.mark.parametrize(("holes", "samples"), [("drop", 4), ("fill", 6)])
def test_holes_are_left_out_or_filled_where_asked(tmp_path, holes, samples):
    dataset = CSVFile(path=write(tmp_path, HOLED), holes=holes)
    assert dataset.features().samples == samples
    wanted = suited(dataset, validation=0.25)
    assert len(ran(script_of(wanted))) == 2
    namespace = {"__name__": "script"}
    exec(script_of(wanted).text, namespace)
    (values,), (labels,) = namespace["load_data"]()
    assert values.shape == (samples, 4)
    assert len(labels) == samples
    if holes == "fill":
        assert values[:, 1].tolist() == [2, 3, 6, 6, 7, 8]
        assert values[1, 2:].tolist() == [1, 0]


BROKEN = {
    "": "no rows of data",
    "a,b\n": "no rows of data",
    "a,b\n1,2\n3\n": "row 3: 1 values for 2 columns",
    "a,b\n1,2\n3,4\n5,six\n7,8\n": "row 4, column b: 'six' is no number",
    "a,b\n1,inf\n3,4\n5,6\n7,8\n": "row 2, column b: 'inf' is no number",
    "a,a\n1,2\n3,4\n": "two columns called a",
    "a\n1\n2\n": "only one column",
    "\na,b\n1,2\n": "begins with an empty line",
    "a,b\n1,x\n2,x\n": "every row says 'x'",
    "a,b\n?,1\n?,2\n": "row 2, column a: there is no value",
}


@pytest.mark.parametrize(("text", "words"), BROKEN.items(), ids=BROKEN.values())
def test_a_broken_table_is_refused_in_words(tmp_path, text, words):
    with pytest.raises(DataError, match=words) as error:
        CSVFile(path=write(tmp_path, text)).features()
    assert error.value.hint


def test_a_table_that_is_not_there_or_no_text_is_refused_in_words(tmp_path):
    (tmp_path / "bytes.csv").write_bytes(b"a,b\n\xff\xfe,1\n")
    for path, words in {
        "": "no file is chosen",
        str(tmp_path / "nothing.csv"): "is not there",
        str(tmp_path): "cannot be read",
        str(tmp_path / "bytes.csv"): "no text in UTF-8",
    }.items():
        with pytest.raises(DataError, match=words):
            CSVFile(path=path).features()


def test_a_column_that_is_not_there_is_named_beside_those_that_are(tmp_path):
    with pytest.raises(DataError, match=r"no column prise\. Its columns: age, colour, price, bought"):
        CSVFile(path=write(tmp_path, rows()), targets="prise").features()


def test_a_column_of_names_is_no_category(tmp_path):
    text = "name,y\n" + "".join(f"person {i},{i % 2}\n" for i in range(MAX_CATEGORIES + 1))
    with pytest.raises(DataError, match=r"column name: 1,001 different words\. Ignore name"):
        CSVFile(path=write(tmp_path, text)).features()


def test_a_table_is_read_again_when_it_has_changed(tmp_path):
    dataset = CSVFile(path=write(tmp_path, rows(12)))
    assert dataset.features().samples == 12
    write(tmp_path, rows(16))
    assert dataset.features().samples == 16
    write(tmp_path, "broken")
    with pytest.raises(DataError):
        dataset.features()


HOSTILE = 'x"""\nimport os\n', "'''", "\\", '"); import os; ("', "é\u202e", "{evil}", "a\tb"


@pytest.mark.parametrize("word", HOSTILE)
def test_words_of_a_file_are_only_ever_strings_in_the_script(tmp_path, word):
    cell = '"' + word.replace('"', '""') + '"'
    path = write(tmp_path, f"x,{cell}\n" + "".join(f"{i},{cell if i % 2 else 'b'}\n" for i in range(12)))
    source = script_of(suited(CSVFile(path=path)))
    assert "os" not in {line.strip() for line in source.text.splitlines() if line.startswith("import")}
    assert len(ran(source)) == 2


@pytest.mark.parametrize("word", ["plain", 'one "', "one '", "'\"", "\\", "tab\t", "é"])
def test_a_quoted_word_means_itself(word):
    assert eval(quoted(word)) == word
    assert eval(assigned("name", word).removeprefix("name = ")) == word


def pictures(folder, classes=("cat", "dog"), count=10):
    image = pytest.importorskip("PIL.Image")
    for brightness, name in enumerate(classes):
        (folder / name).mkdir()
        for i in range(count):
            image.new("RGB", (9 + i, 12), (40 + 150 * brightness, 30, i)).save(folder / name / f"{i}.png")
    return str(folder)


def test_pictures_are_read_from_one_folder_for_each_class(tmp_path):
    dataset = ImageFolder(path=pictures(tmp_path), size=8)
    assert dataset.features().targets[0].labels == ("cat", "dog")
    assert dataset.features().samples == 20
    options = {"batch_size": 4, "accumulate": 2, "patience": 2, "metrics": (Accuracy(), F1())}
    source = script_of(suited(dataset, transforms=(Flatten(),), losses=(BCEWithLogitsLoss(),), **options))
    assert ran(source) == ran(source)
    assert len(ran(script_of(suited(dataset, validation=0.0, shuffle=False)))) == 2


@pytest.mark.parametrize("mode", ["thread", "process"])
def test_a_run_on_pictures_that_cannot_all_be_read_names_the_file(tmp_path, mode):
    folder = tmp_path / "pictures"
    folder.mkdir()
    dataset = ImageFolder(path=pictures(folder), size=8)
    (folder / "cat" / "torn.png").write_bytes(b"no picture")
    with TrainingRun(suited(dataset, device="cpu"), runs_dir=tmp_path / "runs", mode=mode) as run:
        run.start()
        last = list(run.events())[-1]
    assert isinstance(last, Failed)
    assert "torn.png" in last.message
    assert last.message.startswith("A sample cannot be read")


def test_a_run_on_pictures_can_be_looked_into(tmp_path):
    dataset = ImageFolder(path=pictures(tmp_path), size=8)
    project = suited(dataset, device="cpu")
    kept, events = looked_at(project, None, Look(embedding=True), trusted=True)
    (event,) = [event for event in events if isinstance(event, Looked)]
    assert event.problem == ""
    data = kept._looker.run.parts["validation_data"].dataset
    assert event.sample.count == len(data)
    assert event.sample.inputs[0].kind == "colour"
    assert event.sample.target == str(int(data[0][1]))


def test_what_needs_all_samples_at_once_cannot_be_used_on_pictures_read_one_by_one(tmp_path):
    recipe = Recipe(dataset=ImageFolder(path=pictures(tmp_path)), transforms=(Standardise(),))
    with pytest.raises(DataError, match="needs all samples at once"):
        recipe.features()


def test_a_folder_without_classes_is_refused_in_words(tmp_path):
    for folder, words in {"": "no folder", str(tmp_path / "none"): "not there", str(tmp_path): "0 folders"}.items():
        with pytest.raises(DataError, match=words if HAS_PILLOW else "Pillow"):
            ImageFolder(path=folder).features()


def test_a_class_without_pictures_is_named(tmp_path):
    path = pictures(tmp_path)
    (tmp_path / "fish").mkdir()
    with pytest.raises(DataError, match=r"fish holds no picture"):
        ImageFolder(path=path).features()


@pytest.mark.parametrize("dataset", [MNIST(), CIFAR10()], ids=lambda d: d.key)
def test_pictures_of_torchvision_say_what_they_need(dataset, tmp_path):
    if not HAS_TORCHVISION:
        with pytest.raises(DataError, match=r"needs torchvision.*vision"):
            dataset.features()
    here = dataset.with_(root=str(tmp_path / "file"))
    (tmp_path / "file").write_text("in the way of a download")
    namespace = {}
    exec("import torch\nTensor, Tensors = torch.Tensor, tuple\n" + here.emit().source, namespace)
    with pytest.raises(RuntimeError, match=f"{dataset.key} cannot be loaded into .*file: "):
        namespace["load_data"]()


def test_every_refusal_of_data_is_an_error_for_people():
    for dataset in (CSVFile(), ImageFolder()):
        with pytest.raises(EngineError) as error:
            dataset.features()
        assert error.value.hint


def test_digits_are_the_first_choice():
    assert Recipe().dataset == Digits()
