"""Everything that needs no window, as a person or another program calls it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli import COMMANDS, run
from engine.document.files import dumps, load, save
from engine.document.paths import set_by_path
from engine.document.schema import schema

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "resources" / "examples").glob("*.netsmith"))
NAMES = [path.stem for path in EXAMPLES]
BLOCKER = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("engine", "gui"):
            raise ImportError(name + " is not to be had here")
sys.meta_path.insert(0, Nothing())
import runpy
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture
def call(capsys):
    """Runs a command. Returns: exit code, what stands on stdout, what stands on stderr."""

    def call(*words):
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def broken(tmp_path):
    """A project whose head gives one score too few."""
    project = load(EXAMPLES[NAMES.index("wine-mlp")])
    head = [n.name for n in project.block().graph.nodes.values() if n.layer.key == "Linear"][-1]
    path = tmp_path / "broken.netsmith"
    save(set_by_path(project, f"{head}.out_features=2")(project), path)
    return path


def alone(script, *words):
    """Run a script where neither engine nor gui can be imported. Returns: its stdout."""
    command = [sys.executable, "-c", BLOCKER, str(script), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=script.parent).stdout


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(call, command):
    code, out, _ = call(command, "--help")
    assert code == 0
    assert "usage: netsmith" in out


def test_a_command_that_does_not_exist_is_wrong_usage(call):
    code, _, err = call("fly")
    assert code == 2
    assert "fly" in err


def test_examples_are_listed_with_a_line_each_and_copied_out(call, tmp_path):
    code, out, _ = call("examples")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == NAMES
    assert all(len(line.split()) > 3 for line in out.splitlines())
    target = tmp_path / "mine.netsmith"
    assert call("examples", "wine-mlp", "-o", target)[0] == 0
    assert dumps(load(target)) == EXAMPLES[NAMES.index("wine-mlp")].read_text(encoding="utf-8")


def test_the_catalogue_has_the_documented_form(call):
    code, out, _ = call("layers", "--json")
    layers = json.loads(out)
    assert code == 0
    assert len(layers) > 60
    form = {"key", "title", "category", "target", "aliases", "help", "use", "formula", "inputs", "outputs", "params"}
    assert all(set(layer) == form for layer in layers)
    param = {"name", "kind", "default", "min", "max", "choices", "help"}
    assert all(set(p) == param for layer in layers for p in layer["params"])


def test_the_ready_blocks_are_listed_and_found_by_their_papers(call):
    assert len(call("blocks")[1].splitlines()) > 25
    code, out, _ = call("blocks", "--json", "squeeze-and-excitation", "networks")
    block = json.loads(out)[0]
    assert code == 0
    assert block["name"] == "SqueezeExcite"
    assert set(block) == {"key", "name", "tags", "aliases", "help", "inputs", "outputs", "references", "params"}
    assert block["references"][0]["arxiv"] == "1709.01507"
    assert {p["name"] for p in block["params"]} == {"channels", "reduction", "act", "gate"}


def test_layers_are_listed_by_kind_and_found_by_a_word(call):
    code, out, _ = call("layers", "--kind", "recurrent")
    assert code == 0
    assert [line for line in out.splitlines() if line and line[0] != " "] == ["recurrent (6)"]
    _, found, _ = call("layers", "attention", "--json")
    assert "MultiheadAttention" in [layer["key"] for layer in json.loads(found)]


def test_a_layer_that_is_named_is_shown_whole(call):
    _, out, _ = call("layers", "lstmcell")
    assert out.startswith("LSTMCell (recurrent)  nn.LSTMCell\n")
    assert "takes input, h0, c0; gives h, c\n" in out
    code, _, error = call("layers", "no-such-layer")
    assert code != 0
    assert "No layer matches no-such-layer." in error


def test_the_schema_is_the_one_that_files_are_read_by(call):
    assert json.loads(call("schema")[1]) == json.loads(json.dumps(schema()))


@pytest.mark.parametrize("name", NAMES)
def test_check_finds_no_problem_in_an_example(call, name):
    code, out, _ = call("check", name, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["problems"] == []
    assert found["totals"]["parameters"] == sum(n["parameters"] for n in found["nodes"] if "." not in n["path"])
    assert all(spec["shape"] for node in found["nodes"] for spec in node["outputs"].values())
    form = {"path", "layer", "outputs", "parameters", "flops", "activation_bytes", "kept_bytes", "sees"}
    assert all(set(node) == form for node in found["nodes"])


def test_check_names_nodes_inside_blocks_by_path(call):
    found = json.loads(call("check", "digits-cnn", "--json")[1])
    paths = [node["path"] for node in found["nodes"]]
    assert "stage" in paths
    assert any(path.startswith("stage.0.") for path in paths)
    assert any(path.startswith("stage.2.") for path in paths)


def test_check_tells_a_problem_and_its_repairs_and_exits_with_one(call, broken):
    code, out, _ = call("check", broken, "--json")
    problems = json.loads(out)["problems"]
    assert code == 1
    assert problems[0]["severity"] == "error"
    assert problems[0]["message"]
    assert problems[0]["repairs"]
    assert call("check", broken)[0] == 1


def test_a_broken_network_is_not_trained_and_says_why(call, broken, tmp_path):
    code, out, err = call("train", broken, "--runs", tmp_path / "runs")
    assert code == 1
    assert out == ""
    assert "Traceback" not in err
    assert err.startswith("netsmith: ")


@pytest.mark.parametrize("name", NAMES)
def test_an_example_trains_and_its_export_prints_the_same_lines_by_itself(call, tmp_path, name):
    changes = ("--epochs", 2, "--seed", 3, "--device", "cpu")
    code, out, err = call("train", name, *changes, "--runs", tmp_path / "runs")
    assert code == 0, err
    assert [line.split()[1] for line in out.splitlines()] == ["1/2", "2/2"]
    script = tmp_path / "alone.py"
    assert call("export", name, *changes, "-o", script)[0] == 0
    assert alone(script) == out


def test_a_run_told_as_json_can_be_looked_up_afterwards(call, tmp_path):
    runs = tmp_path / "runs"
    code, out, _ = call("train", "mlp-moons", "--epochs", 2, "--device", "cpu", "--runs", runs, "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [e["event"] for e in events if e["event"] != "checkpoint"] == ["started", "epoch", "epoch", "ended"]
    last = [e for e in events if e["event"] == "epoch"][-1]
    assert events[-1]["metrics"]["val_accuracy"] == last["val_accuracy"]
    listed = json.loads(call("runs", "--runs", runs, "--json")[1])
    assert [r["id"] for r in listed] == [events[-1]["run"]]
    shown = json.loads(call("runs", "show", events[-1]["run"][:15], "--runs", runs, "--json")[1])
    assert shown["metrics"] == events[-1]["metrics"]
    assert [row["epoch"] for row in shown["history"]] == [1, 2]
    assert "torch" in shown["versions"]
    assert "def train(" in Path(shown["script"]).read_text(encoding="utf-8")


def test_a_run_in_a_process_prints_the_same_lines(call, tmp_path):
    changes = ("--epochs", 1, "--device", "cpu", "--runs", tmp_path / "runs")
    assert call("train", "wine-mlp", *changes)[1] == call("train", "wine-mlp", *changes, "--process")[1]


def test_any_option_can_be_set_by_its_path(call):
    changed = ("--set", "recipe.optimizer.lr=0.5", "--set", "params.classes=12")
    before = json.loads(call("check", "digits-cnn", "--json")[1])["totals"]["parameters"]
    after = json.loads(call("check", "digits-cnn", "--json", *changed)[1])["totals"]["parameters"]
    assert after > before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", "nowhere.netsmith"), "nowhere.netsmith"),
        (("check", "digits-cnn", "--set", "recipe.optimiser.lr=1"), "optimiser"),
        (("check", "digits-cnn", "--set", "stem.out_channels=0"), "out_channels"),
        (("train", "digits-cnn", "--device", "abacus"), "device"),
        (("runs", "show", "nothing"), "nothing"),
        (("examples", "nothing"), "nothing"),
        (("export", "mlp-moons", "-o", "/nowhere/at/all.py"), "all.py"),
    ],
)
def test_an_error_is_one_clear_line_and_exit_code_one(call, words, said):
    code, out, err = call(*words)
    assert code == 1
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert said in err


def test_debug_shows_where_an_error_arose(call):
    assert "Traceback" in call("check", "nowhere.netsmith", "--debug")[2]


def test_code_of_the_users_runs_only_once_it_is_trusted(call, tmp_path):
    text = (Path(__file__).parent / "with_code.netsmith").read_text(encoding="utf-8")
    path = tmp_path / "code.netsmith"
    path.write_text(text, encoding="utf-8")
    marks = ("--epochs", 1, "--device", "cpu", "--runs", tmp_path / "runs")
    code, _, err = call("train", path, *marks)
    assert code == 1
    assert "trust" in err
    assert call("train", path, *marks, "--trust")[0] == 0
    assert call("train", path, *marks)[0] == 0


@pytest.mark.parametrize("words", [("show",), ("list", "x")])
def test_wrong_usage_of_runs_is_told_where_errors_are(call, words):
    code, out, err = call("runs", *words)
    assert (code, out) == (2, "")
    assert "error:" in err


def test_runs_that_cannot_be_read_are_refused_in_words(call, tmp_path):
    (tmp_path / "runs.sqlite").write_text("no database")
    for folder in (tmp_path, tmp_path / "runs.sqlite"):
        code, out, err = call("runs", "--runs", folder)
        assert (code, out) == (1, "")
        assert str(folder) in err
        assert "unexpected" not in err


def test_a_run_that_could_not_be_kept_has_no_id_to_look_up(call, tmp_path):
    words = ("train", "mlp-moons", "--epochs", 1, "--runs", tmp_path)
    code, _, err = call(*words, "--resume", "nothing")
    assert (code, len(err.splitlines())) == (1, 1)
    assert json.loads(call(*words, "--resume", "nothing", "--json")[1].splitlines()[-1])["run"] == ""
    assert call("runs", "--runs", tmp_path)[1].startswith("Every run is kept here")


def test_output_that_cannot_be_written_is_an_error_in_words(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("only where there is a device that is always full")
    command = [sys.executable, "-m", "main", "examples"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def test_the_largest_batch_for_a_given_memory_grows_with_it(call):
    batches = []
    for size in ("8", "24"):
        totals = json.loads(call("check", "digits-cnn", "--json", "--memory", size)[1])["totals"]
        batches.append(totals["largest_batch"]["batch"])
        assert sum(totals["memory"].values()) == totals["training_bytes"]
    assert 0 < batches[0] < batches[1]


def test_memory_is_told_in_a_unit_that_suits_it(call):
    assert "36.4 kB to train" in call("check", "mlp-moons")[1]


def test_several_projects_are_trained_one_after_the_other_whatever_becomes_of_the_first(call, tmp_path):
    both, words = ("mlp-moons", "wine-mlp"), ("--epochs", 1, "--runs", tmp_path)
    code, out, err = call("train", *both, "--device", "mps", *words)
    assert (code, out) == (1, "")
    assert [line for line in err.splitlines() if line.startswith("training ")] == [f"training {name}" for name in both]
    code, out, _ = call("train", *both, "--device", "cpu", *words)
    alone = [call("train", name, "--device", "cpu", *words)[1] for name in both]
    assert (code, out) == (0, "".join(alone))
    assert call("train", *both, "--resume", "x")[0] == 1
