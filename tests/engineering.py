"""The engineering series (工程系列) as HR makes it in the editor: nothing but its operations and its forms.

What comes out, exported, is shipped as panel/rounds/engineering.yaml.
"""

from __future__ import annotations

from typing import Any

from models.review_round import ReviewRound
from panel.domain.actors import Actor
from panel.domain.round_edit import defaults, drafts, publishing, tree
from panel.domain.round_edit.properties import describe, shown, typed_values
from tests.factories import NOW

YEAR = 2026
HIGH = ["senior", "associate"]


class Editor:
    """HR in the editor: adds rows, sends forms; refused like any browser."""

    def __init__(self, round: ReviewRound, actor: Actor) -> None:
        self.round, self.actor = round, actor

    def add(self, path: str, zh: str, en: str = "", kind: str = "", **controls: Any) -> str:
        """Add a row and fill in its form; returns its path."""
        data = drafts.draft_of(self.round).data
        made = drafts.add(self.round, path, defaults.new_row(path, data, zh, kind), None, self.actor, NOW)
        if en:
            known = describe.described(made)
            assert known
            controls.setdefault(f"{known.title}.en", en)
        self.save(made, **controls)
        return made

    def save(self, path: str, **controls: Any) -> None:
        """Send the row's form with some controls changed; `when_levels` stands for when.levels."""
        draft = drafts.draft_of(self.round)
        known = describe.described(path)
        assert known is not None
        sent = shown.typed(known, draft.data, path)
        sent |= {
            name.replace("__", "."): value if isinstance(value, list) else [str(value)]
            for name, value in controls.items()
        }
        row = tree.at(draft.data, path)
        values = typed_values.read(known, typed_values.Form(dict(draft.data), path, sent, row))
        typed_values.check(known, row | values)
        drafts.set_values(self.round, path, values, draft.revision, self.actor, NOW)

    def require(self, check: str, place: str, zh: str, en: str, **controls: Any) -> str:
        """Add a requirement that looks at `place`; its details are chosen after its place."""
        made = self.add("requirements", "", kind=check)
        self.save(made, place=place, drawn=["place"])
        self.save(made, message=zh, message__en=en, **controls)
        return made


def build(actor: Actor) -> ReviewRound:
    """The engineering series from nothing, in force and still planned."""
    round = publishing.blank(f"{YEAR} 年度工程系列职称评审", "工程系列", "江城理工学院", YEAR, actor, NOW)
    editor = Editor(round, actor)
    for step in (_basics, _levels, _committee, _person, _projects, _patents, _standards):
        step(editor)
    for step in (_on_site, _exam, _training, _attachments, _criteria, _rules, _five):
        step(editor)
    draft = drafts.draft_of(round)
    return publishing.publish(round, draft.revision, actor, NOW)


def _basics(editor: Editor) -> None:
    editor.save(
        "",
        title__en=f"Engineers {YEAR}",
        series_label__en="Engineers",
        organisation__en="Jiangcheng Institute of Technology",
        first_levels=["middle", "junior"],
        drawn=["title", "series_label", "organisation"],
    )
    editor.save(
        "publicity",
        telephone="027-85550123",
        receiving_office="江城理工学院人力资源部（行政楼 305 室）",
        receiving_office__en="HR Department (Administration Building, room 305)",
        email="hr@jcut.example",
    )
    editor.save("number", prefix="JCUT", series_digits="03")
    editor.save(
        "texts",
        pledge__en="I pledge that what I submit is true, accurate and complete, and bear all consequences.",
    )


def _levels(editor: Editor) -> None:
    for grade, zh, en, label in (
        ("senior", "正高级工程师", "Full senior engineer", "Full senior"),
        ("associate", "高级工程师", "Senior engineer", "Associate senior"),
        ("middle", "工程师", "Engineer", "Middle"),
        ("junior", "助理工程师", "Assistant engineer", "Junior"),
    ):
        editor.add("levels", zh, en, grade, label__en=label)


def _committee(editor: Editor) -> None:
    editor.add(
        "committees", "江城理工学院工程系列评委会", "Review committee for engineers", valid_until="2028-12-31"
    )
    for zh, en in (
        ("机械工程", "Mechanical engineering"),
        ("土木工程", "Civil engineering"),
        ("电气工程", "Electrical engineering"),
        ("信息工程", "Information engineering"),
    ):
        editor.add("specialities", zh, en)


def _person(editor: Editor) -> None:
    editor.save("sections/basic", label__en="Personal details")
    editor.save("sections/basic/fields/name", label__en="Name")
    editor.save("sections/basic/fields/phone", label__en="Telephone")
    fields = "sections/basic/fields"
    editor.add(
        fields, "出生日期", "Date of birth", "date", source="birth_date", required="1", locked="1", width="4"
    )
    held = {"when__kinds": ["promotion", "change"]}
    editor.add(fields, "现职称", "Present title", "text", source="title", required="1", **held)
    editor.add(
        fields,
        "现职称批准日期",
        "Present title approved in",
        "month",
        source="title_approved_on",
        required="1",
        **held,
    )
    editor.add(fields, "主要技术工作总结", "Summary of technical work", "long_text", required="1")


def _list(editor: Editor, zh: str, en: str) -> str:
    made = editor.add("sections", zh, en, "list")
    editor.save(f"{made}/fields/name", label__en="Name")
    return made


def _projects(editor: Editor) -> None:
    fields = _list(editor, "工程项目", "Engineering projects") + "/fields"
    editor.save("sections/gong_cheng_xiang_mu", evidence="1", judged="1")
    editor.add(fields, "起止时间", "Period", "range", required="1", open_end="1")
    editor.add(
        fields, "投资额", "Investment", "number", required="1", decimals="2", minimum="0",
        unit="万元", unit__en="10,000 yuan",
    )  # fmt: skip
    editor.add(
        fields, "本人承担份额", "Own share", "number", required="1", minimum="0", maximum="100",
        unit="%", unit__en="%",
    )  # fmt: skip
    _choose(
        editor,
        fields,
        "本人角色",
        "Own part",
        [("负责人", "Leader"), ("主要参加", "Main member"), ("参加", "Member")],
    )
    editor.save("sections/gong_cheng_xiang_mu", sums=["tou_zi_e"])


def _choose(editor: Editor, fields: str, zh: str, en: str, options: list[tuple[str, str]]) -> None:
    editor.add(
        fields, zh, en, "choice", required="1",
        options__value=[""] * len(options),
        options__zh=[one for one, _en in options],
        options__en=[other for _zh, other in options],
    )  # fmt: skip


def _patents(editor: Editor) -> None:
    fields = _list(editor, "专利", "Patents") + "/fields"
    _choose(editor, fields, "专利类型", "Kind", [("发明专利", "Invention"), ("实用新型", "Utility model")])
    editor.add(fields, "授权时间", "Granted in", "month", required="1")
    editor.add(
        fields, "产生效益", "Income", "number", decimals="2", minimum="0", unit="万元", unit__en="10,000 yuan"
    )
    editor.save(
        "sections/zhuan_li", sums=["chan_sheng_xiao_yi"], none_label="确无专利", none_label__en="No patents"
    )


def _standards(editor: Editor) -> None:
    fields = _list(editor, "技术标准", "Technical standards") + "/fields"
    levels = [
        ("国家标准", "National"),
        ("行业标准", "Industry"),
        ("地方标准", "Local"),
        ("企业标准", "Company"),
    ]
    _choose(editor, fields, "标准级别", "Level", levels)
    editor.add(fields, "发布时间", "Published in", "month", required="1")
    editor.add(fields, "本人排名", "Own rank", "number", required="1", minimum="1")
    editor.save("sections/ji_shu_biao_zhun", none_label="确无技术标准", none_label__en="No standards")


def _on_site(editor: Editor) -> None:
    fields = _list(editor, "现场工作经历", "Work on site") + "/fields"
    editor.add(fields, "在现场时间", "On site", "range", required="1", open_end="1")
    editor.add(fields, "现场职责", "Duties on site", "long_text", required="1")


def _exam(editor: Editor) -> None:
    made = editor.add("sections", "专业笔试", "Written exam", "record")
    drafts.remove(
        editor.round, f"{made}/fields/name", drafts.draft_of(editor.round).revision, editor.actor, NOW
    )
    editor.add(f"{made}/fields", "考试日期", "Date of the exam", "date", required="1")
    editor.add(
        f"{made}/fields",
        "笔试成绩",
        "Score",
        "number",
        required="1",
        minimum="0",
        maximum="100",
        unit="分",
        unit__en="points",
    )


def _training(editor: Editor) -> None:
    fields = _list(editor, "继续教育", "Further training") + "/fields"
    editor.add(fields, "年度", "Year", "number", required="1", minimum="1990", maximum="2100")
    editor.add(fields, "学时", "Hours", "number", required="1", minimum="0", unit="学时", unit__en="hours")
    editor.save("sections/ji_xu_jiao_yu", sums=["xue_shi"])


def _attachments(editor: Editor) -> None:
    last = [row["_id"] for row in drafts.draft_of(editor.round).data["sections"]][-1]
    drafts.move(editor.round, "sections/attachments", last, editor.actor, NOW)
    editor.save("sections/attachments", label__en="Attachments")
    editor.add("slots", "笔试成绩单", "Exam certificate", required="1", private="1")
    editor.add("slots", "继续教育证明", "Proof of further training", required="1")
    editor.add("slots", "项目证明", "Proof of projects", max_files="20")
    editor.add(
        "slots",
        "现职称证书",
        "Certificate of the present title",
        required="1",
        private="1",
        when__kinds=["promotion", "change"],
    )


def _criteria(editor: Editor) -> None:
    made = editor.add("editions", "工程系列评审标准（2026 版）", "Criteria for engineers (2026)")
    for levels, section, zh, en in (
        (
            HIGH,
            "gong_cheng_xiang_mu",
            "第八条 主持完成大中型工程项目",
            "8: led large or middle-sized projects",
        ),
        (HIGH, "zhuan_li", "第九条 取得发明专利并产生效益", "9: patents that brought income"),
        (
            HIGH,
            "ji_shu_biao_zhun",
            "第十条 参与制定行业以上技术标准",
            "10: took part in standards of the industry or above",
        ),
        (
            ["middle"],
            "gong_cheng_xiang_mu",
            "第十二条 承担工程项目的设计或施工",
            "12: designed or built projects",
        ),
        (
            ["junior"],
            "gong_cheng_xiang_mu",
            "第十四条 参加工程项目工作满一年",
            "14: a year of work in projects",
        ),
    ):
        editor.add(f"{made}/clauses", zh, en, levels=levels, sections=[section])


def _rules(editor: Editor) -> None:
    editor.require(
        "years_since", "basic/xian_zhi_cheng_pi_zhun_ri_qi",
        "取得现职称满 {现有} 年，须满 {需要} 年才能晋升。",
        "You have held your title for {现有} years, {需要} are needed.",
        arguments__until="years_until", arguments__minimum="",
        arguments__minimum__senior="5", arguments__minimum__associate="5", arguments__minimum__middle="4",
        when__kinds=["promotion"], when__exceptional="no", when__levels=["senior", "associate", "middle"],
    )  # fmt: skip
    editor.require(
        "years_covered", "xian_chang_gong_zuo_jing_li/zai_xian_chang_shi_jian",
        "现场工作累计 {现有} 年，须满 {需要} 年。", "On site for {现有} years, {需要} are needed.",
        arguments__until="years_until", arguments__minimum="",
        arguments__minimum__senior="5", arguments__minimum__associate="3", arguments__minimum__middle="1",
        when__levels=["senior", "associate", "middle"],
    )  # fmt: skip
    editor.require(
        "not_overlapping", "xian_chang_gong_zuo_jing_li/zai_xian_chang_shi_jian",
        "现场工作的时间不能重叠，请检查。", "Times on site must not overlap, please check.",
    )  # fmt: skip
    editor.require(
        "valid_for", "zhuan_ye_bi_shi/kao_shi_ri_qi",
        "笔试成绩三年内有效，{填写的内容} 的成绩已过期，请重新参加考试。",
        "A written exam is valid for three years; that of {填写的内容} has lapsed. Take it again.",
        arguments__months="36", arguments__until="years_until",
    )  # fmt: skip
    editor.require(
        "number_within", "zhuan_ye_bi_shi/bi_shi_cheng_ji",
        "笔试成绩 {填写的内容} 分，须达到 {应有的内容} 分。",
        "The score is {填写的内容}, {应有的内容} is needed.",
        arguments__minimum="60",
    )  # fmt: skip
    editor.require(
        "sum_per_year", "ji_xu_jiao_yu/xue_shi",
        "继续教育每年须满 {需要} 学时，近三年有的年度不足，请补充。",
        "Each of the last three years needs {需要} hours of further training; add what is missing.",
        arguments__minimum="90", arguments__year="nian_du", arguments__last_years="3",
        arguments__until="achievements_until",
    )  # fmt: skip


def _five(editor: Editor) -> None:
    group = editor.add(
        "groups", "业绩条件五选二", "Two of five achievements", minimum="2",
        message__en="{需要} of the five achievements are needed, you have {现有}.", when__levels=HIGH,
    ).split("/")[1]  # fmt: skip
    rows = (
        ("sum", "gong_cheng_xiang_mu/tou_zi_e", "主持项目投资额合计 5000 万元以上",
         "Led investment of 50 million",
         {"minimum": "5000", "where__ben_ren_jue_se": ["fu_ze_ren"]}),
        ("count", "gong_cheng_xiang_mu/", "承担份额 30% 以上的项目 2 项以上",
         "Two projects with a share of 30%",
         {"minimum": "2", "between__ben_ren_cheng_dan_fen_e__low": "30"}),
        ("count", "zhuan_li/", "发明专利 1 项以上", "An invention patent",
         {"minimum": "1", "where__zhuan_li_lei_xing": ["fa_ming_zhuan_li"]}),
        ("sum", "zhuan_li/chan_sheng_xiao_yi", "专利产生效益 100 万元以上", "Patents brought in a million",
         {"minimum": "100"}),
        ("count", "ji_shu_biao_zhun/", "行业以上技术标准 1 项以上", "A standard of the industry or above",
         {"minimum": "1", "where__biao_zhun_ji_bie": ["guo_jia_biao_zhun", "hang_ye_biao_zhun"]}),
    )  # fmt: skip
    for check, place, zh, en, given in rows:
        editor.require(
            check, place, f"{zh}，现有 {{现有}}。", f"{en}; you have {{现有}}.",
            group=group, label=zh, label__en=en, when__levels=HIGH,
            **{f"arguments__{name}": value for name, value in given.items()},
        )  # fmt: skip
