"""Inputs drawn in Python say exactly what Django's own templates say."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.template.defaultfilters import linebreaksbr
from django.test.html import parse_html

from kernel.inputs import QuickRenderer

UNITS = [("", "请选择"), ("部门", [("1", "水利局 <a>"), ("2", 'b" c')]), ("网格", [(3, "丙&丁")])]
FLAT = [("1", "甲"), ("2", "乙<b>")]


class Everything(forms.Form):
    words = forms.CharField(
        max_length=9, help_text="一句话", widget=forms.TextInput({"placeholder": 'a"b', "hidden": False})
    )
    story = forms.CharField(widget=forms.Textarea)
    amount = forms.IntegerField(min_value=1)
    address = forms.EmailField()
    secret = forms.CharField(widget=forms.PasswordInput)
    version = forms.CharField(widget=forms.HiddenInput)
    day = forms.DateField(widget=forms.DateInput({"type": "date"}))
    file = forms.FileField(widget=forms.FileInput({"accept": "image/*", "required": True}))
    agreed = forms.BooleanField()
    unit = forms.ChoiceField(choices=UNITS)
    several = forms.MultipleChoiceField(choices=UNITS)
    boxes = forms.MultipleChoiceField(choices=UNITS, widget=forms.CheckboxSelectMultiple)
    one = forms.ChoiceField(choices=FLAT, widget=forms.RadioSelect)


SENT = {
    "words": "<b>'\"&",
    "story": "一\n</textarea>",
    "amount": 3,
    "address": "a@b.c",
    "version": 5,
    "day": "2026-11-23",
    "agreed": True,
    "unit": "2",
    "several": ["1", "3"],
    "boxes": ["2", "3"],
    "one": "2",
}


@pytest.mark.parametrize("values", [None, {}, SENT], ids=["new", "empty", "filled"])
@pytest.mark.parametrize("name", list(Everything.base_fields))
def test_an_input_is_drawn_as_django_does(name, values):
    drawn = Everything(values, renderer=QuickRenderer())[name].as_widget()
    assert parse_html(drawn) == parse_html(Everything(values, renderer=DjangoTemplates())[name].as_widget())


@pytest.mark.parametrize("values", [{}, SENT], ids=["without", "with"])
@pytest.mark.parametrize("name", list(Everything.base_fields))
def test_an_initial_value_is_drawn_as_django_does(name, values):
    drawn = Everything(initial=values, renderer=QuickRenderer(), auto_id=False)[name].as_widget(attrs={"class": "a b"})
    by_django = Everything(initial=values, renderer=DjangoTemplates(), auto_id=False)[name].as_widget(
        attrs={"class": "a b"}
    )
    assert parse_html(drawn) == parse_html(by_django)


def test_markup_that_is_safe_already_is_not_escaped_again():
    form = forms.Form(renderer=QuickRenderer())
    form.fields["unit"] = forms.ChoiceField(choices=[("1", linebreaksbr("甲\n乙"))])
    assert "甲<br>乙" in form["unit"].as_widget()


def test_what_is_not_drawn_here_is_left_to_django():
    form = forms.Form(renderer=QuickRenderer())
    form.fields["at"] = forms.SplitDateTimeField(widget=forms.SplitDateTimeWidget)
    assert form["at"].as_widget().count("<input") == 2
