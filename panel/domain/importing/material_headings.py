"""What people call the columns and kinds of a material table, beside the labels that a round gives them."""

from __future__ import annotations


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


#: The label in a round -> other names for it. Words about words: no field is named here.
SAME: dict[str, tuple[str, ...]] = {
    "项目": _names("科研项目 教研项目 教改项目 项目情况"),
    "课题": _names("科研课题 课题情况"),
    "奖励": _names("获奖 获奖情况 奖项 荣誉 荣誉称号 教学科研奖励 奖励情况 所获奖励"),
    "著作": _names("教材 专著 著作教材 教材著作 出版著作 著作情况 编著"),
    "论文": _names("学术论文 发表论文 期刊论文 论文情况 发表论文情况"),
    "专利": _names("发明专利 专利情况 知识产权"),
    "重要技术报告": _names("技术报告 研究报告 咨询报告"),
    "项目类别": _names("课题类别 项目级别 课题级别 立项类别"),
    "项目来源": _names("来源 立项单位 下达单位 批准单位 课题来源"),
    "项目状态": _names("状态 完成情况 结题情况 是否结项"),
    "到账经费": _names("经费 项目经费 经费（万元）"),
    "等次": _names("获奖等级 奖励等级 奖项等级 等级 获奖等次"),
    "颁奖单位": _names("授奖单位 颁奖部门 授予单位 颁发单位 发证单位"),
    "刊物名称": _names("期刊名称 期刊 刊物 发表刊物 发表期刊 刊名 会议名称"),
    "卷、期、页码": _names("卷期页码 卷期 期号 刊期 卷号期号"),
    "收录情况": _names("收录 检索情况 检索收录 期刊级别 刊物级别"),
    "出版社名称": _names("出版社 出版单位"),
    "著作类别": _names("著作类型"),
    "本人撰写字数": _names("撰写字数 本人字数 字数 字数（万字）"),
    "专利号": _names("专利编号 授权号"),
    "总人数": _names("人数 参与人数 团队人数"),
    "本人作用": _names("承担角色 角色 主持或参与"),
    "合（独）著、译": _names("独著合著 著作方式 作者类型"),
}
#: What a field is called by what it is in an entry.
TITLE = _names("名称 题目 标题 成果名称 业绩名称 项目名称 课题名称 论文题目 论文名称 著作名称 奖项名称 内容")
START = _names(
    "时间 日期 年月 开始时间 起始时间 立项年月 获奖年月 取得时间 发表时间 发表年月 出版时间 授权时间"
)
END = _names("结束时间 终止时间 结题时间 完成时间 验收时间")
RANK = _names("排名 排序 名次 位次 本人排名 署名排序 作者排序 排名（第几） 完成人排名")
PERIOD = _names("起止时间 起止年月 研究期限 项目起止时间 执行期限")
KIND = _names("类别 业绩类别 成果类别 类型 业绩类型 成果类型")
SPECIALITY = _names("申报专业 申报学科 专业")
STAFF_NUMBER = _names("工号 职工号 教工号 教职工号 员工号 人员编号 职工编号")
NAME = _names("姓名 申报人 申报人姓名 教师姓名 名字")
#: An option's label -> what else people write for it.
OPTIONS: dict[str, tuple[str, ...]] = {
    "在研": _names("进行中 未结题 未结项 至今"),
    "已结项": _names("结项 结题 已结题 已完成 完成 已验收 通过验收"),
    "主持": _names("主持人 项目负责人 课题负责人"),
    "参加": _names("参与 主要参与人"),
    "合著（合作完成）": _names("合作"),
    "北大中文核心": _names("北大核心 中文核心 北图核心 中文核心期刊 北大核心期刊"),
}
#: What stands for a period without an end.
NO_END = "至今"
#: What a label speaks of says which part of a text goes there: regular expressions over labels.
PUBLISHER, JOURNAL, ISSUE = "出版社", "刊物|期刊", "期、页|期号"
TEAM = "总人数"
GRADE, BODY, CATEGORY = "等次|等级", "单位|来源|机关", "类别"
