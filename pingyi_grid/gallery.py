"""Invented values for the gallery page: each component once in each of its states. Nothing here is business data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.templatetags.static import static

from kernel.display import (
    NO_CLOCK,
    Badge,
    ClockFace,
    Crumb,
    Stage,
    StagePlace,
    Tab,
    Tile,
    Tone,
    paused_face,
    running_face,
)
from kernel.svg_map import Area, Drawing, Point, draw


class SampleFilter(forms.Form):
    q = forms.CharField(label="关键词", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), ("1", "处置中")])
    since = forms.DateField(label="上报日期起", required=False, widget=forms.DateInput(attrs={"type": "date"}))


class SampleForm(forms.Form):
    opinion = forms.CharField(
        label="意见", help_text="写明依据，办件各方都能看到。", widget=forms.Textarea(attrs={"rows": 3})
    )
    unit = forms.ChoiceField(label="主办单位", choices=[("", "请选择"), ("1", "某部门"), ("2", "某镇")])
    severity = forms.ChoiceField(
        label="严重程度", choices=[("1", "一般"), ("2", "较重"), ("3", "紧急")], widget=forms.RadioSelect, initial="1"
    )
    photos = forms.FileField(label="照片", required=False, help_text="最多 9 张，每张不超过 20 MB。")
    is_public = forms.BooleanField(label="同意公示", required=False)


@dataclass(frozen=True)
class SampleAction:
    label: str
    icon: str
    is_allowed: bool
    form: forms.Form | None = None
    tone: str = "primary"
    reason: str = ""
    is_open: bool = False
    url: str = "/gallery/"


@dataclass(frozen=True)
class SamplePhoto:
    url: str
    thumbnail_url: str
    caption: str


@dataclass(frozen=True)
class SampleStep:
    at: datetime
    who: str
    post: str
    action: str
    icon: str
    tone: Tone
    origin: str = ""
    target: str = ""
    opinion: str = ""
    photos: tuple[SamplePhoto, ...] = ()


@dataclass(frozen=True)
class SamplePart:
    kind: str
    unit: str
    state: Badge
    clock: ClockFace
    who: str = ""
    feedback: str = ""


@dataclass(frozen=True)
class SampleNotice:
    subject: str
    body: str
    created_at: datetime
    url: str = ""
    urgent: bool = False
    read_at: datetime | None = None


@dataclass(frozen=True)
class SampleRow:
    number: str
    title: str
    place: str
    state: Badge
    severity: tuple[str, str]
    clock: ClockFace
    flags: tuple[Badge, ...] = ()


STATES = (
    Badge("待研判", Tone.WARN, "search"),
    Badge("处置中", Tone.ACTIVE, "work"),
    Badge("已办结", Tone.DONE, "done"),
    Badge("已通过", Tone.CALM, "check"),
    Badge("已驳回", Tone.BAD, "cross"),
    Badge("作废", Tone.MUTED, "void"),
)
FLAGS = (
    Badge("黄牌", Tone.WARN, "card"),
    Badge("红牌", Tone.BAD, "card"),
    Badge("超期", Tone.BAD, "overdue"),
    Badge("督办", Tone.BAD, "flag"),
    Badge("挂牌督办", Tone.BAD, "board"),
    Badge("反弹", Tone.WARN, "rebound"),
)
SEVERITIES = (("一般", "ordinary"), ("较重", "serious"), ("重大", "major"), ("紧急", "urgent"))
TILES = (
    Tile("待我办理", 12, "/gallery/", Tone.ACTIVE, "case", "今天到期 2 件"),
    Tile("即将到期", 3, "/gallery/", Tone.WARN, "hourglass"),
    Tile("已经超期", 1, "/gallery/", Tone.BAD, "overdue", "最长超期 2 个工作日"),
    Tile("本月办结", 48, "/gallery/", Tone.CALM, "done"),
)
TABS = (Tab("待我办理", "/gallery/", 12, True), Tab("我转出的", "/gallery/", 7), Tab("全部", "/gallery/"))
CRUMBS = (Crumb("某县", "/gallery/"), Crumb("某镇", "/gallery/"), Crumb("东工作区", "/gallery/"), Crumb("某村"))
FACTS = (("类别", "畜禽养殖污染"), ("来源", "日常巡查"), ("位置", "村东头沟渠北侧 50 米"), ("污染源", ""))


def clocks(at: datetime) -> tuple[ClockFace, ...]:
    """Every state of a clock, in order."""
    return (
        running_face(due=at + timedelta(days=6), share=0.18, left="剩 4 个工作日"),
        running_face(due=at + timedelta(days=3), share=0.6, left="剩 2 个工作日"),
        running_face(due=at + timedelta(hours=5), share=0.86, left="剩 3 小时 20 分"),
        running_face(due=at - timedelta(days=1), share=1.3, left="超期 1 个工作日"),
        paused_face(left="恢复后剩 3 个工作日", share=0.4),
        NO_CLOCK,
    )


def flow() -> tuple[Stage, ...]:
    passed, ahead = StagePlace.PASSED, StagePlace.AHEAD
    return (
        Stage("上报", passed, "11-20"),
        Stage("研判", passed, "11-20"),
        Stage("转办", passed, "11-21"),
        Stage("处置", StagePlace.CURRENT, "某部门"),
        Stage("核查", ahead),
        Stage("办结", ahead),
        Stage("归档", ahead),
    )


def steps(at: datetime) -> tuple[SampleStep, ...]:
    return (
        SampleStep(at - timedelta(days=3), "张三", "某村网格员", "上报", "up", Tone.ACTIVE, "", "待研判",
                   "村东头养殖场粪污直排沟渠，水体发黑。", photos(2)),
        SampleStep(at - timedelta(days=2), "李四", "某镇网格办", "转办", "send", Tone.ACTIVE, "待研判", "已转办",
                   "请于 5 个工作日内整改到位。"),
        SampleStep(at - timedelta(hours=5), "系统", "", "发出黄牌", "card", Tone.WARN),
        SampleStep(at, "王五", "某部门经办人", "提交处置结果", "done", Tone.CALM, "处置中", "待核查",
                   "已清理沟渠并修复集污池，附整改后照片。"),
    )  # fmt: skip


def photos(count: int) -> tuple[SamplePhoto, ...]:
    names = ("整改前", "整改后", "现场")
    picture = static("img/sample.svg")
    return tuple(SamplePhoto(picture, picture, names[place % len(names)]) for place in range(count))


def parts(at: datetime) -> tuple[SamplePart, ...]:
    calm, _, _, overdue, *_ = clocks(at)
    return (
        SamplePart("主办", "某部门", Badge("已签收", Tone.ACTIVE, "work"), calm),
        SamplePart("协办", "某镇", Badge("已反馈", Tone.DONE, "done"), NO_CLOCK, "赵六", "已配合现场清理。"),
        SamplePart("协办", "另一部门", Badge("待签收", Tone.WARN, "send"), overdue),
    )


def notices(at: datetime) -> tuple[SampleNotice, ...]:
    return (
        SampleNotice("紧急上报：河道出现死鱼", "某镇某村，请 30 分钟内研判。", at, "/gallery/", urgent=True),
        SampleNotice("办件已办结", "您上报的问题已核查通过。", at - timedelta(days=1), "/gallery/", read_at=at),
    )


def rows(at: datetime) -> tuple[SampleRow, ...]:
    faces = clocks(at)
    handling, triage, done = STATES[1], STATES[0], STATES[2]
    ordinary, serious, _, urgent = SEVERITIES
    return (
        SampleRow(
            "WT-20261123-0001", "养殖场粪污直排沟渠", "某镇/东工作区/某村", handling, serious, faces[2], FLAGS[:1]
        ),
        SampleRow("WT-20261120-0007", "工地裸土未覆盖", "某镇/西工作区/另一村", triage, ordinary, faces[0]),
        SampleRow(
            "WT-20261112-0003", "小作坊夜间排放刺鼻气体，附近居民多次反映", "某街道/城东社区", handling, urgent,
            faces[3], FLAGS[1:4],
        ),
        SampleRow("WT-20261102-0011", "路边焚烧秸秆", "某镇/北工作区/某村", done, ordinary, faces[5]),
    )  # fmt: skip


def actions() -> tuple[SampleAction, ...]:
    return (
        SampleAction("转办", "send", True, SampleForm(prefix="refer")),
        SampleAction("申请作废", "void", True, SampleForm(prefix="void"), "danger"),
        SampleAction("自处置", "work", False, reason="严重程度为较重，只有一般问题可以自处置。"),
    )


def drawing() -> Drawing | None:
    """Nine invented fields round a point."""
    areas = [
        Area(f"{row}{column}", f"第 {row * 3 + column + 1} 格", _square(117.6 + column * 0.02, 35.5 + row * 0.016),
             "map-here" if (row, column) == (1, 1) else "")
        for row in range(3) for column in range(3)
    ]  # fmt: skip
    # What is drawn later lies on top: the marked field's outline stays whole.
    areas.sort(key=lambda area: area.css_class)
    return draw(areas, [Point("问题位置", 117.633, 35.527)])


def _square(west: float, south: float) -> dict[str, Any]:
    east, north = west + 0.02, south + 0.016
    return {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north]]]}


def icons() -> list[str]:
    """The names in the sprite, in its own order."""
    sprite = (Path(settings.BASE_DIR) / "static" / "img" / "icons.svg").read_text("utf-8")
    return [piece.partition('"')[0] for piece in sprite.split('<symbol id="')[1:]]


def samples(at: datetime) -> dict[str, Any]:
    """Everything that the two gallery pages show, as of `at`."""
    return {
        "states": STATES, "flags": FLAGS, "severities": SEVERITIES, "tiles": TILES, "tabs": TABS, "crumbs": CRUMBS,
        "facts": FACTS, "clocks": clocks(at), "flow": flow(), "steps": steps(at), "photos": photos(3),
        "parts": parts(at), "notices": notices(at), "rows": rows(at), "actions": actions(), "drawing": drawing(),
        "icons": icons(), "filter": SampleFilter(), "form": SampleForm(),
        "wrong_form": SampleForm({"opinion": ""}, prefix="wrong"), "page": Paginator(range(128), 50).page(2),
    }  # fmt: skip
