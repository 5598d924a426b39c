from django.db import models


class GridKind(models.TextChoices):
    COUNTY = "county", "县"
    TOWN = "town", "镇"
    SUBDISTRICT = "subdistrict", "街道"
    DEV_ZONE = "dev_zone", "开发区"
    WORK_AREA = "work_area", "工作区"
    VILLAGE = "village", "村"
    COMMUNITY = "community", "社区"
    MICRO_GRID = "micro_grid", "微网格"


class ChangeKind(models.TextChoices):
    RENAMED = "renamed", "更名"
    MOVED = "moved", "调整隶属"
    RETIRED = "retired", "停用"
    RESTORED = "restored", "恢复"


class CoordSys(models.TextChoices):
    WGS84 = "wgs84", "WGS-84"
    CGCS2000 = "cgcs2000", "CGCS2000"
    GCJ02 = "gcj02", "GCJ-02（高德、腾讯）"
    BD09 = "bd09", "BD-09（百度）"


class LocatedBy(models.TextChoices):
    BOUNDARY = "boundary", "边界内"
    NEAREST = "nearest", "最近中心（推定）"


class SponsorClass(models.TextChoices):
    """The four classes of 包保 cadres of the county's system."""

    COUNTY_LEADER = "county_leader", "县级领导"
    DEPT_HEAD = "dept_head", "县直部门主要负责人"
    SECTION_DEPUTY_UP = "section_deputy_up", "副科级以上干部"
    DEPT_STAFF = "dept_staff", "部门工作人员"


class SourceCategory(models.TextChoices):
    INDUSTRY = "industry", "工业企业"
    SITE = "site", "建筑工地"
    LIVESTOCK = "livestock", "畜禽养殖"
    CATERING = "catering", "餐饮"
    FUEL = "fuel", "加油站"
    REPAIR = "repair", "汽车维修"
    SCATTERED = "scattered", "散乱污"
    OUTFALL = "outfall", "入河排污口"
    STRAW = "straw", "秸秆禁烧区"
    DRINKING_WATER = "drinking_water", "饮用水源"
    OTHER = "other", "其他"


class SourceClass(models.TextChoices):
    KEY = "key", "重点"
    ORDINARY = "ordinary", "一般"
    SPECIAL = "special", "特殊"
