"""The ledger of the demo: 120 sources of every category, in the places where such sites would be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from grids.choices import GridKind, SourceClass
from grids.choices import SourceCategory as S
from grids.coordinates import GivenPoint
from grids.models import Grid, Source
from grids.scope import Scope
from grids.services import SourceDraft, register_source
from pingyi_grid.demo.names import MARK
from pingyi_grid.demo.people import NEXT_TOWN, TOWN

# About 300 m: so that sites of one village do not lie on each other on the map.
_SPREAD_DEGREES = 0.003


@dataclass(frozen=True)
class SiteKind:
    """How many sites of a category, how they are called, and the towns (codes) where they are at home; empty: any."""

    category: S
    number: int
    names: tuple[str, ...]
    towns: tuple[str, ...] = ()
    key_share: float = 0.1


_STONE = (NEXT_TOWN, "371326103", TOWN)
_CANS = ("371326106", "371326105", "371326107")
_LUCKY = (
    "福泰", "恒兴", "金鼎", "永盛", "华顺", "鲁源", "瑞丰", "宏达",
    "德馨", "兴隆", "东岳", "蒙阳", "春晖", "聚源", "祥云",
)  # fmt: skip

SITES = (
    SiteKind(S.INDUSTRY, 18, ("石材加工厂", "石材有限公司", "异型石材厂"), _STONE, 0.3),
    SiteKind(S.INDUSTRY, 10, ("罐头食品厂", "果蔬加工厂"), _CANS, 0.4),
    SiteKind(S.INDUSTRY, 8, ("金银花烘干厂", "木业板材厂", "建材厂"), ("371326109", "371326110", "371326108"), 0.2),
    SiteKind(S.SITE, 14, ("安置小区工地", "管网改造工程工地", "商住楼工地"), ("371326001", TOWN, NEXT_TOWN)),
    SiteKind(S.LIVESTOCK, 18, ("生猪养殖场", "蛋鸡养殖场", "肉鸭养殖场"), key_share=0.2),
    SiteKind(S.CATERING, 14, ("羊汤馆", "家常菜馆", "烧烤店"), ("371326001", TOWN, NEXT_TOWN, "371326106")),
    SiteKind(S.FUEL, 8, ("加油站",), key_share=0.5),
    SiteKind(S.REPAIR, 6, ("汽修厂", "农机修理部")),
    SiteKind(S.SCATTERED, 8, ("石材小作坊", "塑料制品加工点", "木器加工点"), (TOWN, NEXT_TOWN, "371326103")),
    SiteKind(S.OUTFALL, 6, ("浚河入河排口", "温凉河入河排口"), (TOWN, "371326001", "371326108"), 0.5),
    SiteKind(S.STRAW, 4, ("秸秆禁烧片区",)),
    SiteKind(S.DRINKING_WATER, 2, ("唐村水库水源保护区巡查点",), ("371326107",), 1.0),
    SiteKind(S.OTHER, 4, ("物流货场", "再生资源回收站")),
)


def make_sites(draw: Random, *, by: Scope, at: datetime) -> list[Source]:
    """Enter the sources through the ledger's own service. The same `draw` gives the same sources."""
    villages = list(Grid.objects.filter(kind__in=(GridKind.VILLAGE, GridKind.COMMUNITY)).in_order())
    return [register_source(draft=draft, is_demo=True, by=by, at=at) for draft in _drafts(draw, villages)]


def _drafts(draw: Random, villages: list[Grid]) -> Iterator[SourceDraft]:
    used: set[str] = set()
    for kind in SITES:
        for position in range(kind.number):
            town = kind.towns[position % len(kind.towns)] if kind.towns else ""
            village = draw.choice([grid for grid in villages if grid.code.startswith(town)])
            yield SourceDraft(
                name=_name(draw, kind, village, used),
                category=kind.category,
                supervision_class=_class(draw, kind),
                grid=village,
                address=village.path,
                location=_point(draw, village),
            )


def _name(draw: Random, kind: SiteKind, village: Grid, used: set[str]) -> str:
    place = village.path.split("/")[0].removesuffix("镇").removesuffix("街道")
    names = [f"{MARK}{place}{lucky}{name}" for lucky in _LUCKY for name in kind.names]
    name = draw.choice([name for name in names if name not in used])
    used.add(name)
    return name


def _class(draw: Random, kind: SiteKind) -> SourceClass:
    if draw.random() < kind.key_share:
        return SourceClass.KEY
    return SourceClass.SPECIAL if draw.random() < 0.1 else SourceClass.ORDINARY


def _point(draw: Random, village: Grid) -> GivenPoint | None:
    if village.centre_lon is None or village.centre_lat is None:
        return None
    shift_east, shift_north = (draw.uniform(-_SPREAD_DEGREES, _SPREAD_DEGREES) for _ in range(2))
    return GivenPoint(round(village.centre_lon + shift_east, 6), round(village.centre_lat + shift_north, 6))
