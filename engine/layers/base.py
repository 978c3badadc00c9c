"""What a layer is: its ports, its options, and the text it contributes to a PyTorch module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from engine.expr import Expr
from engine.spec import Param, Spec
from engine.tensor import TensorSpec

PortKind = Literal["required", "optional", "many"]
Carries = Literal["tensor", "number", "any"]


@dataclass(frozen=True)
class Port:
    """A place where a wire ends. `name` is a Python identifier; "many" takes any number of wires, in order.

    carries: what goes through it, a tensor, a Python number such as a size, or either of the two.
    """

    name: str
    kind: PortKind = "required"
    help: str = ""
    carries: Carries = "tensor"

    def why_not(self, source: Port) -> str | None:
        """Why nothing that comes out of `source` can go in here, None where it can or is not known."""
        if self.carries == "tensor" and source.carries == "number":
            return f"{self.name} needs a tensor, and {source.name} is a number."
        if self.carries == "number" and source.carries == "tensor":
            return f"{self.name} needs a number such as a size, and {source.name} is a tensor."
        return None


@dataclass(frozen=True, slots=True)
class Call:
    """A call in the generated text: `nn.Conv2d(1, 32, 3, padding="same")`.

    positional: values in order, written without a name; named: written as name=value.
    A value is a literal, an Expr, a `Derived`, a `Word`, or another Call.
    """

    target: str
    positional: tuple[Any, ...] = ()
    named: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """A size that the wiring determines. Code generation writes the value, or the constructor parameter it becomes."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Word:
    """A name that stands in the text as it is: `nn.ReLU`. Only layers make one, never what a file says."""

    text: str


@dataclass(frozen=True)
class Names:
    """What a layer's statements may mention, as source text.

    me: "self.conv1". inputs: per port the variable, "None" for an unconnected optional port, a tuple for a many-port.
    outputs: per port the variable to assign, "_" where nobody reads it. params: every option as source.
    """

    me: str
    inputs: Mapping[str, str | tuple[str, ...]]
    outputs: Mapping[str, str]
    params: Mapping[str, str] = field(default_factory=dict)

    def fill(self, template: str) -> str:
        """The template with {ports}, {options} and {self} replaced; wires of a many-port are joined by commas."""
        wires = {k: v if isinstance(v, str) else ", ".join(v) for k, v in self.inputs.items()}
        values = {**self.params, **wires, **self.outputs, "self": self.me}
        return template.format_map(values)


class Layer(Spec, family=True):
    """One kind of node. Declared once; palette, inspector, help, files, shapes, code and tests follow from it.

    category: one of the fourteen kinds that have a colour (see CATEGORIES). target: the dotted name in torch.
    formula: what it computes, in the part of LaTeX that matplotlib's mathtext reads. use: when one would take it, and
    when rather another layer, in a sentence or two. example: for each port the shape it is shown with, such as
    "B, 10 int64" (several of them for a port of many wires), and options for that, where the help page's example cannot
    be found by trying (see engine.document.example). group: its heading within the kind, if not its chapter's.
    """

    category: ClassVar[str] = "code"
    target: ClassVar[str] = ""
    formula: ClassVar[str] = ""
    use: ClassVar[str] = ""
    example: ClassVar[Mapping[str, Any]] = {}
    group: ClassVar[str] = ""
    results_hint: ClassVar[str] = ""
    """What to do where something comes out that is no tensor."""
    inputs: ClassVar[tuple[Port, ...]] = (Port("x"),)
    outputs: ClassVar[tuple[Port, ...]] = (Port("out"),)

    def ports_in(self) -> tuple[Port, ...]:
        """Input ports of this very instance; `project.ports` also knows those of blocks and shared layers."""
        return self.inputs

    def ports_out(self) -> tuple[Port, ...]:
        return self.outputs

    def derive(self, *_: Any, **inputs: Any) -> dict[str, Any]:
        """Constructor arguments that the wiring determines, from one TensorSpec per port.

        Always called by name: a layer declares its own ports as arguments. A many-port is given a tuple, an
        unconnected optional port None. Raises: LayerError naming the fix.
        """
        self.admit(inputs)
        return {}

    def admit(self, inputs: Mapping[str, Any]) -> None:
        """`check` by the names of the ports, once the numbers that come over wires are put in. Raises: LayerError."""
        self.check(**inputs)

    def fed_by(self) -> tuple[str, ...]:
        """Names of input ports that options may mention in their expressions."""
        return ()

    def check(self, *_: Any, **inputs: Any) -> None:
        """Raises: LayerError in the user's words if the layer cannot take these inputs."""

    def stand_in(self, port: str, spec: TensorSpec) -> tuple[TensorSpec, ...] | None:
        """What the layer is run on in the place of an input whose values decide over sizes, None for the input itself.

        Its free sizes are new ones, such as "N" for the number of entries that a mask chooses.
        """
        return None

    def promised(self, **inputs: Any) -> Mapping[str, TensorSpec] | None:
        """What comes out, of a layer that reads its numbers and therefore cannot be run without data; else None.

        A size that depends on the numbers is a free size with a name of its own.
        """
        return None

    def build(self, derived: Mapping[str, Any]) -> Call | None:
        """What is assigned to `self.<name>` in the constructor, or None for a layer without a module."""
        return None

    def emit(self, names: Names) -> tuple[str, ...]:
        """The statements of `forward` that compute the outputs from the inputs."""
        raise NotImplementedError

    def option_values(self) -> dict[str, Any]:
        """The options that the statements of `forward` may mention, by name."""
        return {name: getattr(self, name) for name in self.params}

    def user_code(self) -> tuple[str, ...]:
        """Python of the user's own, or of a package, that runs with this layer: what trust is about."""
        return ()

    def kind_name(self) -> str:
        """What kind of layer this very one is, in a word or two."""
        return self.title

    def about(self) -> str:
        """What this very layer does, in a sentence."""
        return self.summary()

    def definitions(self) -> tuple[str, ...]:
        """Top-level text that the statements need: the user's own functions."""
        return ()

    def imports(self) -> tuple[str, ...]:
        """Import lines beyond `import torch` and `from torch import nn` that the text needs."""
        return ()

    @classmethod
    def typed(cls, text: str) -> Layer | None:
        """The layer that somebody means who types this as in Python, `x[:, -1]`; None if it is no such text."""
        return None

    @classmethod
    def main_params(cls) -> tuple[Param, ...]:
        """The options shown on the node itself."""
        return tuple(p for p in cls.params.values() if p.main)


class ModuleLayer(Layer, abstract=True):
    """A layer that is an `nn.Module`: derived sizes and options become the constructor call, forward calls it.

    signature: names of the arguments written without a name, in torch's order; by default the derived sizes,
    then the options that torch requires.
    """

    signature: ClassVar[tuple[str, ...]] = ()
    hidden: ClassVar[tuple[str, ...]] = ()
    """Options of ours that are no argument of the constructor."""
    keywords: ClassVar[Mapping[str, str]] = {}
    """How forward calls an optional port, where its own name is another."""
    takes_anything: ClassVar[bool] = False
    """Its constructor takes any arguments and ignores them, so that it can stand for any other layer."""

    def build(self, derived: Mapping[str, Any]) -> Call:
        values = {name: Derived(name, value) for name, value in derived.items()}
        required = tuple(n for n, p in self.params.items() if p.is_required and n not in self.hidden)
        order = self.signature or (*derived, *required)
        values |= {name: getattr(self, name) for name in self.params if name not in self.hidden}
        rest = [n for n in values if n not in order and not self._is_default(n)]
        return Call(self.target, tuple(values[n] for n in order), tuple((n, values[n]) for n in rest))

    def _is_default(self, name: str) -> bool:
        return name in self.params and getattr(self, name) == self.params[name].torch

    def is_plain_call(self) -> bool:
        """Whether it does nothing but call its module with one tensor, as all that an `nn.Sequential` holds."""
        ports, outputs = [p for p in self.ports_in() if p.kind != "optional"], self.ports_out()
        if len(ports) != 1 or ports[0].kind != "required" or len(outputs) != 1:
            return False
        wires: dict[str, str | tuple[str, ...]] = {p.name: "None" for p in self.ports_in()}
        wires[ports[0].name] = "x"
        options = {name: source(getattr(self, name)) for name in self.params}
        return self.emit(Names("m", wires, {outputs[0].name: "y"}, options)) == ("y = m(x)",)

    def emit(self, names: Names) -> tuple[str, ...]:
        first = self.ports_out()[0].name
        wires = ["{" + port.name + "}" for port in self.ports_in() if port.kind != "optional"]
        for port in self.ports_in():
            if port.kind == "optional" and names.inputs.get(port.name, "None") != "None":
                wires.append(self.keywords.get(port.name, port.name) + "={" + port.name + "}")
        return (names.fill("{" + first + "} = {self}(" + ", ".join(wires) + ")"),)


class FunctionLayer(Layer, abstract=True):
    """A layer without a module: one expression over its ports and options.

    expression: "{x}.flatten({start_dim}, {end_dim})", with ports and options in braces. A layer whose text depends
    on its options overrides `write` instead.
    """

    expression: ClassVar[str] = ""

    def write(self, names: Names) -> str:
        """The expression as source."""
        return names.fill(self.expression)

    def emit(self, names: Names) -> tuple[str, ...]:
        return (f"{names.outputs[self.ports_out()[0].name]} = {self.write(names)}",)


FUNCTIONAL = "import torch.nn.functional as F"

CATEGORIES = (
    "io",
    "linear",
    "convolution",
    "pooling",
    "normalisation",
    "activation",
    "regularisation",
    "recurrent",
    "attention",
    "embedding",
    "merge",
    "shape",
    "code",
    "block",
)


def source(value: Any) -> str:
    """A literal or an expression as Python source, in the form a formatter would leave alone."""
    if isinstance(value, Expr):
        return value.source()
    if isinstance(value, Word):
        return value.text
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Sequence):
        inside = ", ".join(source(v) for v in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return repr(value)


def _quoted(text: str) -> str:
    """A string that no character can end early, in the quotes that need fewer escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    if text.isprintable() and quote not in text and "\\" not in text:
        return f"{quote}{text}{quote}"
    escaped = {quote: "\\" + quote, "\\": "\\\\"}
    return quote + "".join(escaped.get(c) or (c if c.isprintable() else repr(c)[1:-1]) for c in text) + quote


def _number(value: float) -> str:
    text = repr(value)
    return text.replace("e-0", "e-").replace("e+", "e") if "e" in text else text


def input_list(specs: Any) -> tuple[TensorSpec, ...]:
    """The wires of one port as a tuple, whether it takes one or many."""
    if specs is None:
        return ()
    return specs if isinstance(specs, tuple) else (specs,)
