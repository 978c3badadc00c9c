"""The section Weights of the inspector: what it shows, and what becomes of what is chosen in it."""

from engine.recipe.initialisation import KaimingNormal, Normal
from gui.demo_hands import Hands
from gui.panels.inspect_many import SeveralView
from gui.panels.inspect_node import NodeView
from tests.gui.window_fixture import hands, open_example  # noqa: F401


def section(hands: Hands, of: type):  # noqa: F811
    """The section as it is shown, unfolded."""
    (view,) = (v for v in hands.window.findChildren(of) if v.isVisible())
    view.weights.header.setChecked(True)
    return view.weights


def selected(hands: Hands, *names: str) -> list[str]:  # noqa: F811
    open_example(hands)
    ids = [hands.window.session.block.graph.by_name(name).id for name in names]
    hands.window.session.select(ids)
    hands.settle()
    return ids


def test_a_layer_is_frozen_by_a_click_and_thawed_by_undo(hands):  # noqa: F811
    (stem,) = selected(hands, "stem")
    session, weights = hands.window.session, section(hands, NodeView)
    weights.form.editors["frozen"].check.click()
    assert session.block.graph.nodes[stem].weights.frozen
    hands.settle()
    assert weights.form.editors["frozen"].value is True
    session.undo()
    assert session.block.graph.nodes[stem].weights.is_plain


def test_what_a_parameter_starts_from_is_chosen_among_all_of_torch(hands):  # noqa: F811
    (stem,) = selected(hands, "stem")
    session, weights = hands.window.session, section(hands, NodeView)
    assert list(weights.starts.editors) == ["weight", "bias"]
    editor = weights.starts.editors["weight"]
    editor.combo.activated.emit(editor.kinds.index(KaimingNormal))
    assert session.block.graph.nodes[stem].weights.init == {"weight": KaimingNormal()}
    editor.combo.activated.emit(editor.kinds.index(None))
    assert session.block.graph.nodes[stem].weights.is_plain


def test_several_layers_are_set_as_one_step_and_those_without_weights_left_alone(hands):  # noqa: F811
    stem, relu, proj = selected(hands, "stem", "relu", "proj")
    session, weights = hands.window.session, section(hands, SeveralView)
    editor = weights.starts.editors["weight"]
    editor.combo.activated.emit(editor.kinds.index(Normal))
    nodes = session.block.graph.nodes
    assert [bool(nodes[n].weights.init) for n in (stem, relu, proj)] == [True, False, True]
    session.undo()
    assert all(node.weights.is_plain for node in session.block.graph.nodes.values())
