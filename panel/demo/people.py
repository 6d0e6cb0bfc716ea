"""The invented university and its people. Any likeness to real persons or places is chance."""

from __future__ import annotations

from dataclasses import dataclass

from models.messages import M as _
from models.messages import Message

UNIT_CODE = "jcut"
UNIT_NAME = "江城理工学院"
#: code, name, is an office
DEPARTMENTS: tuple[tuple[str, str, bool], ...] = (
    ("cs", "计算机科学与工程学院", False),
    ("mech", "机械与电气工程学院", False),
    ("arts", "人文与外国语学院", False),
    ("econ", "经济管理学院", False),
    ("lab", "工程训练与实验中心", False),
    ("hr", "人力资源部", True),
    ("research", "科研处", True),
    ("ethics", "党委教师工作部", True),
    ("discipline", "纪委办公室", True),
)

TEACHER, LAB = "teacher", "lab"


@dataclass(frozen=True)
class Applicant:
    """One invented applicant: who they are, what they apply for, how far their case has come."""

    staff_number: str
    name: str
    gender: str
    born: str
    department: str
    series: str
    title: str  # present title, "" before the first application
    title_level: str
    title_series: str
    approved_on: str
    work_start: str
    kind: str
    level: str
    speciality: int  # place among the round's specialities
    stage: str


def _a(*row: object) -> Applicant:
    return Applicant(*row)  # type: ignore[arg-type]


F, M = "female", "male"
APPLICANTS: tuple[Applicant, ...] = (
    _a("20160011", "林晓雯", F, "1989-04-12", "cs", TEACHER, "讲师", "middle", TEACHER, "2019-12-20", "2014-07", "promotion", "associate", 0, "new"),
    _a("20210032", "周子昂", M, "1994-11-03", "cs", TEACHER, "助教", "junior", TEACHER, "2021-12-18", "2020-07", "promotion", "middle", 0, "draft_started"),
    _a("20150023", "何思源", M, "1987-02-25", "mech", TEACHER, "讲师", "middle", TEACHER, "2018-12-22", "2013-07", "promotion", "associate", 1, "draft_ready"),
    _a("20200041", "苏婉清", F, "1993-08-17", "arts", TEACHER, "助教", "junior", TEACHER, "2020-12-19", "2019-07", "promotion", "middle", 3, "disqualified"),
    _a("20140015", "郑一鸣", M, "1986-06-30", "mech", TEACHER, "讲师", "middle", TEACHER, "2017-12-23", "2012-07", "promotion", "associate", 1, "checked"),
    _a("20250052", "谢雨桐", F, "1998-01-09", "econ", TEACHER, "", "", "", "", "2024-07", "first", "junior", 4, "on_behalf"),
    _a("20100018", "罗文博", M, "1980-09-14", "cs", TEACHER, "副教授", "associate", TEACHER, "2018-12-22", "2005-07", "promotion", "senior", 0, "returned"),
    _a("20140027", "唐若曦", F, "1988-12-01", "econ", TEACHER, "讲师", "middle", TEACHER, "2018-12-22", "2013-07", "promotion", "associate", 4, "resubmitted"),
    _a("20130036", "冯建华", M, "1984-03-22", "mech", TEACHER, "讲师", "middle", TEACHER, "2016-12-24", "2010-07", "promotion", "associate", 1, "not_recommended"),
    _a("20150044", "邓佳怡", F, "1988-07-19", "arts", TEACHER, "讲师", "middle", TEACHER, "2018-12-22", "2013-07", "promotion", "associate", 3, "unit_publicity"),
    _a("20090012", "曹明远", M, "1979-05-06", "cs", TEACHER, "副教授", "associate", TEACHER, "2017-12-23", "2004-07", "promotion", "senior", 0, "publicity_over"),
    _a("20140055", "彭雪莹", F, "1987-10-28", "econ", TEACHER, "讲师", "middle", TEACHER, "2018-12-22", "2012-07", "promotion", "associate", 4, "on_hold"),
    _a("20210061", "蒋志强", M, "1995-02-11", "mech", TEACHER, "助教", "junior", TEACHER, "2021-12-18", "2020-07", "promotion", "middle", 1, "lapsed"),
    _a("20150066", "沈佳宁", F, "1989-09-05", "cs", TEACHER, "讲师", "middle", TEACHER, "2019-12-20", "2014-07", "promotion", "associate", 0, "panel"),
    _a("20140071", "余浩然", M, "1986-04-18", "econ", TEACHER, "讲师", "middle", TEACHER, "2017-12-23", "2011-07", "promotion", "associate", 4, "panel_ready"),
    _a("20080019", "潘梦琪", F, "1978-11-27", "arts", TEACHER, "副教授", "associate", TEACHER, "2016-12-24", "2003-07", "promotion", "senior", 3, "ballot"),
    _a("20150082", "杜俊杰", M, "1988-01-15", "cs", TEACHER, "讲师", "middle", TEACHER, "2018-12-22", "2013-07", "promotion", "associate", 0, "withdrawn"),
    _a("20130093", "叶静怡", F, "1985-08-08", "mech", TEACHER, "讲师", "middle", TEACHER, "2016-12-24", "2010-07", "promotion", "associate", 1, "passed"),
    _a("20130104", "魏东升", M, "1983-12-19", "econ", TEACHER, "讲师", "middle", TEACHER, "2016-12-24", "2009-07", "promotion", "associate", 4, "failed"),
    _a("20140115", "任雅楠", F, "1987-03-03", "arts", TEACHER, "讲师", "middle", TEACHER, "2017-12-23", "2012-07", "promotion", "associate", 3, "result_publicity"),
    _a("20120126", "程立伟", M, "1982-06-21", "lab", LAB, "实验师", "middle", LAB, "2015-12-26", "2007-07", "promotion", "associate", 0, "confirmed"),
    _a("20180137", "姚美玲", F, "1991-10-10", "lab", LAB, "助理实验师", "junior", LAB, "2018-12-22", "2016-07", "promotion", "middle", 1, "certified"),
    _a("20160148", "石磊", M, "1988-05-29", "lab", LAB, "讲师", "middle", TEACHER, "2019-12-20", "2013-07", "change", "middle", 0, "submitted"),
    _a("20130159", "方慧敏", F, "1984-09-23", "lab", LAB, "实验师", "middle", LAB, "2016-12-24", "2009-07", "promotion", "associate", 1, "office_review"),
)  # fmt: skip


@dataclass(frozen=True)
class Staff:
    """Somebody who works on the review; `grants` are (role, department, office, committee)."""

    staff_number: str
    name: str
    gender: str
    born: str
    department: str
    title: str
    grants: tuple[tuple[str, str, str, str], ...]
    card: Message | None = None  # what the sign-in card says


def _both(role: str = "unit_hr") -> tuple[tuple[str, str, str, str], ...]:
    return ((role, "", "", ""), ("office", "", "", ""))


DEMO_STAFF: tuple[Staff, ...] = (
    Staff("19980001", "陈国栋", M, "1975-03-08", "hr", "", _both(), _("审核申报、组织公示、办理评审与发证")),
    Staff("20060002", "吴丽华", F, "1983-07-16", "hr", "", _both(), _("第二位人事：处理异议须由另一人决定")),
    Staff("20010003", "黄志远", M, "1974-10-02", "cs", "教授", (("endorser", "cs", "", ""),), _("二级学院：给出审核意见和推荐排序")),
    Staff("20020004", "梁慧芳", F, "1976-01-20", "mech", "教授", (("endorser", "mech", "", ""),)),
    Staff("20030005", "宋文涛", M, "1977-04-04", "arts", "教授", (("endorser", "arts", "", ""),)),
    Staff("20040006", "许静", F, "1978-06-12", "econ", "教授", (("endorser", "econ", "", ""),)),
    Staff("20050007", "韩大勇", M, "1979-08-25", "lab", "正高级实验师", (("endorser", "lab", "", ""),)),
    Staff("20070008", "田园", F, "1984-02-14", "research", "", (("endorser", "", "research", ""),), _("科研处：核对科研业绩")),
    Staff("20080009", "高峰", M, "1982-12-09", "ethics", "", (("endorser", "", "ethics", ""),), _("师德考核意见")),
    Staff("20050010", "马正清", M, "1976-05-31", "discipline", "", (("supervisor", "", "", ""),), _("监督全过程，看不到选票")),
    Staff("20150111", "董晓东", M, "1990-09-09", "hr", "", (("admin", "", "", ""),), _("管理账号与设置，不参与评审")),
)  # fmt: skip

#: Nine experts for each committee; the first chairs, the second is vice-chair.
EXPERTS: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "teacher-committee": (
        ("19920201", "钱伟民", M, "1966-02-17", "cs"),
        ("19930202", "孙玉兰", F, "1967-09-21", "arts"),
        ("19940203", "李德明", M, "1968-05-12", "mech"),
        ("19950204", "王秀英", F, "1969-11-30", "econ"),
        ("19960205", "张宏图", M, "1970-03-26", "cs"),
        ("19970206", "赵淑琴", F, "1971-07-07", "mech"),
        ("19980207", "刘继先", M, "1972-10-15", "arts"),
        ("19990208", "杨春生", M, "1973-01-28", "econ"),
        ("20000209", "胡月华", F, "1974-06-03", "arts"),
    ),
    "lab-committee": (
        ("19920301", "朱光耀", M, "1966-08-09", "lab"),
        ("19930302", "徐凤珍", F, "1967-12-24", "lab"),
        ("19940303", "郭子敬", M, "1968-04-18", "mech"),
        ("19950304", "何桂香", F, "1969-02-06", "cs"),
        ("19960305", "高振邦", M, "1970-10-11", "lab"),
        ("19970306", "林秋萍", F, "1971-05-23", "mech"),
        ("19980307", "罗永康", M, "1972-09-14", "lab"),
        ("19990308", "郑若兰", F, "1973-03-19", "cs"),
        ("20000309", "梁启文", M, "1974-12-08", "lab"),
    ),
}
COMMITTEE_NAMES = {
    "teacher-committee": ("江城理工学院高校教师人员评委会", TEACHER, "教授"),
    "lab-committee": ("江城理工学院实验技术人员评委会", LAB, "正高级实验师"),
}
