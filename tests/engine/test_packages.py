"""What is installed is found by reading files: classes before modules, and nothing of it is run."""

import sys

from engine.document.packages import completions

HERE = "tests.engine.outside_parts"


def test_packages_are_found_without_python_s_own():
    assert "torch" in completions("tor")
    assert completions("os") == []


def test_classes_of_a_module_come_first_whatever_the_case_that_is_typed():
    assert completions(f"{HERE}.g") == [f"{HERE}.Gate"]
    found = completions("torch.nn.l")
    assert found.index("torch.nn.Linear") < len([p for p in found if p.rpartition(".")[2][0].isupper()])


def test_nothing_is_imported_by_looking():
    before = set(sys.modules)
    completions("torch.distributed.")
    completions("hypothesis.extra.")
    assert set(sys.modules) == before


def test_what_is_not_there_has_nothing_below_it():
    assert completions("no_such_package.") == []
    assert completions("torch.no_such_module.") == []
    assert completions("1x.") == []
