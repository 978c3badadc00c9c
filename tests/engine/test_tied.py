"""Two layers with one weight: printed as one does it in torch, counted once, and kept together by every edit."""

import pytest
import torch

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.module import module
from engine.document.edits import Batch, RemoveNodes, SetParam
from engine.document.files import dumps, loads
from engine.document.fragment import Paste, copy
from engine.document.grouping import Group, Ungroup
from engine.document.project import Project
from engine.document.weight_edits import SetWeights
from engine.errors import EditError, FileError
from engine.graph.graph import NodeId
from engine.layers.embedding import Embedding
from engine.layers.linear import Linear
from tests.engine.drawing import Drawing

TABLE, HEAD = NodeId("n2"), NodeId("n3")


def network(classes: int = 10) -> Project:
    d = Drawing("Reader")
    x = d.add("table", Embedding(num_embeddings=10, embedding_dim=4), d.input("tokens", 6, dtype="int64"))
    d.output("scores", d.add("head", Linear(out_features=classes, bias=False), x))
    return d.project()


def tied(project: Project) -> Project:
    return SetWeights((HEAD,), "tied", TABLE)(project)


def test_a_tie_is_written_below_the_layers_and_counted_once():
    project = tied(network())
    text = module(project, infer(project)).text
    assert "        self.head.weight = self.table.weight\n" in text
    model = build(module(project, infer(project)))["Reader"]()
    assert list(model.state_dict()) == ["table.weight", "head.weight"]
    assert model.head.weight is model.table.weight
    assert infer(project).parameters == sum(p.numel() for p in model.parameters()) == 40
    assert model(torch.zeros(2, 6, dtype=torch.int64)).shape == (2, 6, 10)


def test_the_count_stays_the_same_after_edits_elsewhere():
    project = tied(network())
    infer(project)
    assert infer(SetParam(TABLE, "padding_idx", 0)(project)).parameters == 40


def test_weights_of_other_sizes_cannot_be_tied():
    problems = infer(tied(network(classes=12))).problems
    assert any("head needs a weight of 12 × 4; that of table is 10 × 4." in p.message for p in problems)


def test_a_tie_is_kept_in_the_file():
    project = tied(network())
    assert loads(dumps(project)).blocks == project.blocks
    with pytest.raises(FileError, match="no layer n9"):
        loads(dumps(project).replace('"tied": "n2"', '"tied": "n9"'))


@pytest.mark.parametrize("lender", ["n1", "n3", "n9"])
def test_a_layer_is_tied_to_another_one_with_a_weight(lender):
    with pytest.raises(EditError):
        SetWeights((HEAD,), "tied", NodeId(lender))(network())


def test_ties_lead_to_the_owner_itself():
    with pytest.raises(EditError, match="head itself uses the weight of table"):
        SetWeights((TABLE,), "tied", HEAD)(tied(network()))


def test_a_tie_ends_with_the_layer_it_leads_to():
    assert not RemoveNodes((TABLE,))(tied(network())).node(HEAD).weights.tied


def test_copies_are_tied_to_each_other_and_not_to_the_originals():
    project = tied(network())
    both, alone = copy(project, (TABLE, HEAD)), copy(project, (HEAD,))
    pasted = Batch("Paste", (Paste(both), Paste(alone)))(project).block().graph
    assert pasted.by_name("head2").weights.tied == pasted.by_name("table2").id
    assert not pasted.by_name("head3").weights.tied


def test_a_tie_does_not_cross_the_border_of_a_block():
    project = tied(network())
    with pytest.raises(EditError, match="tied"):
        Group((HEAD,), "Half")(project)
    grouped = Group((TABLE, HEAD), "Whole")(project)
    back = Ungroup(grouped.block().graph.by_name("whole").id)(grouped).block().graph
    assert back.by_name("head").weights.tied == back.by_name("table").id
