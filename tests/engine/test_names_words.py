"""Why a name cannot be is said by its cause."""

import pytest

from engine.document.edits import AddNode, Rename, SetBlockParams
from engine.document.project import Project
from engine.errors import EditError
from engine.graph.block import BlockParam
from engine.layers import Layer


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("layer_" + "x" * 194, "It has 200 letters; a name has 100 at most."),
        ("ﬁlter", "Python reads ﬁlter as filter."),
        ("", "'' is no Python name"),
        ("🙂", "'🙂' is no Python name"),
        ("слой 1", "'слой 1' is no Python name"),
    ],
)
def test_a_name_is_refused_for_what_is_wrong_with_it(name, reason):
    project = AddNode(Layer.registry["ReLU"]())(Project())
    (node,) = project.block().graph.nodes
    with pytest.raises(EditError) as refused:
        Rename(node, name)(project)
    assert reason in str(refused.value)
    assert len(str(refused.value)) < 200


def test_a_long_name_of_a_parameter_is_refused_in_few_words():
    with pytest.raises(EditError, match="It has 200 letters; a name has 100 at most") as refused:
        SetBlockParams("", [BlockParam("x" * 200, default=1)])(Project())
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("name", ["слой", "面", "طبقة", "naïve", "x" * 100])
def test_a_name_may_be_of_any_script(name):
    project = AddNode(Layer.registry["ReLU"]())(Project())
    (node,) = project.block().graph.nodes
    assert Rename(node, name)(project).node(node).name == name
