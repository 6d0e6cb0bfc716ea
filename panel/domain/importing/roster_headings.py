"""What people call the roster's columns and choices, the surest name first."""

from __future__ import annotations

#: A column of the file that is compared, not stored: whose people these are.
UNIT = "unit"


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


WORDS: dict[str, tuple[str, ...]] = {
    "staff_number": _names("工号 职工号 教工号 教职工号 员工号 人员编号 职工编号 人事编号 人员代码"),
    "name": _names("姓名 名字 教师姓名 职工姓名"),
    "gender": _names("性别"),
    "birth_date": _names("出生日期 出生年月日 出生年月 出生时间 生日"),
    "id_number": _names("身份证号 身份证号码 身份证 公民身份号码 公民身份证号码 证件号码 证件号"),
    "phone": _names("手机 手机号 手机号码 移动电话 联系电话 联系方式 电话"),
    "email": _names("电子邮箱 邮箱 email e-mail 电子邮件 邮箱地址"),
    "department": _names(
        "所在部门 部门 二级学院 所在学院 学院 院系 所属部门 部门名称 所在二级单位 二级单位 "
        "院部 教学单位 所在单位 单位"
    ),
    "recommending_unit": _names("推荐单位"),
    "series": _names("岗位系列"),
    "work_start": _names("参加工作时间 参加工作年月 参加工作日期 参工时间 工作时间"),
    "joined_on": _names("来本单位时间 来校时间 入校时间 进校时间 到校时间 来校工作时间 入职时间 入职日期"),
    "in_service": _names("在职 在职状态 在职情况 是否在职 人员状态 在岗情况 在岗状态 当前状态"),
    "retired": _names("已退休 是否退休"),
    "title": _names(
        "现职称 现任职称 现有职称 现职称名称 现专业技术职务 现任专业技术职务 专业技术职务 "
        "专业技术资格 职称名称 职称"
    ),
    "title_level": _names("现职称级别 现职称等级 职称级别 职称等级 级别"),
    "title_series": _names("现职称系列 职称系列"),
    "title_approved_on": _names(
        "现职称批准日期 现职称批准时间 现职称取得时间 现职称时间 职称批准时间 职称取得时间 任职资格时间 "
        "取得资格时间 批准日期 批准时间 评定时间 取得时间"
    ),
    "speciality": _names("申报专业 专业"),
    "sanction": _names("处分 处分情况"),
    "sanction_until": _names("处分到期日 处分截止日期 处分期满日期"),
    "barred_until": _names("不得申报至"),
    "barred_reason": _names("不得申报的原因 不得申报原因"),
    UNIT: _names("工作单位 单位名称 单位 所在单位"),
}
EXAMPLES: dict[str, str] = {
    "staff_number": "20160011",
    "name": "林晓雯",
    "gender": "女",
    "birth_date": "1986-03-12",
    "phone": "13800000001",
    "email": "lin@example.edu.cn",
    "work_start": "2012-07",
    "joined_on": "2016-09",
    "in_service": "是",
    "retired": "否",
    "title": "讲师",
    "title_level": "中级",
    "title_approved_on": "2018-12",
    "sanction": "无",
}
RETIRED = _names("退休 已退休")
IN_SERVICE: dict[str, str] = dict.fromkeys(
    _names("在职 在岗 在编 聘用 是 有 1 √ y yes"), "1"
) | dict.fromkeys((*_names("不在职 离职 离岗 调出 辞职 去世 否 0 × n no"), *RETIRED), "")
YES_NO: dict[str, str] = dict.fromkeys((*_names("是 1 √ y yes"), *RETIRED), "1") | dict.fromkeys(
    _names("否 未退休 在职 0 × n no"), ""
)
