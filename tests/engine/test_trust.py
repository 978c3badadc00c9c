"""Trust goes by the content of the code, and by nothing else."""

import pytest

from engine.document.edits import AddNode, Rename, SetParam
from engine.document.project import Project
from engine.document.trust import Trust, content_hash
from engine.errors import TrustError
from engine.layers.code import CodeLayer
from engine.layers.io import Input
from engine.places import trust_file

CODE = AddNode(CodeLayer())(Project())


def test_a_project_without_code_needs_no_trust():
    assert Trust().allows(AddNode(Input())(Project()))


def test_code_is_not_trusted_until_someone_does():
    assert not Trust().allows(CODE)
    with pytest.raises(TrustError, match="nobody has trusted"):
        Trust().need(CODE)


def test_trust_lasts_beyond_the_session():
    Trust().remember(CODE)
    assert Trust().allows(CODE)
    Trust().need(CODE)


def test_other_code_is_another_matter():
    Trust().remember(CODE)
    assert not Trust().allows(SetParam("n1", "source", "def f(x):\n    return x\n")(CODE))


def test_names_and_other_layers_do_not_touch_trust():
    Trust().remember(CODE)
    assert Trust().allows(AddNode(Input())(Rename("n1", "twice")(CODE)))


def test_the_same_code_twice_is_the_same_code():
    assert content_hash(AddNode(CodeLayer())(CODE)) == content_hash(CODE)


def test_code_cannot_be_cut_differently_into_the_same_hash():
    one = AddNode(CodeLayer(source="def f(x):\n    return x\n"))(CODE)
    assert content_hash(one) != content_hash(CODE)


def test_trust_can_be_taken_back():
    Trust().remember(CODE)
    Trust().forget(CODE)
    assert not Trust().allows(CODE)


@pytest.mark.parametrize("damage", [b"", b"{", b'{"a": 1}', b"[null]", b"\xff"])
def test_what_cannot_be_read_is_not_trusted(damage):
    trust_file().parent.mkdir(parents=True)
    trust_file().write_bytes(damage)
    assert not Trust().allows(CODE)
    Trust().remember(CODE)
    assert Trust().allows(CODE)
