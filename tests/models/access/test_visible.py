"""What a person may not see doesn't exist for them: every model and role, with data that could leak."""

from collections.abc import Iterable
from typing import Any

import pytest
from bson import ObjectId
from mongoengine import Document

from models import DOCUMENTS
from models.application import Application, Submission
from models.audit import AuditEvent
from models.ballot import Ballot, VoterMark
from models.certificate import Certificate, Counter
from models.choices import PublicityKind, Role, RoundState, State
from models.meeting import Committee, Meeting, Opinion
from models.outbox import OutboxRow
from models.person import Person
from models.publicity import Objection, Publicity
from models.review_round import Extension, ReviewRound
from models.sections import Recusal
from models.setting import Setting
from models.unit import Unit
from models.user import User
from panel.domain.access import policy, who_sees
from panel.domain.actors import ANONYMOUS, SYSTEM, Actor, actor_of
from panel.domain.errors import NotFound
from tests.factories import (
    NOW,
    make_application,
    make_committee,
    make_meeting,
    make_person,
    make_round,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.usefixtures("database")

#: name -> state and what is special about it, of the own unit and the teachers' committee.
CASES: dict[str, tuple[State, dict[str, Any]]] = {
    "draft": (State.DRAFT, {}),
    "withdrawn draft": (State.WITHDRAWN, {}),
    "submitted": (State.SUBMITTED, {}),
    "submitted me": (State.SUBMITTED, {"department": "me"}),
    "returned": (State.RETURNED, {}),
    "unit publicity": (State.UNIT_PUBLICITY, {}),
    "held by unit": (State.ON_HOLD, {"held_from": "unit_publicity"}),
    "held by office": (State.ON_HOLD, {"held_from": "result_publicity"}),
    "lapsed at unit": (State.LAPSED, {"lapsed_from": "returned"}),
    "lapsed at office": (State.LAPSED, {"lapsed_from": "correction"}),
    "office": (State.OFFICE_REVIEW, {}),
    "panel": (State.PANEL, {}),
    "panel of others": (State.PANEL, {}),
    "ballot": (State.BALLOT, {}),
    "ballot recused": (State.BALLOT, {}),
    "lab ballot": (State.BALLOT, {"committee": "lab-committee"}),
    "failed": (State.FAILED, {}),
    "certified": (State.CERTIFIED, {}),
}
UNSUBMITTED = {"draft", "withdrawn draft"}
OWN_UNIT = set(CASES)
SUBMITTED = OWN_UNIT - UNSUBMITTED
REACHED_OFFICE = {
    "held by office",
    "lapsed at office",
    "office",
    "panel",
    "panel of others",
    "ballot",
    "ballot recused",
    "lab ballot",
    "failed",
    "certified",
    "foreign ballot",
    "foreign certified",
}
OF_TEACHERS = REACHED_OFFICE - {"lab ballot"}


class World:
    """One case of each sort, each with everything that other collections hold about it."""

    def __init__(self) -> None:
        self.unit, self.other = make_unit(), Unit(code="other", name="江城大学").save()
        self.round = make_round()
        self.committee = make_committee(3)
        self.expert = self.committee.members[2].user
        self.names: dict[ObjectId, str] = {}
        self.cases = {name: self._case(name, state, **values) for name, (state, values) in CASES.items()}
        for name, state in (("foreign ballot", State.BALLOT), ("foreign certified", State.CERTIFIED)):
            self.cases[name] = self._case(name, state, unit=self.other)
        self._set("panel", set__experts=[self.expert.id])
        self._set("ballot recused", set__recusals=[Recusal(user=self.expert.id, reason="合作者", at=NOW)])
        for case in self.cases.values():
            self._surround(case)

    def _case(self, name: str, state: State, unit: Unit | None = None, **values: Any) -> Application:
        person = make_person(unit=unit or self.unit, department=values.get("department", "cs"))
        made = make_application(state, person=person, round=self.round, photo=None, name=name, **values)
        self.names[made.id] = name
        return made

    def _set(self, name: str, **update: Any) -> None:
        Application.objects(id=self.cases[name].id).update_one(**update)

    def _surround(self, case: Application) -> None:
        Submission(application=case, content_revision=3, content={"a": 1}, sha256="0", at=NOW).save()
        Objection(
            application=case,
            from_name="王建国",
            text="排名有误",
            registered_by=self.expert,
            registered_at=NOW,
        ).save()
        Opinion(application=case, expert=self.expert, text="同意", is_final=True, at=NOW).save()
        OutboxRow(person=case.person, unit=case.unit.id, message="申报已提交", at=NOW).save()
        AuditEvent(
            at=NOW, action="submit", thing="applications", thing_id=str(case.id), unit=case.unit.id
        ).save()
        Ballot(meeting=ObjectId(), application=case.id, choice="yes").save()
        VoterMark(meeting=ObjectId(), application=case.id, voter=self.expert.id).save()
        if case.state == State.CERTIFIED:
            self._certify(case)

    def _certify(self, case: Application) -> None:
        values = dict.fromkeys(
            ("series", "speciality", "title", "level", "committee", "organisation", "document_number"), "x"
        )
        Certificate(
            number=str(case.id),
            code=str(case.id),
            application=case,
            name=case.name,
            photo_sha256="0",
            approved_on=NOW.date(),
            issued_on=NOW.date(),
            issued_at=NOW,
            **values,
        ).save()

    def actor(self, *roles: Role, **values: Any) -> Actor:
        return actor_of(make_user(*roles, **({"committee": "teacher-committee"} | values)))

    def seen(self, actor: Actor, model: type[Document], *as_roles: Role) -> set[str]:
        """The names of the cases that what `actor` sees of `model` is about."""
        field = {Application: "id", OutboxRow: "person", AuditEvent: "thing_id"}.get(model, "application")
        by_person = {case.person.id: name for name, case in self.cases.items()}
        by_text = {str(key): name for key, name in self.names.items()}
        rows = policy.visible(actor, model, *as_roles)
        keys = [getattr(row, field) for row in rows]
        known = {**self.names, **by_person, **by_text}
        return {known[getattr(key, "id", key)] for key in keys}


@pytest.fixture
def world() -> World:
    return World()


def test_each_role_sees_its_own_applications_and_no_other(world: World) -> None:
    sees = {
        "hr": (world.actor(Role.UNIT_HR), OWN_UNIT),
        "supervisor": (world.actor(Role.SUPERVISOR), SUBMITTED),
        "endorser of cs": (world.actor(Role.ENDORSER, department="cs"), SUBMITTED - {"submitted me"}),
        "endorser of an office": (world.actor(Role.ENDORSER, office="ethics"), SUBMITTED),
        "office": (world.actor(Role.OFFICE), OF_TEACHERS),
        "office of all": (world.actor(Role.OFFICE, committee=""), REACHED_OFFICE),
        "expert": (actor_of(world.expert), {"panel", "ballot", "foreign ballot"}),
        "another expert": (
            actor_of(world.committee.members[1].user),
            {"ballot", "ballot recused", "foreign ballot"},
        ),
        "chair of the lab": (world.actor(Role.CHAIR, committee="lab-committee"), {"lab ballot"}),
        "hr elsewhere": (
            world.actor(Role.UNIT_HR, unit=world.other),
            {"foreign ballot", "foreign certified"},
        ),
        "admin": (world.actor(Role.ADMIN), set()),
        "teller": (world.actor(Role.TELLER), set()),
        "applicant": (world.actor(person=world.cases["draft"].person), {"draft"}),
        "somebody without a person": (world.actor(), set()),
        "nobody": (ANONYMOUS, set()),
        "system": (SYSTEM, OWN_UNIT | {"foreign ballot", "foreign certified"}),
        "several roles": (world.actor(Role.ADMIN, Role.OFFICE, Role.TELLER), OF_TEACHERS),
    }
    for who, (actor, expected) in sees.items():
        assert world.seen(actor, Application) == expected, who


def test_what_is_stored_about_a_case_is_seen_by_those_who_may(world: World) -> None:
    hr, supervisor = world.actor(Role.UNIT_HR), world.actor(Role.SUPERVISOR)
    office, expert = world.actor(Role.OFFICE), actor_of(world.expert)
    endorser, admin = world.actor(Role.ENDORSER, department="cs"), world.actor(Role.ADMIN)
    applicant = world.actor(person=world.cases["certified"].person)
    nobody: set[str] = set()
    table: list[tuple[type[Document], list[tuple[Actor, set[str]]]]] = [
        (
            Submission,
            [(hr, OWN_UNIT), (supervisor, SUBMITTED), (office, OF_TEACHERS), (applicant, {"certified"})],
        ),
        (Certificate, [(hr, {"certified"}), (supervisor, {"certified"}), (applicant, {"certified"})]),
        (Objection, [(hr, OWN_UNIT), (supervisor, SUBMITTED), (office, OF_TEACHERS), (applicant, nobody)]),
        (
            Opinion,
            [
                (hr, nobody),
                (supervisor, SUBMITTED),
                (office, OF_TEACHERS),
                (expert, {"panel", "ballot", "foreign ballot"}),
                (applicant, nobody),
            ],
        ),
        (OutboxRow, [(hr, OWN_UNIT), (supervisor, nobody), (office, nobody), (applicant, {"certified"})]),
        (AuditEvent, [(hr, OWN_UNIT), (supervisor, OWN_UNIT), (office, nobody), (applicant, nobody)]),
    ]
    for model, rows in table:
        for actor, expected in [*rows, (admin, nobody), (ANONYMOUS, nobody)]:
            assert world.seen(actor, model) == expected, (model, actor.roles)
        assert world.seen(endorser, model) == nobody, model


def test_another_expert_does_not_read_a_colleagues_opinion(world: World) -> None:
    """R16."""
    colleague = actor_of(world.committee.members[1].user)
    assert world.seen(colleague, Opinion) == set()


def test_nobody_sees_ballots_marks_or_the_programs_own_rows(world: World) -> None:
    Setting(key="migration", value=1).save()
    Counter(key="application:2026", value=1).save()
    everything = world.actor(*[role for role in Role if role is not Role.SYSTEM])
    unlisted = [model for model in DOCUMENTS if model not in {*who_sees.VISIBLE, *who_sees.ABOUT}]
    assert {Ballot, VoterMark, Setting, Counter} <= set(unlisted)
    for model in unlisted:
        for actor in (everything, SYSTEM, ANONYMOUS):
            assert policy.visible(actor, model).count() == 0
            assert list(policy.visible(actor, model)) == []
            assert policy.visible(actor, model, Role.SUPERVISOR).first() is None


def test_staff_do_not_read_what_is_said_of_their_own_case(world: World) -> None:
    """An objection's author and the experts' opinions stay hidden from an applicant who also is staff."""
    case = world.cases["ballot"]
    actor = world.actor(Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR, person=case.person)
    assert "ballot" in world.seen(actor, Application)
    for model in (Objection, Opinion, AuditEvent):
        seen = world.seen(actor, model)
        assert "ballot" not in seen, model
        assert "ballot recused" in seen, model


def test_an_expert_does_not_see_their_own_case(world: World) -> None:
    case = world.cases["ballot"]
    actor = world.actor(Role.EXPERT, Role.CHAIR, person=case.person)
    assert world.seen(actor, Application, Role.EXPERT, Role.CHAIR) == {"ballot recused", "foreign ballot"}
    assert world.seen(actor, Application) == {"ballot", "ballot recused", "foreign ballot"}


def test_a_view_can_be_narrowed_to_some_roles(world: World) -> None:
    person = world.cases["draft"].person
    actor = world.actor(Role.UNIT_HR, Role.OFFICE, person=person)
    assert world.seen(actor, Application, Role.APPLICANT) == {"draft"}
    assert world.seen(actor, Application, Role.OFFICE) == OF_TEACHERS
    assert world.seen(actor, Application, Role.ADMIN) == set()
    assert world.seen(actor, Application, Role.SYSTEM) == set()


def test_people_accounts_and_units(world: World) -> None:
    hr, admin, office = world.actor(Role.UNIT_HR), world.actor(Role.ADMIN), world.actor(Role.OFFICE)
    foreign = world.cases["foreign ballot"].person
    own = world.cases["draft"].person
    applicant = world.actor(person=own)
    foreign_account = make_user(person=foreign)

    def people(actor: Actor) -> set[ObjectId]:
        return set(policy.visible(actor, Person).scalar("id"))

    assert own.id in people(hr)
    assert foreign.id not in people(hr)
    assert people(applicant) == {own.id}
    assert people(admin) == people(office) == people(actor_of(world.expert)) == set()
    accounts = set(policy.visible(hr, User).scalar("id"))
    assert applicant.user_id in accounts
    assert foreign_account.id not in accounts
    assert policy.visible(admin, User).count() == User.objects.count()
    assert policy.visible(applicant, User).count() == 0
    assert {role for user in policy.visible(office, User) for role in user.roles} == {Role.EXPERT, Role.CHAIR}
    assert policy.visible(applicant, Unit).count() == 2
    assert policy.visible(ANONYMOUS, Unit).count() == 0


def test_rounds_committees_and_meetings(world: World) -> None:
    planned = make_round("lab")
    ReviewRound.objects(id=planned.id).update_one(set__state=RoundState.PLANNED.value)
    lab = make_committee(3, code="lab-committee")
    make_meeting(world.committee, round=world.round)
    make_meeting(lab, round=planned)
    applicant = world.actor(person=world.cases["draft"].person)
    assert [row.id for row in policy.visible(applicant, ReviewRound)] == [world.round.id]
    assert policy.visible(ANONYMOUS, ReviewRound).count() == 0
    for role in (Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR, Role.ADMIN):
        assert policy.visible(world.actor(role), ReviewRound).count() == 2
    for model, name in ((Committee, "code"), (Meeting, "committee")):

        def codes(actor: Actor, model: Any = model, name: str = name) -> set[str]:
            return {
                getattr(getattr(row, name), "code", getattr(row, name))
                for row in policy.visible(actor, model)
            }

        assert codes(world.actor(Role.OFFICE)) == {"teacher-committee"}
        assert codes(actor_of(world.expert)) == {"teacher-committee"}
        assert codes(world.actor(Role.OFFICE, committee="")) == {"teacher-committee", "lab-committee"}
        assert codes(world.actor(Role.SUPERVISOR)) == {"teacher-committee", "lab-committee"}
        assert codes(applicant) == codes(ANONYMOUS) == codes(world.actor(Role.UNIT_HR)) == set()


def test_a_list_inside_the_unit_is_not_for_the_public(world: World) -> None:
    def posted(kind: PublicityKind, unit: Unit) -> ObjectId:
        values = {
            "posted_on": NOW.date(),
            "starts": NOW.date(),
            "ends": NOW.date(),
            "ends_at": NOW,
            "at": NOW,
        }
        made = Publicity(
            kind=kind.value,
            title="公示",
            round=world.round,
            unit=unit,
            days=5,
            telephone="027",
            receiving_office="人事处",
            **values,
        )
        return made.save().id

    inside, result = posted(PublicityKind.UNIT, world.unit), posted(PublicityKind.RESULT, world.unit)
    foreign = posted(PublicityKind.UNIT, world.other)

    def lists(actor: Actor) -> set[ObjectId]:
        return set(policy.visible(actor, Publicity).scalar("id"))

    assert lists(ANONYMOUS) == {result}
    assert lists(world.actor(person=world.cases["draft"].person)) == {inside, result}
    assert lists(world.actor(Role.UNIT_HR)) == lists(world.actor(Role.SUPERVISOR)) == {inside, result}
    assert lists(actor_of(world.expert)) == {result}
    assert lists(world.actor(Role.UNIT_HR, unit=world.other)) == {foreign, result}


def test_extensions_are_for_those_who_give_them(world: World) -> None:
    Extension(
        unit=make_unit(), round=world.round, departments=["cs"], until=NOW.date(), reason="出差", at=NOW
    ).save()
    for role in Role:
        expected = 1 if role in (Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR) else 0
        assert policy.visible(world.actor(role), Extension).count() == expected, role


def test_the_administrator_reads_the_audit_of_accounts_alone(world: World) -> None:
    AuditEvent(at=NOW, action="grants_change", thing="users").save()
    actions = {row.action for row in policy.visible(world.actor(Role.ADMIN), AuditEvent)}
    assert actions == {"grants_change"}


# --- resolving ids ---------------------------------------------------------------------------------


def ids(cases: Iterable[Application]) -> list[ObjectId]:
    return [case.id for case in cases]


def test_foreign_unknown_and_malformed_ids_are_all_not_found(world: World) -> None:
    hr = world.actor(Role.UNIT_HR)
    foreign = world.cases["foreign ballot"].id
    for wanted in (foreign, str(foreign), ObjectId(), "x", "", None, 5, "1" * 25, ["a"], True):
        with pytest.raises(NotFound):
            policy.one(hr, Application, wanted)


@pytest.mark.parametrize(
    "injected",
    [{"$ne": None}, {"$gt": ""}, {"$in": []}, [{"$ne": 1}], {"$where": "1"}, ("a", "b"), b"123456789012"],
)
def test_operators_in_place_of_an_id_find_nothing(world: World, injected: Any) -> None:
    """Trap 7: a mapping from a request must not become a query."""
    for actor in (world.actor(Role.UNIT_HR), SYSTEM):
        with pytest.raises(NotFound):
            policy.one(actor, Application, injected)
        assert policy.get_many(actor, Application, [injected]) == []


def test_many_ids_come_back_in_their_order_without_foreign_ones(world: World) -> None:
    """Trap 1: the only resolver of lists of ids is scoped."""
    hr = world.actor(Role.UNIT_HR)
    wanted = [world.cases[name] for name in ("panel", "foreign ballot", "draft", "panel")]
    found = policy.get_many(hr, Application, [str(case.id) for case in wanted])
    assert [case.name for case in found] == ["panel", "draft"]
    assert policy.get_many(hr, Application, []) == []


def test_one_is_what_may_be_seen_in_the_role_asked_for(world: World) -> None:
    case = world.cases["draft"]
    actor = world.actor(Role.UNIT_HR, person=world.cases["submitted"].person)
    assert policy.one(actor, Application, case.id).id == case.id
    with pytest.raises(NotFound):
        policy.one(actor, Application, case.id, Role.APPLICANT)
