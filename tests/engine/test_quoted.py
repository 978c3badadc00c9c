"""A piece of a network survives a mail: quoted, wrapped, in the middle of other words; nonsense is refused."""

import textwrap

import pytest

from engine.document.edits import AddNode, Connect
from engine.document.fragment import copy, fragment_from_json, fragment_to_json
from engine.document.project import Project
from engine.errors import FileError
from engine.graph.graph import Edge, NodeId
from engine.layers import Layer

L = Layer.registry


def piece() -> str:
    project = AddNode(L["Code"](source='def forward(x):\n    return x + 1  # says "one" {more}\n'), "own")(Project())
    project = AddNode(L["Linear"](out_features=10), "head")(project)
    project = Connect(Edge(NodeId("n1"), "out", NodeId("n2"), "x"))(project)
    return fragment_to_json(copy(project, [NodeId("n1"), NodeId("n2")]))


TEXT = piece()


def quoted(text: str, mark: str = "> ") -> str:
    return "\n".join(mark + line for line in text.splitlines())


def broken(text: str, width: int = 68) -> str:
    """Every line cut at a width, wherever that is."""
    return "\n".join(line[i : i + width] for line in text.splitlines() for i in range(0, max(1, len(line)), width))


MAILS = {
    "as it is": TEXT,
    "in a mail": f"Hi Ann,\n\nlook {{here}}:\n\n{TEXT}\nBest\n-- \nBob",
    "quoted": f"On Monday Ann wrote:\n{quoted(TEXT)}\n> Best\n",
    "quoted twice": quoted(quoted(TEXT), ">"),
    "with bars": quoted(TEXT, "| "),
    "in Markdown": f"```json\n{TEXT}```\n",
    "with curly quotes": f"See {TEXT.replace(chr(34), chr(0x201D), 40)}",
    "with hard spaces": TEXT.replace(" ", "\u00a0").replace("\u00a0\u00a0\u00a0\u00a0return", "    return"),
    "with Windows lines": TEXT.replace("\n", "\r\n"),
    "cut at 68": broken(TEXT),
    "cut and quoted": quoted(broken(TEXT)),
}


@pytest.mark.parametrize("mail", MAILS, ids=str)
def test_a_piece_comes_out_of_a_mail_as_it_went_in(mail):
    found = fragment_from_json(MAILS[mail]).project
    assert [(n.name, type(n.layer)) for n in found.block().graph.nodes.values()] == [
        ("own", L["Code"]),
        ("head", L["Linear"]),
    ]
    assert found.block().graph.edges == fragment_from_json(TEXT).project.block().graph.edges


def test_words_wrapped_at_spaces_are_joined_by_spaces():
    flowed = "\n".join(textwrap.wrap(TEXT, 60, break_long_words=False, break_on_hyphens=False))
    assert fragment_from_json(flowed).project.block().graph.nodes.keys() == {"n1", "n2"}


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_half_a_piece_is_refused_and_said_to_be_cut_off(share):
    with pytest.raises(FileError, match="cut off or damaged"):
        fragment_from_json(TEXT[: int(len(TEXT) * share)])


@pytest.mark.parametrize(
    "text", ["", "hello", "{}", "[1, 2]", "nn.Linear(3, 4)", "{" * 50_000, "> " * 50_000, '{"format": 1}']
)
def test_nonsense_is_refused(text):
    with pytest.raises(FileError):
        fragment_from_json(text)
