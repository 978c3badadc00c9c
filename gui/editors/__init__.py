"""One small editor for every kind of value an option can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.kinds import Bool, Choice, Either, Kind, Optional, Text
from engine.layers.chosen import LayerKind
from engine.layers.op import FunctionCall
from engine.recipe.base import MaybeMember, Member, Members
from engine.spec import Param
from gui.editors.base import Editor, FieldEditor
from gui.editors.calls import CallEditor
from gui.editors.choices import BoolEditor, ChoiceEditor, EitherEditor
from gui.editors.form import Form, make_editor, use
from gui.editors.layer_kind import LayerEditor
from gui.editors.members import MemberEditor, MembersEditor
from gui.editors.texts import CodeEditor, PathEditor

_OF_KIND: dict[type[Kind], type[Editor]] = {
    Bool: BoolEditor,
    FunctionCall: CallEditor,
    Choice: ChoiceEditor,
    Either: EitherEditor,
    Member: MemberEditor,
    MaybeMember: MemberEditor,
    Members: MembersEditor,
    LayerKind: LayerEditor,
}


def editor_for(declared: Param, owner: str, scope: Mapping[str, Any] | None = None) -> Editor:
    """The editor for an option, showing its default. `scope`: the block's parameters, for expressions."""
    return _class_for(declared.kind)(declared, owner, scope)


def _class_for(kind: Kind) -> type[Editor]:
    if isinstance(kind, Text) and kind.lines:
        return CodeEditor
    if isinstance(kind, Text) and kind.path:
        return PathEditor
    if isinstance(kind, Optional) and kind.inner.choices:
        return ChoiceEditor
    return _OF_KIND.get(type(kind), FieldEditor)


use(editor_for)

__all__ = ["Editor", "FieldEditor", "Form", "editor_for", "make_editor"]
