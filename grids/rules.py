"""The rules of the tree, of posts and of codes, pure: each answers with a Chinese sentence why not, or None."""

from __future__ import annotations

import re
from collections.abc import Collection

from accounts.roles import ROLES, Reach, Role
from grids.choices import GridKind

COUNTY_RANK, TOWN_RANK, AREA_RANK, VILLAGE_RANK = range(4)
DEEPEST = 9

RANK_OF_KIND: dict[str, int] = {
    GridKind.COUNTY: COUNTY_RANK,
    GridKind.TOWN: TOWN_RANK,
    GridKind.SUBDISTRICT: TOWN_RANK,
    GridKind.DEV_ZONE: TOWN_RANK,
    GridKind.WORK_AREA: AREA_RANK,
    GridKind.VILLAGE: VILLAGE_RANK,
    GridKind.COMMUNITY: VILLAGE_RANK,
    GridKind.MICRO_GRID: VILLAGE_RANK + 1,
}

# What the levels are called until somebody renames them; deeper ones are added as rows, without code.
LEVEL_NAMES = {
    COUNTY_RANK: "县",
    TOWN_RANK: "镇（街道、开发区）",
    AREA_RANK: "工作区",
    VILLAGE_RANK: "村（社区）",
}

NAME_LENGTH = 60
_GRID_CODE = re.compile(r"[0-9A-Za-z-]{1,20}")
_DIVISION_CODE = re.compile(r"[0-9]{12}")


def code_fault(code: str) -> str | None:
    """Why `code` cannot be a grid code."""
    if _GRID_CODE.fullmatch(code):
        return None
    return f"网格编码“{code[:30]}”应为 1 到 20 位数字、字母或短横线"


def name_fault(name: str) -> str | None:
    """Why `name` cannot be the name of a grid; a slash would read as a step of the path."""
    if not name.strip():
        return "网格名称不能为空"
    if len(name) > NAME_LENGTH:
        return f"网格名称最多 {NAME_LENGTH} 字，现有 {len(name)} 字"
    if "/" in name or not name.isprintable():
        return "网格名称不能含有“/”或不可见字符"
    return None


def placement_fault(
    *, name: str, kind: str, rank: int, parent_name: str = "", parent_rank: int | None = None
) -> str | None:
    """Why a grid of `kind` and `rank` cannot stand there; `parent_rank` None: it would stand at the top."""
    if parent_rank is None:
        return None if kind == GridKind.COUNTY else f"“{name}”必须有上级网格，只有县可以没有上级"
    if kind == GridKind.COUNTY:
        return f"“{name}”是县，不能放在其他网格之下"
    if rank <= parent_rank:
        return f"“{name}”是第 {rank} 级，不能放在第 {parent_rank} 级的“{parent_name}”之下，上级的级别须更高"
    return None


def level_fault(rank: int, name: str, known: Collection[int]) -> str | None:
    """Why the level of `rank` cannot be called `name`; a new one goes right below the deepest of `known`."""
    if not 1 <= len(name.strip()) <= 20:
        return "层级名称应为 1 到 20 字。"
    if rank not in known and (rank != max(known) + 1 or rank > DEEPEST):
        return f"只能在第 {max(known)} 级之下再加一级，最多 {DEEPEST} 级。"
    return None


def path_under(name: str, parent_path: str | None, parent_is_root: bool) -> str:
    """The full name from the county downwards, without the county itself; `parent_path` None: the county's own."""
    if parent_path is None or parent_is_root:
        return name
    return f"{parent_path}/{name}"


# --- division codes (统计用区划代码): 6 digits of a county, 3 of a town, 3 of a village -------------------------------
def full_division_code(code: str) -> str:
    """`code` of a county (6), a town (9) or a village (12 digits) as 12 digits."""
    return code.ljust(12, "0")


def short_division_code(code: str) -> str:
    """`code` of 12 digits without the zeros of the levels below: 6, 9 or 12 digits."""
    if len(code) == 12 and code.endswith("000000"):
        return code[:6]
    return code[:9] if len(code) == 12 and code.endswith("000") else code


def division_fault(code: str) -> str | None:
    """Why `code` is no division code of 12 digits. Source: 国家统计局《统计用区划代码和城乡划分代码编制规则》."""
    if not _DIVISION_CODE.fullmatch(code):
        return f"区划代码“{code[:20]}”应为 12 位数字"
    town, village = int(code[6:9]), int(code[9:])
    if code[:6] == "000000" or code[2:6] == "0000":
        return f"区划代码“{code}”的前 6 位应为县级代码"
    if town == 0 and village == 0:
        return None
    if not 1 <= town <= 599:
        return f"区划代码“{code}”的第 7 至 9 位应在 001 到 599 之间"
    return None


def kind_of_town(code: str) -> GridKind:
    """What the town part says: 001–099 a subdistrict, 100–399 a town or township, 400–599 a development zone."""
    part = int(code[6:9])
    if part < 100:
        return GridKind.SUBDISTRICT
    return GridKind.DEV_ZONE if part >= 400 else GridKind.TOWN


def kind_of_village(name: str) -> GridKind:
    """A community by its name (…社区, …居委会, …居民委员会), else a village."""
    is_community = name.endswith(("社区", "居委会", "居民委员会"))
    return GridKind.COMMUNITY if is_community else GridKind.VILLAGE


# --- posts ------------------------------------------------------------------------------------------------------------
_RANKS_OF_ROLE: dict[Role, tuple[int, ...]] = {
    Role.TOWN_HEAD: (TOWN_RANK,),
    Role.TOWN_OFFICE: (TOWN_RANK,),
    Role.AREA_HEAD: (AREA_RANK,),
}


def post_fault(role: Role, *, rank: int | None, has_department: bool) -> str | None:
    """Why `role` cannot be held at a grid of `rank` (None: at no grid) or at a department."""
    reach, label = ROLES[role].reach, role.label
    if reach == Reach.DEPARTMENT:
        return None if has_department and rank is None else f"“{label}”须在一个部门任职，请选择部门"
    if reach == Reach.SPONSORED:
        return None if rank is None else f"“{label}”不在网格任职，请用“包保”指定网格"
    if reach == Reach.NOTHING or (role == Role.SYSTEM_ADMIN and rank is None):
        return None if rank is None and not has_department else f"“{label}”不在网格或部门任职，请不要选择"
    if role == Role.EXTERNAL:
        return None if (rank is None) == has_department else f"“{label}”须指定一个网格或一个部门"
    return _fault_at_grid(role, rank, has_department)


def _fault_at_grid(role: Role, rank: int | None, has_department: bool) -> str | None:
    if rank is None or has_department:
        return f"“{role.label}”须在一个网格任职，请选择网格"
    if ROLES[role].reach == Reach.COUNTY:
        return None if rank == COUNTY_RANK else f"“{role.label}”须在县级网格任职"
    if role == Role.VILLAGE_HEAD:
        return None if rank >= VILLAGE_RANK else f"“{role.label}”须在村（社区）任职"
    allowed = _RANKS_OF_ROLE.get(role)
    if allowed and rank not in allowed:
        return f"“{role.label}”须在第 {allowed[0]} 级网格（{LEVEL_NAMES[allowed[0]]}）任职"
    return None if rank > COUNTY_RANK else f"“{role.label}”须在县以下的网格任职"


# --- unified social credit code ---------------------------------------------------------------------------------------
_USCC = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{2}[0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}")
_USCC_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def uscc_fault(code: str) -> str | None:
    """Why `code` is no 统一社会信用代码: 18 characters, the last one a check character (GB 32100-2015, 附录 A)."""
    if not _USCC.fullmatch(code):
        return "统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）"
    total = sum(_USCC_DIGITS.index(sign) * pow(3, position, 31) for position, sign in enumerate(code[:17]))
    if _USCC_DIGITS[(31 - total % 31) % 31] != code[17]:
        return "统一社会信用代码的校验位不符，请核对后重新填写"
    return None


# --- people -----------------------------------------------------------------------------------------------------------
def masked_phone(phone: str) -> str:
    """A number of which only the first three and the last four digits show; a short one shows nothing."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else "*" * len(phone)
