"""Options: declared once, checked, read, shown and serialised."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SpecError
from engine.expr import Expr
from engine.kinds import Bool, Choice, Either, Float, FrozenDict, Int, Ints, Kind, KindError, Literals, Optional, Text
from engine.layers import Layer
from engine.spec import Arguments, Identifier, Padding2, Pair, Sizes, Spec, dump_value, load_value, param
from tests.laws.option_values import values

KINDS = [
    Int(), Int(1, 9), Float(), Float(0, 1), Bool(), Text(), Text(identifier=True), Text(lines=True),
    Choice(("mean", "sum")), Choice((1, 2)), Ints(2), Ints(1), Ints(None), Ints(None, single=False),
    Ints(2, single=False, least=1), Ints(None, single=False, names=True), Optional(Int()), Optional(Ints(None)),
    Optional(Ints(None, single=False), "from data"), Either(("same", "valid"), Ints(2, least=0)),
]  # fmt: skip


class Oven(Spec, family=True):
    """A family of its own, for these tests."""


class Kiln(Oven):
    """Burns clay."""

    former_keys = ("Furnace",)
    degrees: int = param(900, min=0, max=1300, help="How hot.", main=True)
    rate: float | None = param(None, help="Degrees a minute.")
    size: Pair = param(3, min=1, help="Width and height.")
    padding: Padding2 = param("same", min=0, help="Space around.")
    shape: Sizes = param((1, "T"), help="Sizes.")
    mode: Literal["slow", "fast"] = param("slow", help="How.")
    label: Identifier = param("kiln", help="Its name.", literal=True)
    parts: Arguments = param({}, help="Its parts.", literal=True)


# Kinds


@pytest.mark.parametrize("kind", KINDS, ids=repr)
@given(data=st.data())
def test_a_kind_reads_what_it_shows_and_loads_what_it_dumps(kind, data):
    value = data.draw(values(kind))
    assert kind.check(value) == value
    assert kind.parse(kind.show(value)) == value
    assert kind.from_json(kind.to_json(value)) == value


@pytest.mark.parametrize("kind", KINDS, ids=repr)
@given(text=st.text(max_size=30) | st.sampled_from(["{[]: 1}", "9" * 400, "1,2,3", "(", "-", "٣", "1e999", "nan", "²"]))
def test_any_text_is_a_value_or_a_refusal(kind, text):
    try:
        value = kind.parse(text)
    except KindError as wrong:
        assert str(wrong)  # noqa: PT017
    else:
        assert kind.check(value) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("kind", [*KINDS, Literals()], ids=repr)
@given(raw=JSON | st.just(10**400))
def test_any_data_is_a_value_or_a_refusal(kind, raw):
    try:
        value = kind.from_json(raw)
    except KindError as wrong:
        assert str(wrong)  # noqa: PT017
    else:
        hash(value)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Ints(2), "3", 3),
        (Ints(2), "(3, 5)", (3, 5)),
        (Ints(2), "3 × 5", (3, 5)),
        (Ints(1), "3,", (3,)),
        (Ints(None, single=False), "3", (3,)),
        (Bool(), "Yes", True),
        (Bool(), "off", False),
        (Optional(Int()), "None", None),
        (Optional(Int(), "from data"), "from data", None),
        (Either(("same",), Ints(2)), '"same"', "same"),
        (Float(), "1e-3", 0.001),
        (Float(), "2", 2.0),
    ],
)
def test_people_may_type_it_in_several_ways(kind, text, value):
    assert kind.parse(text) == value


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Int(1), 0, "a whole number of at least 1"),
        (Int(), True, "a whole number"),
        (Float(0, 1), 2, "a number of at most 1"),
        (Ints(2), (1, 2, 3), "a whole number or 2 whole numbers"),
        (Choice(("mean", "sum")), "max", "one of mean, sum"),
        (Either(("same",), Ints(2)), "full", "a whole number or 2 whole numbers, or one of same"),
        (Text(identifier=True), "2x", "a Python name such as hidden_size"),
    ],
)
def test_a_refusal_says_what_is_allowed(kind, value, words):
    with pytest.raises(KindError, match=f"^{words}$"):
        kind.check(value)


def test_a_frozen_table_stays_as_it_is_and_can_be_copied():
    table = FrozenDict({"width": 3, "depth": Expr("i + 1")})
    with pytest.raises(TypeError):
        table["width"] = 4
    with pytest.raises(TypeError):
        table |= {"width": 4}
    assert copy.deepcopy(table) == pickle.loads(pickle.dumps(table)) == table
    assert len({table, FrozenDict(dict(reversed(table.items())))}) == 1


# Specs


def test_a_value_out_of_range_names_owner_option_and_limit():
    with pytest.raises(SpecError, match=r"Kiln: degrees must be a whole number of at most 1300, not 2000\.") as caught:
        Kiln(degrees=2000)
    assert caught.value.field == "degrees"


def test_an_unknown_option_is_refused_with_those_there_are():
    with pytest.raises(SpecError, match=r"Kiln has no option heat\. Options: degrees, rate"):
        Kiln().with_(heat=1)


def test_a_spec_is_a_value():
    assert Kiln(size=[3, 5]) == Kiln(size=(3, 5))
    assert len({Kiln(), Kiln(degrees=900), Kiln(degrees=901)}) == 2
    with pytest.raises(AttributeError):
        Kiln().degrees = 1


def test_the_file_holds_what_differs_from_the_default():
    assert Kiln().to_json() == {"kind": "Kiln"}
    changed = Kiln(degrees=Expr("base + 1"), size=(1, 2), parts={"a": Expr("i"), "b": (1, 2)})
    raw = changed.to_json()
    assert raw == {
        "kind": "Kiln",
        "degrees": {"expr": "base + 1"},
        "size": [1, 2],
        "parts": {"a": {"expr": "i"}, "b": [1, 2]},
    }
    assert Oven.from_json(raw) == changed


def test_a_former_name_still_opens():
    assert Oven.from_json({"kind": "Furnace", "degrees": 5}) == Kiln(degrees=5)


@given(
    JSON | st.dictionaries(st.sampled_from(["kind", "degrees", "rate", "parts"]), JSON | st.just("Kiln"), max_size=4)
)
def test_any_data_is_a_spec_or_an_error_in_words(raw):
    try:
        assert isinstance(Oven.from_json(raw), Kiln)
    except SpecError as error:
        assert str(error).endswith(".")  # noqa: PT017


def test_expressions_stand_where_values_stand_and_are_resolved_and_checked():
    made = Kiln(degrees=Expr("base * 2"), padding=Expr("1"))
    assert made.expressions().keys() == {"degrees", "padding"}
    assert made.resolve({"base": 300}) == Kiln(degrees=600, padding=1)
    with pytest.raises(SpecError, match="at most 1300"):
        made.resolve({"base": 3000})


def test_a_literal_option_takes_no_expression():
    with pytest.raises(SpecError, match="label takes no expression"):
        Kiln(label=Expr("name"))


@pytest.mark.parametrize(
    ("option", "text", "scope", "value"),
    [
        ("degrees", "600", (), 600),
        ("degrees", "base * 2", ("base",), Expr("base * 2")),
        ("padding", "valid", ("valid",), "valid"),
        ("rate", "", (), None),
        ("shape", "3, T", (), (3, "T")),
    ],
)
def test_what_is_typed_is_a_value_first_and_an_expression_second(option, text, scope, value):
    assert Kiln.params[option].parse(text, "Kiln", scope) == value


@pytest.mark.parametrize(("text", "scope"), [("base * 2", ()), ("other * 2", ("base",))])
def test_an_expression_needs_known_parameters(text, scope):
    with pytest.raises(SpecError, match=f"degrees names {text[:-4]}, which is no parameter"):
        Kiln.params["degrees"].parse(text, "Kiln", scope)


@pytest.mark.parametrize("option", Kiln.params.values(), ids=lambda p: p.name)
def test_every_option_dumps_and_loads_its_default(option):
    assert load_value(option, dump_value(option.kind, option.default), "Kiln") == option.default


def test_limits_are_found_inside_other_kinds():
    assert (Kiln.params["padding"].least, Kiln.params["degrees"].most) == (0, 1300)


def test_an_annotation_without_a_kind_is_refused_when_it_is_declared():
    with pytest.raises(TypeError, match="no kind of option"):

        class Bad(Spec, family=True):
            thing: Annotated[Any, "nothing"] = param(1, help="A thing.")


def test_a_kind_of_its_own_takes_anything():
    assert Kind().check({"a": 1}) == {"a": 1}


@pytest.mark.parametrize(
    ("kind", "option", "text", "value"),
    [
        ("Linear", "out_features", "28 * 28", 784),
        ("Linear", "out_features", "2**6", 64),
        ("Linear", "out_features", "64 / 2", 32),
        ("Dropout", "p", "1/4", 0.25),
        ("Conv2d", "kernel_size", "2 + 1", 3),
    ],
)
def test_what_can_be_worked_out_at_once_is_the_number_that_it_comes_to(kind, option, text, value):
    assert Layer.registry[kind].params[option].parse(text, kind) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7 / 2", "must be a whole number, not 3.5"),
        ("1 / 0", "must be a whole number"),
        ("9 ** 9 ** 9", "must be a whole number"),
        ("-2 * 3", "of at least 1"),
        ("width * 2", "names width, which is no parameter of this block"),
    ],
)
def test_what_cannot_be_worked_out_is_refused_for_what_is_wrong_with_it(text, said):
    with pytest.raises(SpecError, match=re.escape(said)):
        Layer.registry["Linear"].params["out_features"].parse(text, "Linear")
