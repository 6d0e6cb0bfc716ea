"""What a person sees (DESIGN section 5), as a table: model by model, role by role.

What a person may not see doesn't exist for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bson import ObjectId
from mongoengine import Q

from models.application import Application, Submission
from models.audit import AuditEvent
from models.certificate import Certificate
from models.choices import PublicityKind, Role, RoundState, State
from models.comment import Comment
from models.export_job import ExportJob
from models.imports import ImportBatch
from models.material import MaterialEntry, MaterialScan
from models.meeting import Committee, Meeting, Opinion
from models.mend import Mend
from models.outbox import OutboxRow
from models.person import Person
from models.publicity import Objection, Publicity
from models.reminder import Reminder
from models.review_round import Extension, ReviewRound
from models.saved_view import SavedView
from models.states import REACHED_OFFICE, stored_states
from models.unit import Unit
from models.user import User
from panel.domain.access.who_may import CASE_READERS, COMMITTEE_ROLES, JUDGES, STAFF
from panel.domain.actors import Actor

#: What nobody matches.
NOTHING = Q(pk__in=[])
#: Who sees what is about a case by seeing the case.
_OF_CASES = (Role.APPLICANT, Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR)


def joined(parts: Iterable[Q]) -> Q:
    """What any of `parts` shows, without impossible ones, which keep an index from giving the order."""
    query = None
    for part in parts:
        if part is not NOTHING:
            query = part if query is None else query | part
    return NOTHING if query is None else query


def _units(actor: Actor, role: Role) -> list[ObjectId]:
    return [grant.unit_id for grant in actor.as_(role) if grant.unit_id is not None]


def _applications(actor: Actor, role: Role) -> Q:
    if role == Role.SYSTEM:
        return Q()
    if role == Role.APPLICANT:
        return Q(person=actor.person_id) if actor.person_id else NOTHING
    if role == Role.UNIT_HR:
        return Q(unit__in=_units(actor, role))
    if role == Role.SUPERVISOR:
        return Q(unit__in=_units(actor, role)) & _was_submitted()
    if role == Role.ENDORSER:
        return _endorser_query(actor)
    if role == Role.OFFICE:
        return _office_query(actor)
    if role in JUDGES:
        return _expert_query(actor, role)
    return NOTHING


def _endorser_query(actor: Actor) -> Q:
    parts = []
    for grant in actor.as_(Role.ENDORSER):
        part = Q(unit=grant.unit_id) & _was_submitted()
        parts.append(part & Q(department=grant.department) if grant.department else part)
    return joined(parts)


def _was_submitted() -> Q:
    """Submitted and not taken back; the time is set with the receipt and stands in the lists' indexes."""
    return Q(submitted_at__ne=None, state__ne=State.DRAFT.value)


def _office_query(actor: Actor) -> Q:
    reached = (
        Q(state__in=stored_states(REACHED_OFFICE)),
        Q(state=State.ON_HOLD.value, held_from=State.RESULT_PUBLICITY.value),
        Q(state=State.LAPSED.value, lapsed_from=State.CORRECTION.value),
    )
    committees = [grant.committee for grant in actor.as_(Role.OFFICE)]
    if not committees:
        return NOTHING
    if "" in committees:
        return joined(reached)
    # said of each branch, so that each is read in the order of an index
    return joined(part & Q(committee__in=committees) for part in reached)


def _expert_query(actor: Actor, role: Role) -> Q:
    committees = [grant.committee for grant in actor.as_(role) if grant.committee]
    open_case = Q(state=State.PANEL.value, experts=actor.user_id) | Q(state=State.BALLOT.value)
    return (
        Q(committee__in=committees)
        & open_case
        & Q(recusals__user__ne=actor.user_id)
        & Q(person__ne=actor.person_id)
    )


class About:
    """Documents about applications, in whose scope they are: of `applications`, else of all that they name.

    Each question is asked once, so that one object serves several calls of `visible`. Only the applications
    that the documents name are looked up, never all that a person sees.
    """

    def __init__(self, applications: Iterable[ObjectId] | None = None) -> None:
        self._given = None if applications is None else list(applications)
        self._named: dict[type, list[ObjectId]] = {}
        self._seen: dict[tuple[Role, type], list[ObjectId]] = {}
        self._own: list[ObjectId] | None = None

    def seen(self, actor: Actor, role: Role, model: type) -> Q:
        """Those about applications that `actor` sees as `role`."""
        key = (role, model if self._given is None else Application)
        if key not in self._seen:
            query = Application.objects(_applications(actor, role)).filter(id__in=self._among(model))
            self._seen[key] = list(query.scalar("id"))
        return Q(__raw__={"application": {"$in": self._seen[key]}})

    def foreign(self, actor: Actor, role: Role, model: type) -> Q:
        """As `seen`, but of others' cases: one's own would otherwise be shown by one's office."""
        if self._own is None:
            self._own = own_applications(actor)
        seen = self.seen(actor, role, model)
        return seen & Q(__raw__={"application": {"$nin": self._own}}) if self._own else seen

    def _among(self, model: type) -> list[ObjectId]:
        if self._given is not None:
            return self._given
        if model not in self._named:
            self._named[model] = model._get_collection().distinct("application")  # type: ignore[attr-defined]
        return self._named[model]


def own_applications(actor: Actor) -> list[ObjectId]:
    return list(Application.objects(person=actor.person_id).scalar("id")) if actor.person_id else []


def _people(actor: Actor, role: Role) -> Q:
    if role in (Role.UNIT_HR, Role.SUPERVISOR):
        return Q(unit__in=_units(actor, role))
    if role == Role.APPLICANT and actor.person_id:
        return Q(id=actor.person_id)
    return NOTHING


def _users(actor: Actor, role: Role) -> Q:
    if role == Role.ADMIN:
        return Q()
    if role == Role.UNIT_HR:
        return Q(person__in=list(Person.objects(unit__in=_units(actor, role)).scalar("id")))
    if role == Role.OFFICE:
        return Q(grants__role__in=[Role.EXPERT.value, Role.CHAIR.value])
    return NOTHING


def _rounds(actor: Actor, role: Role) -> Q:
    if role == Role.APPLICANT:
        return Q(state=RoundState.OPEN.value) if actor.is_signed_in else NOTHING
    return Q() if role in (*STAFF, Role.ADMIN, Role.SYSTEM) else NOTHING


def _committees(actor: Actor, role: Role) -> Q:
    codes = [grant.committee for grant in actor.as_(role)]
    if role == Role.OFFICE and codes:
        return Q() if "" in codes else Q(code__in=codes)
    if role in COMMITTEE_ROLES:
        return Q(code__in=[code for code in codes if code])
    return Q() if role == Role.SUPERVISOR else NOTHING


def _meetings(actor: Actor, role: Role) -> Q:
    return Q(committee__in=list(Committee.objects(_committees(actor, role)).scalar("id")))


def _opinions(actor: Actor, role: Role, about: About) -> Q:
    if role == Role.EXPERT:
        return Q(expert=actor.user_id) & about.seen(actor, role, Opinion)
    if role in (Role.OFFICE, Role.SUPERVISOR):
        return about.foreign(actor, role, Opinion)
    return NOTHING


def _publicities(actor: Actor, role: Role) -> Q:
    public = Q(kind=PublicityKind.RESULT.value)
    if role == Role.PUBLIC:
        return public
    if role == Role.APPLICANT:
        return public | Q(unit=actor.unit_id) if actor.unit_id else public
    if role in (Role.UNIT_HR, Role.SUPERVISOR, Role.ENDORSER):
        return public | Q(unit__in=_units(actor, role))
    return public


def _objections(actor: Actor, role: Role, about: About) -> Q:
    return about.foreign(actor, role, Objection) if role in CASE_READERS else NOTHING


def _comments(actor: Actor, role: Role, about: About) -> Q:
    """Among colleagues: never of one's own case, and not for those who only give an opinion."""
    return about.foreign(actor, role, Comment) if role in CASE_READERS else NOTHING


def _saved_views(actor: Actor, role: Role) -> Q:
    return Q(user=actor.user_id) if role == Role.APPLICANT and actor.is_signed_in else NOTHING


def _certificates(actor: Actor, role: Role, about: About) -> Q:
    return about.seen(actor, role, Certificate) if role in _OF_CASES else NOTHING


def _submissions(actor: Actor, role: Role, about: About) -> Q:
    return about.seen(actor, role, Submission) if role in _OF_CASES else NOTHING


def _audit(actor: Actor, role: Role) -> Q:
    if role in (Role.UNIT_HR, Role.SUPERVISOR):
        return Q(unit__in=_units(actor, role), thing_id__nin=_about_oneself(actor))
    if role == Role.ADMIN:
        return Q(thing__in=["users", "settings"])
    return NOTHING


def _about_oneself(actor: Actor) -> list[str]:
    """Ids of what is about the actor: their applications, and the objections and opinions on those."""
    own = own_applications(actor)
    if not own:
        return []
    about = [key for model in (Objection, Opinion) for key in model.objects(application__in=own).scalar("id")]
    return [str(key) for key in (*own, *about)]


def _inbox(actor: Actor, role: Role) -> Q:
    """One's own notices; unit HR also sees what became of those to its people, in a role of its own."""
    if role == Role.UNIT_HR:
        return Q(unit__in=_units(actor, role))
    return Q(person=actor.person_id) if role == Role.APPLICANT and actor.person_id else NOTHING


def _mends(actor: Actor, role: Role) -> Q:
    if role in (Role.UNIT_HR, Role.SUPERVISOR):
        return Q(unit__in=_units(actor, role))
    return Q(person=actor.person_id) if role == Role.APPLICANT and actor.person_id else NOTHING


def _reminders(actor: Actor, role: Role) -> Q:
    return Q(unit__in=_units(actor, role)) if role in (Role.UNIT_HR, Role.SUPERVISOR) else NOTHING


def _own_exports(actor: Actor, role: Role) -> Q:
    return Q(user=actor.user_id) if role in STAFF and actor.user_id else NOTHING


def _units_seen(actor: Actor, role: Role) -> Q:
    return Q() if actor.is_signed_in else NOTHING


def _imports(actor: Actor, role: Role) -> Q:
    return Q(unit__in=_units(actor, role)) if role == Role.UNIT_HR else NOTHING


def _extensions(actor: Actor, role: Role) -> Q:
    if role in (Role.UNIT_HR, Role.SUPERVISOR):
        return Q(unit__in=_units(actor, role))
    return Q() if role == Role.OFFICE else NOTHING


def _material(actor: Actor, role: Role) -> Q:
    """HR's table of their people, never of themselves; the person sees their own through their case."""
    if role in (Role.UNIT_HR, Role.SUPERVISOR):
        return _of_others(actor, role)
    if role == Role.APPLICANT and actor.person_id:
        return Q(person=actor.person_id)
    return NOTHING


def _scans(actor: Actor, role: Role) -> Q:
    if role == Role.UNIT_HR:
        return _of_others(actor, role)
    return NOTHING


def _of_others(actor: Actor, role: Role) -> Q:
    """What is in the actor's units, but for what is about themselves."""
    query = Q(unit__in=_units(actor, role))
    return query & Q(person__ne=actor.person_id) if actor.person_id else query


VISIBLE: dict[type, Callable[[Actor, Role], Q]] = {
    Application: _applications,
    AuditEvent: _audit,
    Committee: _committees,
    ExportJob: _own_exports,
    Extension: _extensions,
    ImportBatch: _imports,
    MaterialEntry: _material,
    MaterialScan: _scans,
    Meeting: _meetings,
    Mend: _mends,
    OutboxRow: _inbox,
    Person: _people,
    Publicity: _publicities,
    Reminder: _reminders,
    ReviewRound: _rounds,
    SavedView: _saved_views,
    Unit: _units_seen,
    User: _users,
}


#: Documents about applications, which are seen with them.
ABOUT: dict[type, Callable[[Actor, Role, About], Q]] = {
    Certificate: _certificates,
    Comment: _comments,
    Objection: _objections,
    Opinion: _opinions,
    Submission: _submissions,
}
