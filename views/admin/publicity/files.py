"""Publicity lists as Word and Excel files, the register of objections as Excel."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import lazy_gettext as _l

from models.application import Application
from models.choices import ObjectionState
from models.publicity import Objection, Publicity
from panel import clock
from panel.domain.access import policy
from panel.domain.access.permissions import CASE_READERS
from panel.domain.errors import NotFound
from panel.domain.records import audit
from panel.services.prints import notice_documents
from panel.services.workbooks import spreadsheets
from views.kit import list_export
from views.kit.access import current_actor
from views.kit.downloads import attachment, file_name
from views.kit.list_export import ExportColumn, words


class PublicityExports:
    """Files of one list, for staff who see it."""

    @expose("/<uid>/list.docx")
    def document(self, uid: str) -> ResponseReturnValue:
        """The notice to print and hang up."""
        publicity = _posted(uid, "docx")
        name = f"{file_name(publicity.title)}.docx"
        return attachment(notice_documents.document(publicity), name, notice_documents.WORD_MIME)

    @expose("/<uid>/list.xlsx")
    def table(self, uid: str) -> ResponseReturnValue:
        """The list as a table."""
        publicity = _posted(uid, "xlsx")
        file = spreadsheets.write([notice_documents.sheet(publicity)])
        return attachment(file, f"{file_name(publicity.title)}.xlsx", spreadsheets.XLSX_MIME)


def _posted(uid: str, ending: str) -> Publicity:
    """The list, whose file is recorded."""
    found: Publicity | None = (
        policy.visible(current_actor(), Publicity, *CASE_READERS).filter(uid=uid).first()
    )
    if found is None:
        raise NotFound
    audit(current_actor(), "export_publicity", found, clock.now(), name=found.title, file=ending)
    return found


class ObjectionExports:
    """The register as the person sees it, without how to reach who objected: that is revealed one by one."""

    @expose("/export.xlsx")
    def export(self) -> ResponseReturnValue:
        """All objections, the newest first."""
        rows = policy.visible(current_actor(), Objection, *CASE_READERS).order_by("-registered_at", "-id")
        columns = _columns(_cases([row["application"] for row in rows.only("application").as_pymongo()]))
        return list_export.send(_l("异议"), columns, list_export.stored(rows, columns), Objection)


def _cases(ids: list[Any]) -> dict[Any, tuple[str, str]]:
    """Name and number of the cases objected to."""
    found = policy.visible(current_actor(), Application, *CASE_READERS).filter(id__in=ids)
    return {id: (name, number or "") for id, name, number in found.scalar("id", "name", "number")}


def _columns(cases: dict[Any, tuple[str, str]]) -> list[ExportColumn]:
    def of_case(place: int) -> Any:
        return lambda row: cases.get(row.get("application"), ("", ""))[place]

    def long(key: str, label: Any) -> ExportColumn:
        return ExportColumn(key, label, width=50, wraps=True)

    return [
        ExportColumn("name", _l("被反映人"), value=of_case(0), fields=("application",), width=12),
        ExportColumn("number", _l("申报编号"), value=of_case(1), fields=("application",), width=18),
        ExportColumn("state", _l("状态"), value=words("state", ObjectionState), width=16),
        ExportColumn("from_name", _l("反映人姓名"), width=12),
        ExportColumn("registered_at", _l("登记时间"), width=18),
        long("text", _l("异议内容")),
        long("findings", _l("核查结论")),
        ExportColumn("findings_at", _l("核查时间"), width=18),
        long("decision", _l("处理理由")),
        ExportColumn("decided_at", _l("处理时间"), width=18),
    ]
