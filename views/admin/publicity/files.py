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
from panel.domain.access.who_may import CASE_READERS
from panel.domain.errors import NotFound
from panel.domain.records import audit
from panel.services.prints import notice_documents
from panel.services.workbooks import spreadsheets
from views.kit import list_export
from views.kit.access import current_actor
from views.kit.columns import FileCell, ListColumn, words
from views.kit.downloads import attachment, file_name


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
        columns = _register(_cases([row["application"] for row in rows.only("application").as_pymongo()]))
        return list_export.send(_l("异议"), columns, list_export.stored(rows, columns), Objection)


def _cases(ids: list[Any]) -> dict[Any, tuple[str, str]]:
    """Name and number of the cases objected to."""
    found = policy.visible(current_actor(), Application, *CASE_READERS).filter(id__in=ids)
    return {id: (name, number or "") for id, name, number in found.scalar("id", "name", "number")}


def _register(cases: dict[Any, tuple[str, str]]) -> list[ListColumn]:
    def of_case(place: int) -> FileCell:
        width = (12, 18)[place]
        return FileCell(
            make=lambda: lambda row: cases.get(row.get("application"), ("", ""))[place], width=width
        )

    def plain(key: str, label: Any, width: float, wraps: bool = False) -> ListColumn:
        return ListColumn(key, label, file=(FileCell(width=width, wraps=wraps),))

    return [
        ListColumn("name", _l("被反映人"), fields=("application",), file=(of_case(0),)),
        ListColumn("number", _l("申报编号"), fields=("application",), file=(of_case(1),)),
        ListColumn("state", _l("状态"), file=(FileCell(make=words("state", ObjectionState), width=16),)),
        plain("from_name", _l("反映人姓名"), 12),
        plain("registered_at", _l("登记时间"), 18),
        plain("text", _l("异议内容"), 50, wraps=True),
        plain("findings", _l("核查结论"), 50, wraps=True),
        plain("findings_at", _l("核查时间"), 18),
        plain("decision", _l("处理理由"), 50, wraps=True),
        plain("decided_at", _l("处理时间"), 18),
    ]
