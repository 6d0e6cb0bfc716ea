"""What a round asks of one person and why, for HR: who has to give what, in words."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from models.application import Application
from models.choices import Kind
from models.messages import Message, PingshenError
from models.person import Person
from models.review_round import ReviewRound
from models.round_spec import RoundSpec
from models.values import ref_id
from panel import clock
from panel.domain.access import policy
from panel.domain.access.policy import may
from panel.domain.access.who_may import CASE_READERS, Permission
from panel.domain.actors import Actor
from panel.domain.content.frozen import as_submitted
from panel.domain.errors import NotFound
from panel.domain.round_edit import drafts, publishing, tree
from panel.domain.round_edit.impact.explain import Asked, Explanation, explain
from panel.domain.round_edit.impact.stand_ins import stand_in, with_rules
from panel.domain.rounds import offers
from views.admin import list_words
from views.kit import secure_list
from views.kit.access import current_actor
from views.kit.pages import Pages
from views.kit.scoped import ScopedView

MOST_FOUND = 20


def may_explain(actor: Actor) -> bool:
    """Whether the page is for this person."""
    return actor.holds(*CASE_READERS)


class ExplainPages(Pages[ScopedView]):
    """The page, one per round."""

    @expose("/<id>/explain")
    def explain_view(self, id: str) -> ResponseReturnValue:
        """What is asked of `person`: of their case, or of what they could apply for by `kind` and `level`."""
        actor = current_actor()
        round = self.view.get_one(id)
        if not may_explain(actor):
            raise NotFound
        is_draft = request.args.get("draft") == "1" and may(actor, Permission.MANAGE_ROUNDS, round)
        round = _as_drafted(round) if is_draft else round
        asked = request.args.get("person")
        person = policy.one(actor, Person, asked, *CASE_READERS) if asked else None
        typed = request.args.get("search", "").strip()[:60]
        html: str = self.view.render(
            "admin/rounds/explain.html",
            round=round,
            spec=round.spec,
            person=person,
            typed=typed,
            is_draft=is_draft,
            found=_found(actor, typed) if typed else [],
            names=dict(list_words.department_options()),
            states=Asked,
            **(_explained(round, person, actor) if person else {}),
        )
        return html


def _as_drafted(round: ReviewRound) -> ReviewRound:
    """The round as its draft would make it, never stored; as it is while the draft contradicts itself."""
    draft = drafts.draft_of(round)
    if publishing.all_problems(round, draft.data):
        return round
    return with_rules(round, RoundSpec.model_validate(tree.without_ids(draft.data)))


def _found(actor: Actor, typed: str) -> list[Person]:
    people = policy.visible(actor, Person, *CASE_READERS)
    return list(secure_list.search_by_keys(people, typed, "search").limit(MOST_FOUND))


def _explained(round: ReviewRound, person: Person, actor: Actor) -> dict[str, Any]:
    """The explanation, or why there is none; with what it is of."""
    case = _case(round, person, actor) if round.version >= 0 else None  # a draft's rules bind no case yet
    choice = _choice(round, person, case)
    refusal: Message | None = None
    explanation: Explanation | None = None
    is_own_choice = case is not None and not any(key in request.args for key in ("kind", "level"))
    reads = case is not None and is_own_choice and may(actor, Permission.READ_CONTENT, case)
    try:
        application = (
            as_submitted(case)
            if case is not None and reads
            else stand_in(round, person, choice["kind"], choice["level"], choice["exceptional"], clock.now())
        )
        explanation = explain(application, clock.now())
    except PingshenError as error:
        refusal = error.message
    return {
        "explanation": explanation,
        "refusal": refusal,
        "case": case,
        "reads": reads,
        "is_own_choice": is_own_choice,
        "choice": choice,
        "kinds": round.spec.kinds,
        "fits": bool(offers.kinds_for(round.spec, person)),
    }


def _case(round: ReviewRound, person: Person, actor: Actor) -> Application | None:
    """The person's case in the round, as far as it may be seen; never one's own."""
    if actor.person_id == person.id:
        return None
    seen = policy.visible(actor, Application, *CASE_READERS)
    found: Application | None = seen.filter(round=round.id, person=person.id, is_live=True).first()
    return found if found is not None and ref_id(found, "round") == round.id else None


def _choice(round: ReviewRound, person: Person, case: Application | None) -> dict[str, Any]:
    """What is applied for: as asked, else of the case, else the first that the person's title allows."""
    spec, sent = round.spec, request.args
    fitting = offers.kinds_for(spec, person) or spec.kinds
    kinds = {kind.value for kind in spec.kinds}
    kind = sent.get("kind") if sent.get("kind") in kinds else None
    kind = kind or (case.kind if case else fitting[0].value)
    is_exceptional = bool(sent.get("exceptional")) if "kind" in sent else bool(case and case.exceptional)
    offered = offers.levels_for(spec, person, Kind(kind), is_exceptional) or spec.levels
    keys = {level.key for level in spec.levels}
    level = sent.get("level") if sent.get("level") in keys else None
    level = level or (case.level if case and case.level in keys else offered[0].key)
    return {"kind": kind, "level": level, "exceptional": is_exceptional}
