"""For each step that is built: a case, an actor and data with which it goes. Tests change one thing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bson import ObjectId

from models.application import Application
from models.choices import Action, MeetingState, ObjectionState, PublicityKind, Role, State
from models.publicity import Objection, Publicity
from models.sections import Return, ReturnItem
from panel.domain.actors import SYSTEM, Actor, actor_of
from panel.domain.checks.case_content import CaseContent
from panel.domain.publicity import lists
from panel.domain.steps import workflow
from tests import contents
from tests.factories import (
    NOW,
    applicant_of,
    make_actor,
    make_application,
    make_committee,
    make_meeting,
    make_opinions,
    make_outcome,
    make_round,
    make_user,
)

PREVIEW = {"content_revision": 3, "at": NOW, "sha256": "cd" * 32}
OVER = NOW - timedelta(milliseconds=1)
APPROVAL = {
    "document_number": "江理工职改〔2026〕12号",
    "approved_on": date(2026, 9, 14),
    "filing": "已报省厅备案",
}


@dataclass
class Ready:
    """A step that goes."""

    action: Action
    case: Application
    actor: Actor
    data: dict[str, Any] = field(default_factory=dict)

    def run(self, **changes: Any) -> Application:
        """Take the step, with parts of its data replaced."""
        return workflow.run(self.action, self.case, self.actor, NOW, **(self.data | changes))

    def sees(self) -> Any:
        """Why the step is offered but won't go yet; None when it goes, False when it isn't offered."""
        offers = {
            offer.action: offer.refusal
            for offer in workflow.available(CaseContent(self.case, NOW), self.actor)
        }
        return offers.get(self.action, False)


def hr() -> Actor:
    """Somebody of the unit's HR, another one each time."""
    return make_actor(Role.UNIT_HR)


def office() -> Actor:
    """Somebody of the committee's office."""
    return make_actor(Role.OFFICE)


def plain_round(**changes: Any) -> Any:
    """The teachers' round without endorsements."""
    return make_round(endorsements=[], **changes)


def submit(**values: Any) -> Ready:
    case = contents.make_complete(**({"preview": PREVIEW} | values))
    return Ready(Action.SUBMIT, case, applicant_of(case), {"pledge": True})


def recall(**values: Any) -> Ready:
    case = make_application(State.SUBMITTED, **values)
    return Ready(Action.RECALL, case, applicant_of(case))


def endorse(**values: Any) -> Ready:
    case = make_application(State.SUBMITTED, **values)
    data = {"office": "college", "yes": True, "opinion": "同意推荐", "rank": 2}
    return Ready(Action.ENDORSE, case, make_actor(Role.ENDORSER, department="cs"), data)


def send_back(**values: Any) -> Ready:
    case = make_application(State.SUBMITTED, **values)
    items = [{"section": "basic", "entry": "", "field": "school", "text": "请写毕业学校的全称"}]
    return Ready(Action.RETURN, case, hr(), {"items": items, "deadline": date(2026, 9, 20)})


def running_return(**values: Any) -> Return:
    given = {
        "items": [ReturnItem(text="请核对", section="basic")],
        "deadline": NOW + timedelta(days=3),
        "at": NOW - timedelta(days=1),
        "from_state": "submitted",
    }
    return Return(**(given | values))


def resubmit(state: State = State.RETURNED, **values: Any) -> Ready:
    given = {"preview": PREVIEW, "returns": [running_return()], "deadline": NOW + timedelta(days=3)}
    case = contents.make_complete(state, **(given | values))
    return Ready(Action.RESUBMIT, case, applicant_of(case), {"pledge": True})


def reject(**values: Any) -> Ready:
    return Ready(
        Action.REJECT, make_application(State.SUBMITTED, **values), hr(), {"reason": "业绩未达到推荐条件"}
    )


def posted(kind: PublicityKind, *cases: Application, **values: Any) -> Publicity:
    """A stored list of `cases`."""
    made = lists.draft(kind, cases, NOW)
    made.at = NOW
    for name, value in values.items():
        setattr(made, name, value)
    return made.save()


def publicise(**values: Any) -> Ready:
    case = make_application(State.SUBMITTED, **({"round": plain_round()} | values))
    return Ready(Action.PUBLICISE, case, hr(), {"publicity": posted(PublicityKind.UNIT, case)})


def recommend(**values: Any) -> Ready:
    given = {"publicity_ends": OVER, "unit_opinion": "同意推荐"}
    return Ready(Action.RECOMMEND, make_application(State.UNIT_PUBLICITY, **(given | values)), hr())


def objection_to(case: Application, **values: Any) -> Objection:
    """A registered objection, its findings filed by a second person."""
    given = {
        "application": case,
        "from_name": "王建国",
        "text": "第二项课题排名有误",
        "registered_by": make_user(Role.UNIT_HR),
        "registered_at": NOW,
        "state": ObjectionState.FINDINGS.value,
        "findings": "已核对立项文件",
        "findings_by": make_user(Role.SUPERVISOR),
    }
    return Objection(**(given | values)).save()


def hold(state: State = State.UNIT_PUBLICITY, **values: Any) -> Ready:
    case = make_application(state, **values)
    objection = objection_to(case, state=ObjectionState.OPEN.value)
    return Ready(Action.OBJECT, case, hr(), {"objection": objection})


def settle(action: Action, held_from: State = State.UNIT_PUBLICITY, **values: Any) -> Ready:
    case = make_application(State.ON_HOLD, held_from=held_from.value, **values)
    return Ready(action, case, hr(), {"objection": objection_to(case), "reason": "经核查，排名属实"})


def lapse(**values: Any) -> Ready:
    return Ready(Action.LAPSE, make_application(State.RETURNED, **({"deadline": OVER} | values)), SYSTEM)


def reinstate(**values: Any) -> Ready:
    case = make_application(State.LAPSED, **({"lapsed_from": "returned", "deadline": OVER} | values))
    return Ready(Action.REINSTATE, case, hr(), {"reason": "住院治疗", "deadline": date(2026, 9, 25)})


def accept(**values: Any) -> Ready:
    return Ready(Action.ACCEPT, make_application(State.OFFICE_REVIEW, **values), office())


def table(opinions: int = 3, **values: Any) -> Ready:
    case = make_application(State.PANEL, **values)
    committee = make_committee()
    make_opinions(case, [member.user for member in committee.members[2 : 2 + opinions]])
    meeting = make_meeting(committee, round=case.round)
    return Ready(Action.TABLE, case, office(), {"meeting": meeting})


def close(passed: bool = True, **values: Any) -> Ready:
    """A case of a meeting that its chair has closed: eight yes and one no, or the other way round."""
    meeting = make_meeting()
    case = make_application(State.BALLOT, meeting=meeting.id, **values)
    yes, no = (8, 1) if passed else (1, 8)
    figures = {"members": 9, "present": 9, "yes": yes, "no": no, "abstain": 0, "is_passed": passed}
    meeting.state = MeetingState.CLOSED.value
    meeting.tally = {str(case.id): figures}
    meeting.tally_sha256 = "ab" * 32
    meeting.save()
    outcome = make_outcome(meeting.id, yes=yes, no=no, passed=passed)
    return Ready(Action.CLOSE, case, actor_of(meeting.committee.members[0].user), {"outcome": outcome})


def publicise_result(**values: Any) -> Ready:
    given = {"outcome": make_outcome(ObjectId())}
    case = make_application(State.PASSED, **(given | values))
    return Ready(Action.PUBLICISE_RESULT, case, office(), {"publicity": posted(PublicityKind.RESULT, case)})


def confirm(**values: Any) -> Ready:
    case = make_application(State.RESULT_PUBLICITY, **({"publicity_ends": OVER} | values))
    return Ready(Action.CONFIRM, case, office(), dict(APPROVAL))


def issue(**values: Any) -> Ready:
    approval = APPROVAL | {"approved_on": "2026-09-14"}
    given = {"outcome": make_outcome(ObjectId()), "approval": approval}
    return Ready(Action.ISSUE, make_application(State.CONFIRMED, **(given | values)), office())


def withdraw(state: State = State.DRAFT, **values: Any) -> Ready:
    case = make_application(state, **values)
    return Ready(Action.WITHDRAW, case, applicant_of(case), {"sure": True})


#: One way for every step that is built.
READY: dict[Action, Callable[[], Ready]] = {
    Action.SUBMIT: submit,
    Action.RECALL: recall,
    Action.ENDORSE: endorse,
    Action.RETURN: send_back,
    Action.RESUBMIT: resubmit,
    Action.REJECT: reject,
    Action.PUBLICISE: publicise,
    Action.RECOMMEND: recommend,
    Action.OBJECT: hold,
    Action.DISMISS: lambda: settle(Action.DISMISS),
    Action.UPHOLD: lambda: settle(Action.UPHOLD),
    Action.LAPSE: lapse,
    Action.REINSTATE: reinstate,
    Action.ACCEPT: accept,
    Action.TABLE: table,
    Action.CLOSE: close,
    Action.PUBLICISE_RESULT: publicise_result,
    Action.CONFIRM: confirm,
    Action.ISSUE: issue,
    Action.WITHDRAW: withdraw,
}
