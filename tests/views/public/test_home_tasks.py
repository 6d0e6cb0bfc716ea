"""What the home page asks of a person says the same as the page that it leads to."""

import pytest

from models.application import Application
from models.choices import Role, State
from models.meeting import Opinion
from panel.domain.actors import actor_of
from panel.domain.review import opinions
from tests.factories import NOW, make_application, make_committee
from views.public.home import tasks

pytestmark = pytest.mark.usefixtures("database")


def test_a_case_waits_for_its_expert_until_the_opinion_is_given_not_only_drafted() -> None:
    """The home page took a draft for an opinion; the committee's page did not."""
    committee = make_committee()
    user = committee.members[2].user
    case = make_application(State.PANEL, experts=[user.id])
    actor = actor_of(user)

    def asked() -> str:
        return next(str(task.text) for task in tasks(actor) if task.role == Role.EXPERT)

    opinions.write_opinion(case, "还在写", None, False, 0, actor, NOW)
    assert asked() == "有 1 份申报等待您写评议意见。"
    opinions.write_opinion(case, "成果突出。", True, True, 1, actor, NOW)
    assert asked() == "目前没有等待您评议的申报。"
    assert Opinion.objects.count() == Application.objects.count() == 1
