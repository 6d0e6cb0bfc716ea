"""Comments for colleagues on a case: HR of the unit, the office and the supervision, never the applicant."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.application import Application
from models.comment import LONGEST_COMMENT, Comment
from models.database import transaction
from models.messages import M
from models.values import ref_id
from panel.domain.access.policy import allowed_role
from panel.domain.access.who_may import Permission
from panel.domain.actors import Actor
from panel.domain.errors import Invalid, Refused
from panel.domain.records import audit

#: How long one's own comment can be taken back.
TAKE_BACK = timedelta(minutes=10)


def add(application: Application, text: str, actor: Actor, now: datetime) -> Comment:
    """Write a comment. Raises Refused for whoever may not, Invalid for an empty or too long text."""
    role = allowed_role(actor, Permission.COMMENT, application)
    if role is None:
        raise Refused(M("您不能在这份申报上写内部备注；本人的申报由其他工作人员办理。"))
    text = text.strip()
    if not text or len(text) > LONGEST_COMMENT:
        raise Invalid({"comment": M("请填写备注（%(n)s 字以内）。", n=LONGEST_COMMENT)})

    def body() -> Comment:
        made = Comment(application=application, by=actor.user_id, by_name=actor.name, text=text, at=now)
        made.save()
        audit(actor, "comment", application, now, role=role)
        return made

    return transaction(body)


def may_take_back(comment: Comment, actor: Actor, now: datetime) -> bool:
    """Whether `actor` wrote it, not longer than TAKE_BACK ago."""
    return comment.by == actor.user_id and now - comment.at <= TAKE_BACK


def take_back(comment: Comment, application: Application, actor: Actor, now: datetime) -> None:
    """Remove one's own fresh comment. Raises Refused."""
    role = allowed_role(actor, Permission.COMMENT, application)
    if role is None or ref_id(comment, "application") != application.id:
        raise Refused(M("您不能删除这条备注。"))
    if not may_take_back(comment, actor, now):
        raise Refused(M("只能在 %(n)s 分钟内删除自己写的备注。", n=int(TAKE_BACK.total_seconds() // 60)))

    def body() -> None:
        comment.delete()
        audit(actor, "comment_removed", application, now, role=role)

    transaction(body)
