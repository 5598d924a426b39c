"""The tags of templates: what a page writes, and what comes out."""

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import Context, Template

from kernel.display import NO_CLOCK, Badge, Tone, paused_face, running_face


def rendered(source: str, **values: object) -> str:
    return Template("{% load components %}" + source).render(Context(values))


class Matter(forms.Form):
    title = forms.CharField(label="标题", help_text="一句话说清楚")
    unit = forms.ChoiceField(label="单位", choices=[("1", "甲")])
    grade = forms.ChoiceField(label="程度", choices=[("1", "一般")], widget=forms.RadioSelect)
    is_public = forms.BooleanField(label="同意公示", required=False)
    note = forms.CharField(label="备注", required=False, widget=forms.Textarea(attrs={"class": "tall"}))


def test_an_icon_beside_a_word_is_silent():
    assert rendered('{% icon "bell" %}') == (
        '<svg class="icon" aria-hidden="true"><use href="/static/img/icons.svg#bell"/></svg>'
    )


def test_an_icon_that_stands_alone_is_read_aloud():
    assert 'role="img" aria-label="消息"' in rendered('{% icon "bell" "消息" %}')


def test_no_icon_is_nothing():
    assert rendered("{% icon name %}", name="") == ""


def test_a_moment_is_shown_in_local_time():
    at = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
    assert rendered("{% moment at %}", at=at) == (
        '<time datetime="2026-11-27T17:30:00+08:00" title="星期五">2026-11-27 17:30</time>'
    )
    assert ">11月27日 17:30<" in rendered("{% short_moment at %}", at=at)


def test_the_day_of_a_moment_is_its_local_day():
    late = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
    assert rendered("{% day at %}", at=late) == '<time datetime="2026-11-28" title="星期六">2026-11-28</time>'
    assert ">2026-11-27<" in rendered("{% day at %}", at=date(2026, 11, 27))


@pytest.mark.parametrize("tag", ["moment", "short_moment", "day"])
def test_a_time_that_is_not_known_is_a_dash(tag):
    assert rendered("{% " + tag + " at %}", at=None) == "—"


@pytest.mark.parametrize(
    ("name", "css_class"),
    [
        ("title", 'class="form-control"'),
        ("unit", 'class="form-select"'),
        ("is_public", 'class="form-check-input"'),
        ("note", 'class="tall form-control"'),
    ],
)
def test_each_kind_of_input_has_its_class(name, css_class):
    assert css_class in rendered("{% field bound %}", bound=Matter()[name])


def test_a_group_of_choices_has_no_class_of_a_single_input():
    assert "form-c" not in rendered("{% field bound %}", bound=Matter()["grade"])


def test_a_required_field_says_so_and_an_optional_one_does_not():
    form = Matter()
    assert "必填" in rendered("{% field bound %}", bound=form["title"])
    assert "必填" not in rendered("{% field bound %}", bound=form["note"])


def test_help_and_errors_are_tied_to_the_input():
    html = rendered("{% field bound %}", bound=Matter({})["title"])
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'class="form-control is-invalid"' in html
    assert 'id="id_title_helptext">一句话说清楚<' in html
    assert 'id="id_title_error">' in html


def test_marks_stand_side_by_side_and_escape_their_words():
    html = rendered("{% marks badges %}", badges=[Badge("处置中", Tone.ACTIVE, "work"), Badge("<b>", Tone.BAD, "")])
    assert html == (
        '<span class="badge-mark tone-active"><svg class="icon" aria-hidden="true">'
        '<use href="/static/img/icons.svg#work"/></svg>处置中</span>'
        '<span class="badge-mark tone-bad">&lt;b&gt;</span>'
    )
    assert rendered("{% marks badges %}", badges=[]) == ""


def test_a_clock_shows_the_moment_and_what_is_left():
    due = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
    html = rendered("{% clock face '研判' %}", face=running_face(due=due, share=0.6, left="剩 2 个工作日"))
    assert "研判 剩 2 个工作日" in html
    assert '<progress max="100" value="60" aria-label="过半，时间已用 60%">' in html
    assert "2026-11-27 17:30</time> 前" in html


def test_a_clock_that_stands_still_shows_no_moment():
    html = rendered("{% clock face %}", face=paused_face(left="剩 1 个工作日"))
    assert "剩 1 个工作日" in html
    assert '<span class="clock-due">暂停计时</span>' in html
    assert "<time" not in html
    assert "<progress" not in html


def test_what_is_not_timed_says_so_once():
    assert rendered("{% clock face %}", face=NO_CLOCK).count("不计时") == 1


def test_words_of_people_are_escaped_everywhere():
    html = rendered(
        "{% page_header title lead=title %}{% endpage_header %}{% panel title %}{% endpanel %}", title="<b>"
    )
    assert "<b>" not in html


def test_a_page_header_without_actions_leaves_no_room_for_them():
    assert "page-actions" not in rendered('{% page_header "办件" %} {% endpage_header %}')
    assert "page-actions" in rendered('{% page_header "办件" %}<a href="/">新建</a>{% endpage_header %}')
