"""One achievement in free words: which part of it goes to which field of the form (G19, G20, G23)."""

import pytest

from panel.domain.importing import material_columns, material_text
from panel.domain.material.columns import columns_of, table_sections
from panel.domain.tables import split
from tests.factories import shipped_spec

TEACHER = shipped_spec("teacher")
KINDS = {kind.key: (section, kind) for section in table_sections(TEACHER) for kind in section.kinds}

SAID = [
    (
        "award",
        "校级教学成果二等奖 排名第2 江城理工学院",
        {"name": "校级教学成果二等奖", "grade": "二等奖", "awarder": "江城理工学院"},
    ),
    (
        "award",
        "2024.11 荣获湖北省高校教师教学竞赛一等奖，排名第1，湖北省教育厅",
        {"name": "湖北省高校教师教学竞赛一等奖", "grade": "一等奖", "awarder": "湖北省教育厅"},
    ),
    ("award", "优秀教师", {"name": "优秀教师"}),
    (
        "award",
        "湖北省教育厅，教学成果奖二等奖，2/5",
        {"name": "教学成果奖二等奖", "grade": "二等奖", "awarder": "湖北省教育厅"},
    ),
    (
        "project",
        "2021年3月—2023年12月主持省教育厅科研项目“课堂行为识别研究”（B2021034，5万元，已结项）",
        {
            "category": "省教育厅科研项目",
            "name": "课堂行为识别研究，B2021034",
            "part": "lead",
            "status": "finished",
            "funds": "5",
        },
    ),
    (
        "project",
        "2018年1月-2020年12月，湖北省科技厅，自然科学基金青年项目，数控机床热误差补偿，主持，10万元",
        {
            "category": "自然科学基金青年项目",
            "name": "数控机床热误差补偿",
            "part": "lead",
            "source": "湖北省科技厅",
            "funds": "10",
        },
    ),
    (
        "project",
        "企业横向课题“智能产线改造”，第二，到账35.5万元",
        {"category": "企业横向课题", "name": "智能产线改造", "funds": "35.5"},
    ),
    (
        "project",
        "高校智慧教学平台建设项目，江城理工学院，主持",
        {"name": "高校智慧教学平台建设项目", "source": "江城理工学院", "part": "lead"},
    ),
    (
        "paper",
        "《机器人柔顺控制综述》，《机器人》2022年第3期，通讯作者",
        {"name": "机器人柔顺控制综述，通讯作者", "journal": "机器人", "issue": "2022年第3期"},
    ),
    (
        "paper",
        "《数控机床热误差建模》，《中国机械工程》，2019.7，1/4，北大核心",
        {"name": "数控机床热误差建模", "journal": "中国机械工程", "indexed": "pku"},
    ),
    (
        "book",
        "主编《Python程序设计教程》，清华大学出版社，2022年8月，12万字",
        {"name": "Python程序设计教程", "publisher": "清华大学出版社", "words": "12"},
    ),
    (
        "project",
        "2022-03 湖北省教育厅科学研究计划项目“面向课程的知识图谱构建”，主持，已结题，湖北省教育厅",
        {
            "category": "湖北省教育厅科学研究计划项目",
            "name": "面向课程的知识图谱构建",
            "part": "lead",
            "status": "finished",
            "source": "湖北省教育厅",
        },
    ),
    (
        "project",
        "2021.9—至今 校级教改项目《数据结构混合式教学》 排名第3",
        {"category": "校级教改项目", "name": "数据结构混合式教学", "status": "ongoing"},
    ),
    (
        "paper",
        "《基于图神经网络的课程推荐》，计算机工程与应用，2023年第8期，第一作者，CSCD",
        {
            "name": "基于图神经网络的课程推荐",
            "journal": "计算机工程与应用",
            "issue": "2023年第8期",
            "indexed": "cscd",
        },
    ),
    (
        "paper",
        "2020.10 发表论文《柔性臂振动控制》于《机械工程学报》 独著",
        {"name": "柔性臂振动控制", "journal": "机械工程学报", "authorship": "sole"},
    ),
    (
        "paper",
        "Deep Learning for Course Design, Journal of Learning, SSCI",
        {"name": "Deep Learning for Course Design", "journal": "Journal of Learning", "indexed": "ssci"},
    ),
    (
        "book",
        "《软件测试》，高等教育出版社，2021.3，教材，主编",
        {"name": "软件测试，主编", "publisher": "高等教育出版社", "form": "textbook"},
    ),
]


@pytest.mark.parametrize(("kind", "words", "fields"), SAID, ids=[words[:12] for _kind, words, _ in SAID])
def test_each_part_goes_where_its_field_speaks_of_it(kind: str, words: str, fields: dict[str, str]) -> None:
    section, spec = KINDS[kind]
    given = {field.key: field for field in columns_of(section, kind)}
    title = material_columns.title_field(section, spec)
    assert material_text.fields_of(split.read(words), given, title) == fields


def test_what_nobody_recognises_stays_in_the_title() -> None:
    section, _spec = KINDS["award"]
    given = {field.key: field for field in columns_of(section, "award")}
    found = material_text.fields_of(split.read("教学新秀，第 12 批次，含奖金"), given, "name")
    assert found == {"name": "教学新秀，第 12 批次，含奖金"}
