"""The parts of the editor: which page shows which properties and lists of a round, in their order."""

from __future__ import annotations

from dataclasses import dataclass

from models.messages import M, Message


@dataclass(frozen=True)
class Block:
    """What stands together on a part's page: some properties of one mapping, or a list of rows."""

    path: str
    properties: tuple[str, ...] = ()  # of a mapping; empty = all
    title: Message | None = None


@dataclass(frozen=True)
class Part:
    """A part of the editor: one page of it."""

    key: str
    label: Message
    about: Message
    icon: str
    blocks: tuple[Block, ...]


B = Block


PARTS: tuple[Part, ...] = (
    Part(
        "basics",
        M("基本信息与日期"),
        M("批次名称、年度、申报时间、截止日和办理方式"),
        "calendar",
        (
            B("", ("title", "year", "series_label", "organisation"), M("名称与年度")),
            B("dates", (), M("日期与截止日")),
            B("", ("kinds", "other_units", "merged", "second_person", "second_person_reason"), M("办理方式")),
        ),
    ),
    Part(
        "levels",
        M("级别与系列"),
        M("可以申报的级别、次序、名额，哪些级别送审、答辩"),
        "stairs",
        (
            B("levels"),
            B("", ("first_levels", "quotas", "external_review_levels", "defence_levels"), M("级别的规定")),
        ),
    ),
    Part(
        "committees",
        M("评委会与专业"),
        M("由哪个评委会评审哪些单位、部门和专业"),
        "users-group",
        (B("committees"), B("specialities")),
    ),
    Part(
        "criteria",
        M("评审标准与条款"),
        M("各版评审标准适用于谁，有哪些条款"),
        "list-numbers",
        (B("editions"),),
    ),
    Part("form", M("表单（部分与栏目）"), M("申报人填写的各部分和栏目"), "forms", (B("sections"),)),
    Part("slots", M("附件"), M("要上传的附件、格式、大小和条件"), "paperclip", (B("slots"),)),
    Part(
        "requirements",
        M("申报要求"),
        M("提交前检查什么，不符合时怎样提示"),
        "checklist",
        (B("requirements"), B("groups")),
    ),
    Part("endorsements", M("部门意见"), M("哪些部门要审核"), "rubber-stamp", (B("endorsements"),)),
    Part(
        "process",
        M("公示与表决"),
        M("公示天数、监督电话、表决规则"),
        "speakerphone",
        (B("publicity"), B("voting")),
    ),
    Part("texts", M("文字"), M("承诺、欢迎文字、单位意见"), "file-text", (B("texts"),)),
    Part(
        "number",
        M("编号与证书"),
        M("证书编号、批准日期、照片规格"),
        "certificate",
        (
            B("number"),
            B("", ("vote", "approval_date_from", "certificate_masks_id"), M("批准与证书")),
            B("photo"),
        ),
    ),
)


def part_of(path: str) -> Part:
    """The part of the editor that shows `path`."""
    first, _, rest = path.partition("/")
    for part in PARTS:
        for block in part.blocks:
            if block.path and block.path == first:
                return part
            if not block.path and not rest and first in block.properties:
                return part
    return PARTS[0]
