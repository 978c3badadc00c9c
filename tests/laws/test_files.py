"""What is saved comes back the same, and no text whatever does anything but open or say what is wrong with it."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.document.edits import SetRecipe
from engine.document.files import dumps, loads
from engine.document.project import Project
from engine.errors import FileError
from tests.laws.edit_sequences import PROJECTS, STEPS, faults, tried

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -1, 2**70, 1e308, float("nan"), float("inf")])
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["n1", "n1.out -> n2.x", "main", "Conv2d", "Missing", "Block", "Shared", "Code", "\ud800", "\0"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=6) | st.sampled_from(["kind", "expr", "id", "block"]), inner, max_size=4)
    ),
    max_leaves=8,
)


def opens_or_says_why(text: str) -> None:
    """Nothing else may happen; and what opens is whole and can be saved."""
    try:
        project = loads(text)
    except FileError:
        return
    assert faults(project) == []
    assert loads(dumps(project)) == project


@given(PROJECTS)
def test_a_project_comes_back_as_it_was_saved(project):
    assert loads(dumps(project)) == project


@given(PROJECTS)
def test_saving_again_gives_the_same_text(project):
    text = dumps(project)
    assert dumps(loads(text)) == text


@given(PROJECTS, STEPS)
def test_the_text_changes_exactly_when_the_project_does(project, step):
    changed = tried(project, step)
    assert (changed == project) == (dumps(changed) == dumps(project))


@given(st.text(max_size=200))
@example("")
@example("[" * 100_000)
@example('{"format": "netsmith", "version": 1, "a": ' + "[" * 5000 + "]" * 5000 + "}")
@example('{"format": "netsmith", "version": ' + "9" * 5000 + "}")
@example('{"format": "netsmith", "version": NaN}')
@example("\0" * 1000)
def test_any_text_opens_or_says_why_not(text):
    opens_or_says_why(text)


@given(PROJECTS, st.integers(0, 10**6), st.integers(0, 10**6), st.text(max_size=4))
def test_a_project_cut_off_or_overwritten_opens_or_says_why_not(project, where, length, put):
    text = dumps(project)
    start = where % len(text)
    opens_or_says_why(text[:start] + put + text[start + length % 40 :])
    opens_or_says_why(text[:start])


def places(data: object, path: tuple = ()) -> list[tuple]:
    """The path of every value in nested data."""
    found = [path] if path else []
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        found += places(value, (*path, key))
    return found


@given(
    PROJECTS,
    st.lists(st.tuples(st.integers(0, 10**6), PLAIN, st.sampled_from(["swap", "drop", "copy", "add"])), max_size=3),
)
def test_a_project_with_wrong_values_opens_or_says_why_not(project, changes):
    data = json.loads(dumps(project))
    for number, value, what in changes:
        here = places(data)
        *path, last = here[number % len(here)]
        owner = data
        for key in path:
            owner = owner[key]
        if what == "swap":
            owner[last] = value
        elif what == "drop":
            del owner[last]
        elif what == "copy" and isinstance(owner, list):
            owner.append(owner[last])
        elif isinstance(owner[last], dict):
            owner[last]["new"] = value
    opens_or_says_why(json.dumps(data))


@pytest.mark.parametrize("name", list(Project().recipe.params))
def test_every_option_of_the_recipe_is_kept(name):
    value = getattr(Project().recipe, name)
    other = {int: 7, float: 0.25, bool: False}.get(type(value), value)
    project = SetRecipe(name, other)(Project())
    assert loads(dumps(project)).recipe == project.recipe
