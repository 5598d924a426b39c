"""What is written in the audit log, in the words of those who read it. Acts on cases have theirs in the lifecycle."""

from cases.transitions import LIFECYCLE

_WORDS = {
    "user.sign_in": "登录",
    "user.sign_in_failed": "登录失败",
    "user.sign_in_locked": "登录被锁定",
    "user.sign_out": "退出登录",
    "user.change_password": "修改密码",
    "user.reset_password": "重置密码",
    "user.require_password_change": "要求修改密码",
    "user.create": "新增人员",
    "user.update": "修改人员资料",
    "user.disable": "停用账号",
    "user.enable": "启用账号",
    "api_client.issue": "签发外部系统密钥",
    "api_client.revoke": "停用外部系统密钥",
    "department.create": "新增部门",
    "department.change": "修改部门",
    "post.appoint": "任职",
    "post.end": "离任",
    "sponsorship.begin": "包保",
    "sponsorship.end": "结束包保",
    "grid.create": "新增网格",
    "grid.import": "导入网格",
    "grid.import_boundaries": "导入网格边界",
    "grid.move": "调整网格隶属",
    "grid.name_level": "修改网格层级名称",
    "grid.rebuild": "修复网格树",
    "grid.rename": "网格更名",
    "grid.restore": "恢复网格",
    "grid.retire": "停用网格",
    "grid.set_boundary": "设定网格边界",
    "grid.set_centre": "设定网格中心点",
    "source.register": "登记污染源",
    "source.update": "修改污染源",
    "category.create": "新增问题类别",
    "category.change": "修改问题类别",
    "limit.create": "新增时限",
    "limit.change": "修改时限",
    "reference.load": "载入类别和时限",
    "calendar.seed": "载入节假日",
    "calendar.set_day": "设定节假日或调休",
    "calendar.remove_day": "删除节假日或调休",
    "calendar.set_office_hours": "设定作息时间",
    "calendar.remove_office_hours": "删除作息时间",
    "patrol.record": "提交巡查记录",
    "case.register": "登记办件",
}

WORDS: dict[str, str] = {f"case.{row.action}": row.label for row in LIFECYCLE.rows} | _WORDS


def word_for(verb: str) -> str:
    """The word for a verb of the log; one that is gone from the program by now is shown as it was written."""
    return WORDS.get(verb, verb)
