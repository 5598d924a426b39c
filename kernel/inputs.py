"""The inputs of forms, drawn in Python to the same markup as Django's own templates.

Django renders a template for each input and two more for each option of a list: with a dozen filters that was a third
of the time of a page. Anything that is not drawn here is left to those templates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape

Widget = dict[str, Any]


class QuickRenderer(DjangoTemplates):
    """`FORM_RENDERER` of the settings."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        draw = _DRAWN.get(template_name)
        return draw(context["widget"]) if draw else super().render(template_name, context, request)


def _attributes(widget: Widget) -> str:
    """As ` id="id_q" required`; True stands alone, False is left out."""
    return "".join(
        f" {name}" if value is True else f' {name}="{conditional_escape(str(value))}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _input(widget: Widget) -> str:
    value = widget["value"]
    said = "" if value is None else f' value="{conditional_escape(str(value))}"'
    return f'<input type="{widget["type"]}" name="{conditional_escape(widget["name"])}"{said}{_attributes(widget)}>'


def _textarea(widget: Widget) -> str:
    words = conditional_escape(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{conditional_escape(widget["name"])}"{_attributes(widget)}>\n{words}</textarea>'


def _select(widget: Widget) -> str:
    return (
        f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget)}>{"".join(_groups(widget))}</select>'
    )


def _groups(widget: Widget) -> Iterator[str]:
    for name, options, _index in widget["optgroups"]:
        drawn = "".join(map(_option, options))
        yield f'<optgroup label="{conditional_escape(name)}">{drawn}</optgroup>' if name else drawn


def _option(option: Widget) -> str:
    value, label = conditional_escape(str(option["value"])), conditional_escape(option["label"])
    return f'<option value="{value}"{_attributes(option)}>{label}</option>'


def _boxes(widget: Widget) -> str:
    attributes = "".join(
        f' {name}="{conditional_escape(widget["attrs"][name])}"'
        for name in ("id", "class")
        if widget["attrs"].get(name)
    )
    return f"<div{attributes}>{''.join(_box_groups(widget))}</div>"


def _box_groups(widget: Widget) -> Iterator[str]:
    for name, options, _index in widget["optgroups"]:
        drawn = "".join(f"<div>{_box(option)}</div>" for option in options)
        yield f"<div><label>{conditional_escape(name)}</label>{drawn}</div>" if name else drawn


def _box(option: Widget) -> str:
    if not option["wrap_label"]:
        return _input(option)
    key = option["attrs"].get("id")
    tied = f' for="{conditional_escape(key)}"' if key else ""
    return f"<label{tied}>{_input(option)} {conditional_escape(option['label'])}</label>"


_FOLDER = "django/forms/widgets"
_INPUTS = ("text", "number", "email", "password", "hidden", "date", "file", "checkbox")
_DRAWN: dict[str, Callable[[Widget], str]] = {
    **{f"{_FOLDER}/{name}.html": _input for name in _INPUTS},
    f"{_FOLDER}/textarea.html": _textarea,
    f"{_FOLDER}/select.html": _select,
    f"{_FOLDER}/radio.html": _boxes,
    f"{_FOLDER}/checkbox_select.html": _boxes,
}
