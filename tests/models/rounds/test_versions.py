"""A round's older versions, by which submitted applications are judged."""

from __future__ import annotations

import pytest
from mongoengine.context_managers import query_counter

from models.application import Application
from models.choices import State
from models.field_spec import Text
from panel.domain.checks import requirements
from panel.domain.rounds import round_files
from tests.contents import make_complete
from tests.factories import NOW, shipped_spec

pytestmark = pytest.mark.usefixtures("database")


def test_older_version_is_fetched_once_per_application() -> None:
    teacher = shipped_spec()
    round_files.import_round(teacher, NOW)
    submitted = make_complete(State.SUBMITTED)
    round_files.import_round(teacher.model_copy(update={"title": Text(zh="改名的批次")}), NOW)
    submitted = Application.objects.get(id=submitted.id)
    with query_counter() as count:
        requirements.unmet(submitted, NOW)
        first = int(count)
        requirements.unmet(submitted, NOW)
        assert int(count) == first
