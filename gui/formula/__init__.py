"""Formulas: LaTeX as typeset mathematics, and as a line of text that reads well."""

from gui.formula.plain import plain
from gui.formula.view import FormulaView

__all__ = ["FormulaView", "plain"]
