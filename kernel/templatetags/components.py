"""Template tags that know no domain word: icons, moments, form fields, page headers and panels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache, lru_cache

from django import template
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    RadioSelect,
    Select,
    Widget,
)
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kernel.display import Badge, ClockFace

register = template.Library()

_WEEKDAYS = "一二三四五六日"


@cache
def _sprite() -> str:
    return static("img/icons.svg")


@lru_cache(maxsize=256)
def _silent_icon(name: str) -> SafeString:
    """Kept: a list of fifty rows draws some three hundred icons of a dozen names."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', _sprite(), name)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString | str:
    """The icon `name` of the sprite. With `label` it is read aloud; without, it decorates a word beside it."""
    if not name:
        return ""
    if not label:
        return _silent_icon(str(name))
    markup = '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>'
    return format_html(markup, label, _sprite(), name)


def _time(machine: str, title: str, words: str) -> SafeString:
    """A `time` element. Its parts are made here of digits and fixed words, so there is nothing to escape."""
    return SafeString(f'<time datetime="{machine}" title="{title}">{words}</time>')


@register.simple_tag
def moment(at: datetime | None, empty: str = "—") -> SafeString | str:
    """A moment in local time to the minute, as `2026-11-27 17:30`."""
    if at is None:
        return empty
    local = timezone.localtime(at)
    return _time(local.isoformat(), f"星期{_WEEKDAYS[local.weekday()]}", f"{local.date()} {local:%H:%M}")


@register.simple_tag
def short_moment(at: datetime | None, empty: str = "—") -> SafeString | str:
    """A moment in local time for narrow places, as `11月27日 17:30`; the year is in the title."""
    if at is None:
        return empty
    local = timezone.localtime(at)
    return _time(local.isoformat(), str(local.date()), f"{local.month}月{local.day}日 {local:%H:%M}")


@register.simple_tag
def day(value: date | None, empty: str = "—") -> SafeString | str:
    """A day as `2026-11-27`; of a moment, its local day."""
    if value is None:
        return empty
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return _time(value.isoformat(), f"星期{_WEEKDAYS[value.weekday()]}", value.isoformat())


# --- marks: a list of fifty rows draws some two hundred, of a few dozen kinds ---------------------------------------
@register.simple_tag
@lru_cache(maxsize=256)
def mark(label: str, tone: str, icon_name: str) -> SafeString:
    """A state in word, shape and colour."""
    return format_html('<span class="badge-mark tone-{}">{}{}</span>', tone, icon(icon_name), label)


@register.simple_tag
def marks(badges: Iterable[Badge]) -> SafeString:
    """`mark` for each of some badges, side by side."""
    return SafeString("".join(mark(badge.label, badge.tone, badge.icon) for badge in badges))


@register.simple_tag
@lru_cache(maxsize=64)
def severity(code: str, label: str) -> SafeString:
    """How grave a matter is: one to three bars, or a bolt."""
    return format_html('<span class="severity severity-{}">{}{}</span>', code, icon(f"severity-{code}"), label)


@register.simple_tag
def clock(face: ClockFace, stage: str = "") -> SafeString:
    """A deadline: the moment AND what is left; before it the stage, where there is room for no line of its own."""
    words = face.left or face.word
    return format_html(
        '<span class="clock clock-{}"><span class="clock-left">{}{}</span>{}{}</span>',
        face.state,
        icon(face.icon),
        f"{stage} {words}" if stage else words,
        _used(face),
        _due(face),
    )


def _used(face: ClockFace) -> SafeString | str:
    if face.percent is None:
        return ""
    bar = '<progress max="100" value="{0}" aria-label="{1}，时间已用 {0}%"></progress>'
    return format_html(bar, face.percent, face.word)


def _due(face: ClockFace) -> SafeString | str:
    if face.due_at is not None:
        return format_html('<span class="clock-due">{} 前</span>', moment(face.due_at))
    return format_html('<span class="clock-due">{}</span>', face.word) if face.left else ""


# --- forms and frames -------------------------------------------------------------------------------------------------
def _css_class(widget: Widget) -> str:
    """The class of the input; a group of inputs has none, it would be put on the group as well."""
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return ""
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    if isinstance(widget, Select):
        return "form-select"
    return "form-control"


def _widget(bound: BoundField) -> SafeString:
    """The input with the classes of the style sheet; Django adds the links to help and errors for readers aloud."""
    widget = bound.field.widget
    own = _css_class(widget)
    classes = [widget.attrs.get("class", ""), own, "is-invalid" if own and bound.errors else ""]
    return bound.as_widget(attrs={"class": " ".join(filter(None, classes))})


@register.inclusion_tag("_components/field.html")
def field(bound: BoundField) -> dict[str, object]:
    """A form field with its label, mark of duty, help and errors."""
    widget = bound.field.widget
    return {
        "bound": bound,
        "widget": _widget(bound),
        "is_check": isinstance(widget, CheckboxInput),
        "is_group": isinstance(widget, RadioSelect | CheckboxSelectMultiple),
    }


@register.simple_block_tag
def page_header(content: str, title: str, lead: str = "", back: str = "", back_label: str = "返回") -> SafeString:
    """The head of a page; what stands between the tags are its actions."""
    values = {"title": title, "lead": lead, "back": back, "back_label": back_label}
    actions = content if content.strip() else ""
    return render_to_string("_components/page_header.html", {**values, "actions": actions})


@register.simple_block_tag
def panel(content: str, title: str = "", icon: str = "", note: str = "", name: str = "") -> SafeString:
    """A card with a title around what stands between the tags; `name` is the anchor for links to it."""
    values = {"title": title, "icon": icon, "note": note, "name": name, "content": content}
    return render_to_string("_components/panel.html", values)
