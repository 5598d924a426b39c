"""The form by which a matter is reported or registered at a desk."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from accounts.permissions import Permission
from cases.choices import Origin, Severity
from cases.forms.acting import PhotoInput, focus_first, say_kept
from cases.forms.filters import category_choices
from cases.forms.places import Places, source_choices
from cases.services.filing import LONGEST_DESCRIPTION, LONGEST_TITLE, Matter
from grids.models import Grid
from grids.scope import Scope
from kernel.lifecycle import InvalidForm
from kernel.models import Photo
from kernel.refusal import Refused
from kernel.text import refuse_control_characters

_CHOOSE = [("", "请选择")]
_PLAIN = [refuse_control_characters]


def _text(label: str, most: int, hint: str = "", widget: forms.Widget | None = None) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, required=False, help_text=hint, widget=widget, validators=_PLAIN
    )


class MatterForm(forms.Form):
    """What a person reports at a desk. The service checks it again; `refused` shows what it said."""

    grid = forms.ChoiceField(label="所在网格")
    category = forms.ChoiceField(label="问题类别")
    severity = forms.ChoiceField(
        label="严重程度",
        choices=Severity.choices,
        initial=Severity.ORDINARY,
        widget=forms.RadioSelect,
        help_text="紧急的直接报县网格办，并通知各级",
    )
    origin = forms.ChoiceField(label="来源", choices=Origin.choices, initial=Origin.REPORT)
    title = _text("标题", LONGEST_TITLE, "不填则用网格名加问题类别")
    description = _text("情况", LONGEST_DESCRIPTION, widget=forms.Textarea(attrs={"rows": 4}))
    place = _text("地点", 120, "如 村东河坝北 50 米")
    source = forms.ChoiceField(label="涉及的污染源", required=False)
    photos = forms.Field(label="现场照片", required=False, widget=PhotoInput(), help_text="最多 9 张，每张不超过 20 MB")
    no_photo_reason = _text("无照片原因", 120, "确实无法拍照时填写")
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    kept = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, places: Places, scope: Scope, sent: QueryDict | None = None, files: MultiValueDict | None = None
    ) -> None:
        only = places.grids[0].code if len(places.grids) == 1 else ""
        super().__init__(sent, files, initial={"client_id": uuid.uuid4(), "grid": only})
        self.places = places
        self._offer("grid", [*_CHOOSE, *places.groups])
        self._offer("category", [*_CHOOSE, *category_choices()])
        sources = source_choices(places, scope)
        self._offer("source", [("", "不涉及"), *sources])
        if not sources:
            del self.fields["source"]
        if not scope.has(Permission.CASE_REGISTER):
            del self.fields["origin"]

    def _offer(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen_grid(self) -> Grid | None:
        """The grid of a form that was checked; None when none of the places was chosen."""
        return next((grid for grid in self.places.grids if grid.code == self.cleaned_data.get("grid")), None)

    def matter(self, photos: list[Photo]) -> Matter:
        """What a valid form says, with the photos that came with it."""
        values = {name: self.cleaned_data.get(name, "") for name in _OF_MATTER if name in self.fields}
        return Matter(**values, photos=photos)

    def keeping(self, kept: tuple[str, ...]) -> Self:
        """This form, to be corrected, remembering photos that need not be sent again."""
        self._say_again("kept", ",".join(kept))
        say_kept(self, kept)
        focus_first(self, self.errors)
        return self

    def refused(self, refused: Refused, kept: tuple[str, ...]) -> Self:
        """This form with what the service said at its fields.

        One whose number was used for something else gets a new one: what was filed stays what it is.
        """
        sentences = refused.errors if isinstance(refused, InvalidForm) else {"": refused.sentence}
        for name, sentence in sentences.items():
            self.add_error(name if name in self.fields else None, sentence)
        if refused.code == "different_content":
            self._say_again("client_id", str(uuid.uuid4()))
        return self.keeping(kept)

    def _say_again(self, name: str, value: str) -> None:
        self.data = self.data.copy()
        self.data[name] = value


_OF_MATTER = (
    "grid", "category", "severity", "origin", "title", "description", "place", "source", "no_photo_reason",
)  # fmt: skip
