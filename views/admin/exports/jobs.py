"""The files that the person had made in the background: how far they are, the download, and the layouts."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.choices import ExportState
from models.export_job import ExportJob
from models.outbox import unpacked
from models.review_round import ReviewRound
from panel import clock
from panel.domain.access import policy
from panel.domain.access.policy import may
from panel.domain.access.who_may import STAFF, Permission
from panel.domain.errors import NotFound
from panel.domain.records import audit
from panel.domain.reports import exporting
from panel.services import export_jobs
from views.admin import list_words
from views.admin.cases.addresses import kilobytes
from views.admin.exports.export import by_reason
from views.admin.exports.layouts import LayoutPages
from views.kit.access import current_actor
from views.kit.base import SecurePage
from views.kit.downloads import content_disposition

_PIECE = 256 * 1024
SHOWN = 50


class ExportPage(LayoutPages, SecurePage):
    """Files made in the background, each seen by whoever ordered it alone, and the layouts of tables."""

    roles = STAFF
    icon = "download"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The person's files of the last days, and the tables whose columns can be changed."""
        page: str = self.render(
            "admin/exports/exports.html",
            jobs=list(self._jobs().order_by("-at", "-id").limit(SHOWN).exclude("applications", "left_out")),
            states={state.value: state for state in ExportState},
            kilobytes=kilobytes,
            rounds=[round for round in list_words.rounds().values() if round.spec.exports],
            may_manage=_may_manage,
        )
        return page

    @expose("/<id>")
    def show(self, id: str) -> ResponseReturnValue:
        """How far one file is; the part that changes alone when the page's script asks."""
        job = self._one(id)
        template = (
            "admin/exports/_export_status.html"
            if request.headers.get("HX-Request")
            else "admin/exports/export_job.html"
        )
        page: str = self.render(
            template,
            job=job,
            state=ExportState(job.state),
            problem=unpacked(job.problem) if job.problem else None,
            left_out=by_reason(export_jobs.left_out_of(job)),
            kilobytes=kilobytes,
            waiting=ExportJob.objects(state=ExportState.WAITING.value, at__lt=job.at).count(),
        )
        return page

    @expose("/<id>/file")
    def file(self, id: str) -> ResponseReturnValue:
        """The file, in pieces; each download is recorded."""
        job = self._one(id)
        if job.state != ExportState.READY.value:
            raise NotFound
        actor = current_actor()
        exporting.refuse_lost(job.applications, job.rights, actor)
        stored = export_jobs.open_file(job)
        audit(actor, "download_export", job, clock.now(), unit=exporting.unit_of(actor), name=job.title)
        answer = Response(iter(lambda: stored.read(_PIECE), b""), mimetype=job.mime)
        answer.content_length = job.size
        answer.headers["Content-Disposition"] = content_disposition(job.name)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    @expose("/<id>/delete", methods=("POST",))
    def delete(self, id: str) -> ResponseReturnValue:
        """Stop it, or take the finished file away."""
        job = self._one(id)
        export_jobs.cancel(job)
        flash(_("已删除：%(name)s", name=job.title), "success")
        return redirect(url_for(".index"))

    @staticmethod
    def _jobs() -> Any:
        return policy.visible(current_actor(), ExportJob, *STAFF)

    @staticmethod
    def _one(id: str) -> ExportJob:
        job: ExportJob = policy.one(current_actor(), ExportJob, id, *STAFF)
        return job


def _may_manage(round: ReviewRound) -> bool:
    return may(current_actor(), Permission.MANAGE_ROUNDS, round)


def register(app: Any, admins: dict[str, Any]) -> None:
    """Add the page to the panel."""
    admins["admin"].add_view(ExportPage(name=_l("导出"), endpoint="hr_exports", url="exports"))
