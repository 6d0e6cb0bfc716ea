"""What a person sees (DESIGN section 5): the only source of querysets and the only resolver of ids.

What a person may not see doesn't exist for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId
from mongoengine import Q

from models import (
    Application,
    AuditEvent,
    Certificate,
    Comment,
    Committee,
    ExportJob,
    Extension,
    ImportBatch,
    MaterialEntry,
    MaterialScan,
    Meeting,
    Mend,
    Objection,
    Opinion,
    OutboxRow,
    Person,
    Publicity,
    Reminder,
    ReviewRound,
    SavedView,
    Submission,
    Unit,
    User,
)
from models.choices import PublicityKind, Role, RoundState, State
from panel.domain.actors import Actor
from panel.domain.errors import NotFound
from panel.domain.permissions import OFFICE_STATES, STAFF

_NOTHING = Q(pk__in=[])
#: Who sees what is about a case by seeing the case.
_OF_CASES = (Role.APPLICANT, Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR)


def _any_of(parts: Iterable[Q]) -> Q:
    """What any of `parts` shows, without impossible ones, which keep an index from giving the order."""
    query = None
    for part in parts:
        if part is not _NOTHING:
            query = part if query is None else query | part
    return _NOTHING if query is None else query


def _units(actor: Actor, role: Role) -> list[ObjectId]:
    return [grant.unit_id for grant in actor.as_(role) if grant.unit_id is not None]


def _applications(actor: Actor, role: Role) -> Q:
    if role == Role.SYSTEM:
        return Q()
    if role == Role.APPLICANT:
        return Q(person=actor.person_id) if actor.person_id else _NOTHING
    if role == Role.UNIT_HR:
        return Q(unit__in=_units(actor, role))
    if role == Role.SUPERVISOR:
        return Q(unit__in=_units(actor, role)) & _was_submitted()
    if role == Role.ENDORSER:
        return _endorser_query(actor)
    if role == Role.OFFICE:
        return _office_query(actor)
    if role in (Role.EXPERT, Role.CHAIR):
        return _expert_query(actor, role)
    return _NOTHING


def _endorser_query(actor: Actor) -> Q:
    parts = []
    for grant in actor.as_(Role.ENDORSER):
        part = Q(unit=grant.unit_id) & _was_submitted()
        parts.append(part & Q(department=grant.department) if grant.department else part)
    return _any_of(parts)


def _was_submitted() -> Q:
    """Submitted and not taken back; the time is set with the receipt and stands in the lists' indexes."""
    return Q(submitted_at__ne=None, state__ne=State.DRAFT.value)


def _office_query(actor: Actor) -> Q:
    reached = (
        Q(state__in=OFFICE_STATES),
        Q(state=State.ON_HOLD.value, held_from=State.RESULT_PUBLICITY.value),
        Q(state=State.LAPSED.value, lapsed_from=State.CORRECTION.value),
    )
    committees = [grant.committee for grant in actor.as_(Role.OFFICE)]
    if not committees:
        return _NOTHING
    if "" in committees:
        return _any_of(reached)
    # said of each branch, so that each is read in the order of an index
    return _any_of(part & Q(committee__in=committees) for part in reached)


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
            self._own = _own_applications(actor)
        seen = self.seen(actor, role, model)
        return seen & Q(__raw__={"application": {"$nin": self._own}}) if self._own else seen

    def _among(self, model: type) -> list[ObjectId]:
        if self._given is not None:
            return self._given
        if model not in self._named:
            self._named[model] = model._get_collection().distinct("application")  # type: ignore[attr-defined]
        return self._named[model]


def _own_applications(actor: Actor) -> list[ObjectId]:
    return list(Application.objects(person=actor.person_id).scalar("id")) if actor.person_id else []


def _people(actor: Actor, role: Role) -> Q:
    if role in (Role.UNIT_HR, Role.SUPERVISOR):
        return Q(unit__in=_units(actor, role))
    if role == Role.APPLICANT and actor.person_id:
        return Q(id=actor.person_id)
    return _NOTHING


def _users(actor: Actor, role: Role) -> Q:
    if role == Role.ADMIN:
        return Q()
    if role == Role.UNIT_HR:
        return Q(person__in=list(Person.objects(unit__in=_units(actor, role)).scalar("id")))
    if role == Role.OFFICE:
        return Q(grants__role__in=[Role.EXPERT.value, Role.CHAIR.value])
    return _NOTHING


def _rounds(actor: Actor, role: Role) -> Q:
    if role == Role.APPLICANT:
        return Q(state=RoundState.OPEN.value) if actor.is_signed_in else _NOTHING
    return Q() if role in (*STAFF, Role.ADMIN, Role.SYSTEM) else _NOTHING


def _committees(actor: Actor, role: Role) -> Q:
    codes = [grant.committee for grant in actor.as_(role)]
    if role == Role.OFFICE and codes:
        return Q() if "" in codes else Q(code__in=codes)
    if role in (Role.EXPERT, Role.CHAIR, Role.TELLER):
        return Q(code__in=[code for code in codes if code])
    return Q() if role == Role.SUPERVISOR else _NOTHING


def _meetings(actor: Actor, role: Role) -> Q:
    return Q(committee__in=list(Committee.objects(_committees(actor, role)).scalar("id")))


def _opinions(actor: Actor, role: Role, about: About) -> Q:
    if role == Role.EXPERT:
        return Q(expert=actor.user_id) & about.seen(actor, role, Opinion)
    if role in (Role.OFFICE, Role.SUPERVISOR):
        return about.foreign(actor, role, Opinion)
    return _NOTHING


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
    staff = (Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR)
    return about.foreign(actor, role, Objection) if role in staff else _NOTHING


def _comments(actor: Actor, role: Role, about: About) -> Q:
    """Among colleagues: never of one's own case, and not for those who only give an opinion."""
    staff = (Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR)
    return about.foreign(actor, role, Comment) if role in staff else _NOTHING


def _saved_views(actor: Actor, role: Role) -> Q:
    return Q(user=actor.user_id) if role == Role.APPLICANT and actor.is_signed_in else _NOTHING


def _certificates(actor: Actor, role: Role, about: About) -> Q:
    return about.seen(actor, role, Certificate) if role in _OF_CASES else _NOTHING


def _submissions(actor: Actor, role: Role, about: About) -> Q:
    return about.seen(actor, role, Submission) if role in _OF_CASES else _NOTHING


def _audit(actor: Actor, role: Role) -> Q:
    if role in (Role.UNIT_HR, Role.SUPERVISOR):
        return Q(unit__in=_units(actor, role), thing_id__nin=_about_oneself(actor))
    if role == Role.ADMIN:
        return Q(thing__in=["users", "settings"])
    return _NOTHING


def _about_oneself(actor: Actor) -> list[str]:
    """Ids of what is about the actor: their applications, and the objections and opinions on those."""
    own = _own_applications(actor)
    if not own:
        return []
    about = [key for model in (Objection, Opinion) for key in model.objects(application__in=own).scalar("id")]
    return [str(key) for key in (*own, *about)]


def _inbox(actor: Actor, role: Role) -> Q:
    """One's own notices; unit HR also sees what became of those to its people, in a role of its own."""
    if role == Role.UNIT_HR:
        return Q(unit__in=_units(actor, role))
    return Q(person=actor.person_id) if role == Role.APPLICANT and actor.person_id else _NOTHING


def _mends(actor: Actor, role: Role) -> Q:
    if role in (Role.UNIT_HR, Role.SUPERVISOR):
        return Q(unit__in=_units(actor, role))
    return Q(person=actor.person_id) if role == Role.APPLICANT and actor.person_id else _NOTHING


def _reminders(actor: Actor, role: Role) -> Q:
    return Q(unit__in=_units(actor, role)) if role in (Role.UNIT_HR, Role.SUPERVISOR) else _NOTHING


def _own_exports(actor: Actor, role: Role) -> Q:
    return Q(user=actor.user_id) if role in STAFF and actor.user_id else _NOTHING


def _units_seen(actor: Actor, role: Role) -> Q:
    return Q() if actor.is_signed_in else _NOTHING


def _imports(actor: Actor, role: Role) -> Q:
    return Q(unit__in=_units(actor, role)) if role == Role.UNIT_HR else _NOTHING


def _extensions(actor: Actor, role: Role) -> Q:
    if role in (Role.UNIT_HR, Role.SUPERVISOR):
        return Q(unit__in=_units(actor, role))
    return Q() if role == Role.OFFICE else _NOTHING


def _material(actor: Actor, role: Role) -> Q:
    """HR's table of their people, never of themselves; the person sees their own through their case."""
    if role in (Role.UNIT_HR, Role.SUPERVISOR):
        return _of_others(actor, role)
    if role == Role.APPLICANT and actor.person_id:
        return Q(person=actor.person_id)
    return _NOTHING


def _scans(actor: Actor, role: Role) -> Q:
    if role == Role.UNIT_HR:
        return _of_others(actor, role)
    return _NOTHING


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


def visible(actor: Actor, model: type, *as_roles: Role, about: About | None = None) -> Any:
    """The queryset of what `actor` may see of `model`; `as_roles` narrows it to those roles' view.

    `about` narrows what is about applications to a few of them, which spares looking at all.
    A signed-in person counts as applicant and public besides the roles granted. Models that are not
    listed, ballots above all, show nothing to anybody.
    """
    implied = {Role.PUBLIC} | ({Role.APPLICANT} if actor.is_signed_in else set())
    held = actor.roles | implied
    roles = held & set(as_roles) if as_roles else held
    rule = _rule(model, about or About())
    if rule is None or not roles:
        return model.objects(_NOTHING)  # type: ignore[attr-defined]
    parts = [rule(actor, role) for role in sorted(roles)]
    if not all(parts):  # an empty condition: everything
        return model.objects()  # type: ignore[attr-defined]
    return model.objects(_any_of(parts))  # type: ignore[attr-defined]


def _rule(model: type, about: About) -> Callable[[Actor, Role], Q] | None:
    of_cases = ABOUT.get(model)
    return VISIBLE.get(model) if of_cases is None else lambda actor, role: of_cases(actor, role, about)


def one(actor: Actor, model: type, id: Any, *as_roles: Role) -> Any:
    """The one document with `id` that `actor` may see; raises NotFound, also for a malformed id."""
    found = get_many(actor, model, [id], *as_roles)
    if not found:
        raise NotFound
    return found[0]


def get_many(actor: Actor, model: type, ids: Iterable[Any], *as_roles: Role) -> list[Any]:
    """Those of `ids` that `actor` may see, in the order asked for; the only resolver of lists of ids."""
    wanted = [key for key in (_object_id(id) for id in ids) if key is not None]
    about = About(_applications_of(model, wanted)) if model in ABOUT else None
    seen = visible(actor, model, *as_roles, about=about).filter(id__in=wanted)
    found = {document.id: document for document in seen}
    return [found[key] for key in dict.fromkeys(wanted) if key in found]


def _applications_of(model: type, ids: list[ObjectId]) -> list[ObjectId]:
    """The applications that the documents with `ids` are about."""
    rows = model._get_collection().find({"_id": {"$in": ids}}, {"application": 1})  # type: ignore[attr-defined]
    return [row["application"] for row in rows]


def _object_id(value: Any) -> ObjectId | None:
    try:
        return ObjectId(value)
    except (InvalidId, TypeError):
        return None
