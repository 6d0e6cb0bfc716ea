"""Guards of the unit's check: what is returned, until when, what is judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from models.choices import Verdict
from models.form_spec import PHOTO_FIELD, SectionShape
from models.mend import OPEN_MENDS, Mend
from models.messages import M, Message
from models.sections import Entry
from panel.domain.calendar import end_of_day
from panel.domain.errors import refusal_at
from panel.domain.rounds.parts import AskedForm
from panel.domain.steps.guards.context import Context, at, guard

MOST_ITEMS = 100
LONGEST_ITEM = 1000


@guard(needs_data=True)
def items_pinned(context: Context) -> Message | None:
    """R09: a complete list, each item pinned to a part of the application."""
    items = context.data.get("items") or []
    if not items:
        return at("items", M("请至少列出一条需要补正的内容。"))
    if len(items) > MOST_ITEMS:
        return at("items", M("一次最多列 %(n)s 条。", n=MOST_ITEMS))
    found = {f"item-{number}": _wrong_item(context.content.asked, item) for number, item in enumerate(items)}
    return refusal_at({key: message for key, message in found.items() if message})


def _wrong_item(asked: AskedForm, item: Mapping[str, Any]) -> Message | None:
    text = (item.get("text") or "").strip()
    if not text:
        return M("每条补正要求都要写明需要改什么。")
    if len(text) > LONGEST_ITEM:
        return M("每条补正要求最多 %(n)s 字。", n=LONGEST_ITEM)
    return None if is_pinned(asked, item) else M("补正要求指向了不存在的部分，请重新选择。")


def is_pinned(asked: AskedForm, item: Mapping[str, Any]) -> bool:
    """Whether a return's item points at what the application has (section, entry, field, file) or the whole.

    Pinned to nothing, it could never be corrected.
    """
    key, entry, field = (item.get(name) or "" for name in ("section", "entry", "field"))
    if not key:
        return not entry and not field
    section = asked.section(key)
    if section is None:
        return False
    fields, entries = {"", *(row.key for row in section.fields)}, {""}
    if section.shape is SectionShape.ATTACHMENTS:
        fields |= {slot.key for slot in asked.slots}
        entries |= {attachment.uid for attachment in asked.application.attachments}
    elif section.shape is SectionShape.LIST:
        entries |= {row.uid for row in asked.application.entries(key)}
    else:
        fields.add(PHOTO_FIELD)
    return field in fields and entry in entries


@guard(needs_data=True)
def deadline_ahead(context: Context) -> Message | None:
    """The new deadline is a day from today on."""
    deadline = context.data.get("deadline")
    if not isinstance(deadline, date):
        return at("deadline", M("请选择截止日期。"))
    if end_of_day(deadline) > context.now:
        return None
    return at("deadline", M("截止日期必须在今天或以后。"))


@guard
def confirmed_by_applicant(context: Context) -> Message | None:
    """What HR submitted on behalf counts once the applicant confirmed it."""
    receipt = context.application.receipt
    if receipt and receipt.on_behalf and receipt.confirmed_at is None:
        return M("这是人事代提交的申报，申报人尚未确认。")
    return None


@guard
def mends_answered(context: Context) -> Message | None:
    """What HR corrected for the applicant is confirmed, or handed in again since."""
    receipt = context.application.receipt
    if receipt is None or receipt.content_revision == context.application.content_revision:
        return None  # nothing was changed since it was handed in: no need to ask
    waiting = Mend.objects(
        application=context.application.id, at__gt=receipt.at, state__in=list(OPEN_MENDS)
    ).count()
    return M("有 %(n)s 处代为更正还没有得到申报人确认。", n=waiting) if waiting else None


@guard
def complete(context: Context) -> Message | None:
    """G10: what HR changed since it was handed in, level or committee above all, leaves nothing missing."""
    receipt = context.application.receipt
    if receipt is None or receipt.content_revision == context.application.content_revision:
        return None  # as it was handed in, when it was complete
    count = len(context.content.blocking)
    return M("提交后有过更改，现在还有 %(n)s 处必须处理，请退回本人补正。", n=count) if count else None


def judged_entries(asked: AskedForm) -> list[Entry]:
    """The entries of sections that HR judges."""
    return [
        entry
        for section in asked.sections
        if section.judged
        for entry in asked.application.entries(section.key)
    ]


@guard
def all_judged(context: Context) -> Message | None:
    """No entry is left in doubt or unjudged."""
    entries = judged_entries(context.content.asked)
    doubtful = sum(1 for e in entries if e.judgement and e.judgement.verdict == Verdict.DOUBT)
    unjudged = sum(1 for e in entries if e.judgement is None)
    if doubtful:
        return M("还有 %(n)s 条业绩存疑，请先核实。", n=doubtful)
    return M("还有 %(n)s 条业绩没有审核，可以“其余全部认可”。", n=unjudged) if unjudged else None
