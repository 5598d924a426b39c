"""The form of an act, made from its row of the lifecycle table. It only carries values: the service checks them."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from cases.services.photos import MOST_PHOTOS
from kernel.lifecycle import FieldKind, FormField

Choices = list[tuple[str, Any]]
_NOTHING_CHOSEN = ("", "请选择")


class PhotoInput(forms.FileInput):
    """Several pictures at once; the browser offers the camera where there is one."""

    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(attrs={"accept": "image/*", "multiple": True})

    def value_from_datadict(self, data: Any, files: MultiValueDict, name: str) -> list[Any]:
        return files.getlist(name)


def kept_of(sent: QueryDict) -> tuple[str, ...]:
    """The numbers of photos that came with this form before, as its hidden field repeats them."""
    return tuple(text for text in sent.get("kept", "").split(",") if text)[:MOST_PHOTOS]


def say_kept(form: forms.Form, kept: tuple[str, ...]) -> None:
    """Tell at the field of photos that these need not be chosen again."""
    if kept:
        photos = form["photos"]
        photos.field.required = False
        photos.help_text = f"已收到 {len(kept)} 张，不必重新选择；可再添加"


def focus_first(form: forms.Form, wrong: Container[str]) -> None:
    """Let the browser go to the first field that has to be mended: pages are long on a phone."""
    first = next((name for name in form.fields if name in wrong), None)
    if first is not None:
        form.fields[first].widget.attrs["autofocus"] = True


@dataclass(frozen=True)
class Attempt:
    """What a person sent for an act, and what was wrong with it."""

    action: str
    sent: QueryDict
    sentences: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()

    @property
    def seen(self) -> int:
        """The version of the case that the person looked at; one that no case has when the form did not say."""
        text = self.sent.get("version", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def values(self, fields: tuple[FormField, ...]) -> dict[str, Any]:
        """The values of `fields` as they came, photos apart."""
        many = {item.name for item in fields if item.kind == FieldKind.CHOICES}
        single = {item.name for item in fields if item.kind != FieldKind.PHOTOS} - many
        return {name: self.sent.getlist(name) for name in many} | {name: self.sent.get(name, "") for name in single}


class ActionForm(forms.Form):
    """The inputs of one act with the sentences of the service at the fields they are about."""

    version = forms.CharField(widget=forms.HiddenInput)
    kept = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        action: str,
        version: int,
        inputs: Mapping[str, forms.Field],
        initial: Mapping[str, Any],
        attempt: Attempt | None,
    ) -> None:
        # Several acts stand on one page and share names of fields: the act is part of the id.
        super().__init__(_sent_again(attempt, version), initial={**initial, "version": version}, auto_id=f"{action}-%s")
        self.fields.update(inputs)
        self._sentences = attempt.sentences if attempt else {}
        if attempt and "photos" in inputs:
            say_kept(self, attempt.kept)
        focus_first(self, self._sentences)

    def full_clean(self) -> None:
        """Check nothing here; show what the service said."""
        self._errors = ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        for name, sentence in self._sentences.items():
            self.add_error(name if name in self.fields else None, sentence)


def _sent_again(attempt: Attempt | None, version: int) -> QueryDict | None:
    """What was sent, to be sent again by somebody who has now seen `version` and whose photos have been received."""
    if attempt is None:
        return None
    sent = attempt.sent.copy()
    sent["version"], sent["kept"] = str(version), ",".join(attempt.kept)
    return sent


def inputs_of(
    fields: tuple[FormField, ...], choices: Callable[[str], Choices], hints: Mapping[str, str]
) -> dict[str, forms.Field]:
    """An input for each field of a transition, by name. `hints` are helps that depend on the case."""
    return {item.name: _input_of(item, choices, hints.get(item.name, item.help)) for item in fields}


def _input_of(item: FormField, choices: Callable[[str], Choices], hint: str) -> forms.Field:
    options: dict[str, Any] = {"label": item.label, "required": item.required, "help_text": hint}
    if item.kind == FieldKind.CHOICE:
        return forms.ChoiceField(choices=[_NOTHING_CHOSEN, *choices(item.name)], **options)
    if item.kind == FieldKind.CHOICES:
        widget = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(choices=choices(item.name), widget=widget, **options)
    if item.kind == FieldKind.PHOTOS:
        return forms.Field(widget=PhotoInput(), **options)
    if item.kind == FieldKind.LONG_TEXT:
        widget = forms.Textarea(attrs={"rows": 3})
        return forms.CharField(max_length=item.most, widget=widget, **options)
    if item.kind == FieldKind.INTEGER:
        return forms.IntegerField(min_value=1, max_value=item.most, **options)
    if item.kind == FieldKind.DATE:
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **options)
    return forms.CharField(max_length=item.most, **options)
