"""Files made in the background: claimed once, begun anew after a crash, never half a file, gone in a week."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from gridfs import GridFSBucket

from models.application import Application
from models.audit import AuditEvent
from models.choices import ExportState, Role, State
from models.database import get_database
from models.export_job import ExportJob
from models.messages import M
from models.user import User
from panel.domain.actors import actor_of
from panel.domain.errors import NotFound, Refused
from panel.domain.reports.exporting import LeftOut
from panel.services import case_files, export_jobs
from panel.services.case_files import CaseFileKind, Order
from tests import contents
from tests.factories import NOW, make_user

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def user() -> User:
    return make_user(Role.UNIT_HR, name="林人事")


@pytest.fixture
def case() -> Application:
    return contents.make_complete(State.SUBMITTED, person=contents.make_lecturer(name="王芳"))


def ordered(
    user: User, *cases: Application, kind: CaseFileKind = CaseFileKind.DOSSIERS, **values
) -> ExportJob:
    ids = [application.id for application in cases]
    return export_jobs.order(Order(kind, ids, **values), "申报材料", actor_of(user), NOW)


def now():
    return NOW


def later(**delta):
    return lambda: NOW + timedelta(**delta)


def stored_files() -> int:
    return len(list(GridFSBucket(get_database(), "exports").find({})))


def test_a_job_waits_is_made_and_kept_for_a_week(user, case):
    job = ordered(user, case, left_out=[LeftOut("李娜", M("您已回避"))])
    assert (job.state, job.total, job.expires_at) == (ExportState.WAITING, 1, NOW + timedelta(days=7))
    assert export_jobs.run_next(later(minutes=1)) == 1
    job.reload()
    assert (job.state, job.done, job.name, job.mime) == ("ready", 1, "申报材料.zip", "application/zip")
    assert job.expires_at == NOW + timedelta(days=7, minutes=1)
    data = export_jobs.open_file(job).read()
    assert len(data) == job.size
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert [name for name in names if name.endswith("评审表.pdf")]
    assert export_jobs.left_out_of(job) == [LeftOut("李娜", M("您已回避"))]
    assert export_jobs.run_next(later(days=8)) == 0
    assert (ExportJob.objects.count(), stored_files()) == (0, 0)


def test_nothing_waiting_is_no_work():
    assert export_jobs.run_next(now) == 0


def test_jobs_are_made_in_the_order_in_which_they_were_asked_for(user, case):
    first, second = ordered(user, case, kind=CaseFileKind.FORMS), ordered(user, case)
    export_jobs.run_next(now)
    assert [ExportJob.objects.get(id=job.id).state for job in (first, second)] == ["ready", "waiting"]


def test_a_job_whose_worker_died_is_begun_anew(user, case):
    job = ordered(user, case)
    ExportJob.objects(id=job.id).update_one(set__state="running", set__beat_at=NOW, set__tries=1)
    assert export_jobs.run_next(later(seconds=60)) == 0
    assert export_jobs.run_next(later(seconds=121)) == 1
    job.reload()
    assert (job.state, job.tries) == ("ready", 2)


def test_a_job_that_kills_its_worker_again_and_again_is_given_up(user, case):
    job = ordered(user, case)
    ExportJob.objects(id=job.id).update_one(set__state="running", set__beat_at=NOW, set__tries=3)
    assert export_jobs.run_next(later(minutes=5)) == 0
    job.reload()
    assert (job.state, job.problem) == ("failed", {})


def test_a_refusal_is_told_in_words(user, case):
    Application.objects(id=case.id).update_one(set__photo__sha256="00" * 32)
    job = ordered(user, case, kind=CaseFileKind.FORMS)
    assert export_jobs.run_next(now) == 1
    job.reload()
    assert job.state == "failed"
    assert job.problem["message"] == "%(name)s的照片文件缺失，无法生成评审表，请先去掉此人。"
    assert stored_files() == 0


def test_an_unexpected_failure_is_tried_again_then_given_up(user, case, monkeypatch):
    job = ordered(user, case)

    def broken(*given):
        raise RuntimeError("disk full")

    monkeypatch.setattr(case_files, "make", broken)
    for minutes in (0, 3, 6):
        with pytest.raises(RuntimeError):
            export_jobs.run_next(later(minutes=minutes))
    job.reload()
    assert (job.state, job.tries) == ("failed", 3)
    assert export_jobs.run_next(later(minutes=9)) == 0


def test_a_job_taken_away_while_it_runs_leaves_nothing(user, case, monkeypatch):
    job = ordered(user, case)
    made = case_files.make

    def make(order, actor, at, beat):
        export_jobs.cancel(job)
        return made(order, actor, at, beat)

    monkeypatch.setattr(case_files, "make", make)
    export_jobs.run_next(now)
    assert (ExportJob.objects.count(), stored_files()) == (0, 0)
    assert not AuditEvent.objects(action="export_case")


def test_what_the_person_may_no_longer_read_is_left_out(user, case):
    other = contents.make_complete(State.SUBMITTED, person=contents.make_lecturer(name="赵敏"))
    job = ordered(user, case, other)
    Application.objects(id=other.id).update_one(set__state=State.DRAFT.value)
    export_jobs.run_next(now)
    job.reload()
    assert (job.state, job.total) == ("ready", 1)
    assert export_jobs.left_out_of(job) == [LeftOut("赵敏", M("还没有提交，提交后才能看到内容"))]


def test_the_job_of_a_disabled_account_is_dropped(user, case):
    ordered(user, case)
    User.objects(id=user.id).update_one(set__is_enabled=False)
    export_jobs.run_next(now)
    assert (ExportJob.objects.count(), stored_files()) == (0, 0)


def test_the_file_of_a_job_without_one_is_not_found(user, case):
    with pytest.raises(NotFound):
        export_jobs.open_file(ordered(user, case))


def test_nobody_or_too_many_are_refused(user):
    with pytest.raises(Refused, match="所选人员里没有"):
        ordered(user)
    ids = [contents.make_lecturer().id] * 501
    with pytest.raises(Refused, match="一次最多导出 500 人，现在有 501 人"):
        export_jobs.order(Order(CaseFileKind.DOSSIERS, ids), "申报材料", actor_of(user), NOW)
