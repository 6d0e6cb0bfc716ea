"""Review committees (R01-R03): validity, consent, members with their roles."""

from __future__ import annotations

from datetime import date, datetime

from models.choices import MeetingState, Role
from models.database import transaction
from models.meeting import Committee, Meeting, Member
from models.messages import M, Message
from models.user import Grant, User
from panel.domain.access.policy import may
from panel.domain.access.who_may import JUDGES, Permission
from panel.domain.actors import Actor
from panel.domain.calendar import local_date
from panel.domain.errors import Invalid, NotFound, Refused
from panel.domain.records import audit

#: R01, R03: a filing and a term last at most three years.
MOST_YEARS = 3
#: Characters of the number by which the province consents to fewer members.
LONGEST_CONSENT = 60


def save_details(
    committee: Committee, valid_until: date | None, consent_number: str, actor: Actor, now: datetime
) -> None:
    """Set the filing's last day and the consent to fewer members; raises Invalid, NotFound."""
    _require_office(actor, committee)
    wrong = _bad_day(valid_until, "valid_until", now)
    if len(consent_number.strip()) > LONGEST_CONSENT:
        wrong["consent_number"] = M("最多 %(n)s 个字。", n=LONGEST_CONSENT)
    if wrong:
        raise Invalid(wrong)

    def body() -> None:
        Committee.objects(id=committee.id).update_one(
            set__valid_until=valid_until, set__consent_number=consent_number.strip() or None
        )
        audit(actor, "edit_committee", committee, now)

    transaction(body)


def add_member(
    committee: Committee,
    username: str,
    title: str,
    term_until: date | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Make the account `username` a member, with the expert's role; raises Invalid, NotFound, Refused."""
    _require_office(actor, committee)
    _refuse_during_meeting(committee)
    wrong = _bad_day(term_until, "term_until", now)
    user = User.objects(username=username.strip(), is_enabled=True).first()
    if user is None:
        wrong["username"] = M("没有这个账号，请先在账号管理里建立。")
    elif committee.member(user.id):
        wrong["username"] = M("已经是这个评委会的委员。")
    if not title.strip():
        wrong["title"] = M("请填写委员的职称。")
    if wrong:
        raise Invalid(wrong)
    member = Member(user=user, name=user.name, title=title.strip(), term_until=term_until)

    def body() -> None:
        done = Committee.objects(id=committee.id, members__user__ne=user.id).update_one(push__members=member)
        if not done:
            raise Refused(M("已经是这个评委会的委员。"))
        _grant(user, Role.EXPERT, committee, True)
        audit(actor, "add_member", committee, now, member=str(user.id))

    transaction(body)


def remove_member(committee: Committee, user_id: object, actor: Actor, now: datetime) -> None:
    """Take a member off, with the roles in this committee; raises NotFound, Refused."""
    _require_office(actor, committee)
    member = _member(committee, user_id)
    _refuse_during_meeting(committee)

    def body() -> None:
        Committee.objects(id=committee.id).update_one(pull__members__user=member.user.id)
        for role in JUDGES:
            _grant(member.user, role, committee, False)
        audit(actor, "remove_member", committee, now, member=str(member.user.id))

    transaction(body)


def set_chair(committee: Committee, user_id: object, post: str, actor: Actor, now: datetime) -> None:
    """Make a member chair, vice (-chair) or plain; a committee has one chair. Raises NotFound, Refused."""
    _require_office(actor, committee)
    member = _member(committee, user_id)
    if post not in ("chair", "vice", ""):
        raise NotFound
    _refuse_during_meeting(committee)

    def body() -> None:
        fresh = Committee.objects.get(id=committee.id)
        for row in fresh.members:
            if row.user.id == member.user.id:
                row.is_chair, row.is_vice_chair = post == "chair", post == "vice"
            elif post == "chair":
                row.is_chair = False
            _grant(row.user, Role.CHAIR, committee, bool(row.is_chair or row.is_vice_chair))
        Committee.objects(id=committee.id).update_one(set__members=fresh.members)
        audit(actor, "set_chair", committee, now, member=str(member.user.id), post=post)

    transaction(body)


def _grant(user: User, role: Role, committee: Committee, held: bool) -> None:
    """Give or take the role in this committee alone; inside the deed's transaction."""
    grants = User.objects.get(id=user.id).grants
    kept = [g for g in grants if not (g.role == role.value and g.committee == committee.code)]
    if held:
        kept.append(Grant(role=role.value, committee=committee.code))
    User.objects(id=user.id).update_one(set__grants=kept)


def _bad_day(day: date | None, name: str, now: datetime) -> dict[str, Message]:
    today = local_date(now)
    if day is None:
        return {name: M("请选择日期。")}
    if day < today:
        return {name: M("日期不能早于今天。")}
    if (day.year, day.month, day.day) > (today.year + MOST_YEARS, today.month, today.day):
        return {name: M("最长 %(n)s 年。", n=MOST_YEARS)}
    return {}


def _refuse_during_meeting(committee: Committee) -> None:
    """R10: who may vote doesn't change while a meeting runs."""
    if Meeting.objects(committee=committee.id, state=MeetingState.OPEN.value).first():
        raise Refused(M("评委会正在开会，会议结束前不能调整委员。"))


def _member(committee: Committee, user_id: object) -> Member:
    member = next((row for row in committee.members if str(row.user.id) == str(user_id)), None)
    if member is None:
        raise NotFound
    return member


def _require_office(actor: Actor, committee: Committee) -> None:
    if not may(actor, Permission.MANAGE_COMMITTEES, Meeting(committee=committee)):
        raise NotFound
