"""The functions that an Op node may call: those of the installed torch, none that is dangerous; and they run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine.analysis.execute import outcome
from engine.analysis.operations import operations
from engine.codegen.memo import option_texts
from engine.document.files import dumps, loads
from engine.errors import EngineError, SpecError
from engine.expr import Expr
from engine.layers.base import Layer, Names
from engine.layers.op import Op
from engine.layers.operations import functions, signatures, torch_version
from engine.spec import load_value
from engine.tensor import NumberSpec, TensorSpec
from tests.engine.drawing import Drawing
from tests.laws.real import compute, is_as_inferred, tensor

ROWS, SQUARE, LONG = TensorSpec(("B", 4, 6)), TensorSpec(("B", 4, 4)), TensorSpec(("B", 4), "int64")
INPUTS = {
    "x": ROWS, "y": ROWS, "z": ROWS, "s": SQUARE, "t": SQUARE, "v": TensorSpec((4,)), "w": TensorSpec((4,)),
    "i": LONG, "m": TensorSpec(("B", 4, 6), "bool"), "c": TensorSpec(("B", 4, 6), "complex64"), "n": NumberSpec.of(2),
    "b": NumberSpec.of("B"), "image": TensorSpec(("B", 3, 8, 8)), "kernel": TensorSpec((5, 3, 3, 3)),
    "labels": TensorSpec(("B",), "int64"), "scores": TensorSpec(("B", 7)), "signal": TensorSpec(("B", 3, 12)),
    "k": TensorSpec(("B", 4, 6), "int64"),
}  # fmt: skip

CALLS = (Path(__file__).parent / "operation_calls.txt").read_text(encoding="utf-8").splitlines()


def op(call: str) -> Op:
    made = Op(call=call).rewired(())
    return made.with_(results=4) if call == "x.unbind(1)" else made


def statement(layer: Op) -> tuple[str, ...]:
    wires = {name: name for name in layer.wires}
    return layer.emit(Names("", wires, {p.name: p.name for p in layer.ports_out()}, option_texts(layer, wires)))


def test_the_table_is_long_and_names_a_function_once_a_row():
    assert len(set(CALLS)) == len(CALLS) >= 150
    assert len({Op(call=call).function for call in CALLS}) >= 150


@pytest.mark.parametrize("call", CALLS)
def test_a_call_has_the_shapes_of_a_real_run(call):
    layer = op(call)
    inputs = {name: INPUTS[name] for name in layer.wires}
    found = outcome(layer, inputs)
    assert found.error is None, (found.error.message, found.error.detail)
    outputs, _ = compute(layer, {}, {name: tensor(spec) for name, spec in inputs.items()})
    for port, value in outputs.items():
        assert is_as_inferred(value, found.outputs[port]), port


def test_the_text_of_every_call_is_formatted(tmp_path):
    lines = [line for call in CALLS for line in statement(op(call))]
    file = tmp_path / "calls.py"
    file.write_text("\n".join(line for line in lines if len(line) <= 88) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(file)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stdout


def test_the_list_is_that_of_the_installed_torch():
    if torch_version() != ".".join(torch.__version__.split("+")[0].split(".")[:2]):
        pytest.skip(
            f"the list is of torch {torch_version()}; new here: {sorted(operations().keys() - functions())[:20]}"
        )
    assert operations() == dict(functions()), "run python -m engine.analysis.operations"


def test_every_line_of_the_list_can_be_read():
    for name in functions():
        for way in signatures(name):
            assert way.results, name
            assert all(argument.name.isidentifier() and argument.type for argument in way.arguments), name


_DANGEROUS = """
    torch.load torch.save torch.hub.load torch.compile torch.from_file torch.ops.load_library torch.set_num_threads
    torch.set_default_dtype torch.manual_seed torch.seed torch.set_rng_state torch.get_rng_state torch.jit.load
    torch.package torch.utils.cpp_extension.load torch.export.load torch.from_numpy torch.frombuffer
    torch.classes.load_library torch.fork torch.multiprocessing.spawn torch.distributed.init_process_group
    torch.cuda.memory._snapshot torch.library.define torch.add_ torch.relu_ torch.empty torch.set_flush_denormal
    torch.use_deterministic_algorithms torch._C._jit_get_all_schemas torch.serialization.load torch.onnx.export
    torch.func.vmap torch.autograd.grad torch.set_printoptions torch.sys.exit Tensor.numpy Tensor.tolist Tensor.item
    Tensor.data_ptr Tensor.set_ Tensor.backward Tensor.register_hook Tensor.tofile Tensor.__reduce__
    Tensor.__reduce_ex__ Tensor.__setstate__ Tensor.storage Tensor.untyped_storage Tensor.share_memory_
    Tensor.apply_ Tensor.map_ Tensor.cuda Tensor.resize_ Tensor.copy_ Tensor.zero_ Tensor.__class__ Tensor.from_file
    Tensor.as_subclass Tensor.module_load Tensor.pin_memory Tensor.requires_grad_ F.torch F.os F.warnings
    F.importlib
"""
DANGEROUS = _DANGEROUS.split()


@pytest.mark.parametrize("name", DANGEROUS)
def test_what_is_dangerous_is_not_on_the_list_and_refused_in_a_file(name):
    assert name not in functions()
    receiver, _, method = name.rpartition(".")
    call = f"a.{method}()" if receiver == "Tensor" else f"{name}(a)"
    with pytest.raises(SpecError):
        Op(call=call)


@pytest.mark.parametrize(
    "call",
    [
        *("os.system('x')", "__import__('os')", "a.b.c()", "torch.cat(open('x'))", "torch.cat(a)[0]", "torch.cat(*a)"),
        *("torch.cat(a).cpu()", "torch.cat([torch.load('x')])", "torch.cat(**a)", "(lambda: 0)()", "torch.cat(a); b()"),
        *("f()", "a", "a.softmax", "torch.cat(a, b=[i for i in x])", "torch.cat(self.weights)", "torch.cat(torch.os)"),
    ],
)
def test_no_code_hides_in_a_call(call):
    with pytest.raises(SpecError):
        Op(call=call)
    text = json.loads(dumps(drawn("torch.logaddexp(a, b)")))
    node = next(n for n in text["blocks"]["model"]["nodes"] if n["name"] == "op")
    node["layer"]["call"] = call
    with pytest.raises(EngineError):
        loads(json.dumps(text))


@pytest.mark.parametrize(("kind", "option"), [("Op", "call"), ("Index", "index"), ("Buffer", "values")])
def test_no_plain_expression_stands_for_text_of_python(kind, option):
    layer = Layer.registry[kind]
    with pytest.raises(SpecError):
        layer(**{option: Expr("a + b")})
    with pytest.raises(SpecError):
        load_value(layer.params[option], {"expr": "a + b"}, kind)


def drawn(call: str):
    d = Drawing("Model")
    x = d.input("x", 4)
    d.output("out", d.add("op", Op(call=call).rewired(()), x, x))
    return d.project()


def test_a_project_with_an_op_comes_back_from_its_file():
    project = drawn("torch.cat([a, b], dim=1)")
    assert loads(dumps(project)) == project


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("torch.cat([x, y], dime=1)", "torch.cat has no argument dime; it takes tensors, dim."),
        ("torch.cat([x, y], 1, 2)", "torch.cat takes 2 plain arguments, not 3."),
        ("torch.cat(dim=1)", "torch.cat needs tensors."),
        ("torch.cat(x)", "torch.cat: tensors must be tensors in a list, not x."),
        ("x.softmax(1.5)", "Tensor.softmax: dim must be a whole number, not 1.5."),
        ("F.pad(x, 'one')", "F.pad: pad must be numbers in parentheses, not 'one'."),
        ("F.gelu(x, approximate=1)", "F.gelu: approximate must be a word, not 1."),
        ("torch.logaddexp(x, n)", "Needs a tensor, gets the number 2."),
        ("torch.topk(x, y)", "torch.topk: k must be a whole number, and a number on a wire, not y."),
        ("torch.logaddexp(x, s)", "torch.logaddexp cannot take B × 4 × 6, B × 4 × 4."),
    ],
)
def test_a_call_that_does_not_fit_is_refused_by_its_argument(call, message):
    layer = Op(call=call).rewired(())
    found = outcome(layer, {name: INPUTS[name] for name in layer.wires})
    assert found.error is not None
    assert found.error.message == message
