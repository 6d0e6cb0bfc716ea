"""Files that go out of an import: the uploaded one, the annotated one, and our own templates."""

from __future__ import annotations

import io

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from models.imports import ImportBatch, ImportKind
from panel import clock
from panel.domain.errors import NotFound
from panel.domain.importing import batches
from panel.services import storage
from panel.services.workbooks import import_templates, opening, workbook_notes
from views.admin import list_words
from views.admin.people.people import own_rosters
from views.kit import downloads
from views.kit.access import current_actor
from views.kit.i18n import tr
from views.kit.pages import Pages
from views.kit.scoped import ScopedView


class ImportFilePages(Pages[ScopedView]):
    """Downloads of the imports' view."""

    @expose("/<id>/file")
    def file_view(self, id: str) -> ResponseReturnValue:
        """The file as it was uploaded."""
        batch = self.view.get_one(id)
        if not storage.exists(batch.sha256):
            raise NotFound
        data = io.BytesIO(storage.read(batch.sha256))
        return downloads.attachment(data, batch.file_name, "application/octet-stream")

    @expose("/<id>/annotated")
    def annotated_view(self, id: str) -> ResponseReturnValue:
        """The bad rows as a workbook, with each wrong cell marked and what to do beside it."""
        batch = self.view.get_one(id)
        if not batch.counts.get("bad") or not storage.exists(batch.sha256):
            raise NotFound
        data = workbook_notes.annotated(batch, storage.read(batch.sha256), current_actor(), tr)
        return _sheet(data, workbook_notes.name_of(batch))

    @expose("/template/<kind>")
    def template_view(self, kind: str) -> ResponseReturnValue:
        """Our own workbook for a kind of import, with drop-downs and examples."""
        units = own_rosters()
        known = next((known for known in batches.KINDS if known.value == kind), None)
        round = list_words.rounds().get(request.args.get("round", ""))
        if known is None or not units or (known is not ImportKind.ROSTER and round is None):
            raise NotFound
        unit = next((unit for unit in units if str(unit.id) == request.args.get("unit")), units[0])
        batch = ImportBatch(kind=known.value, unit=unit, round=round)
        columns = batches.target_of(batch, current_actor()).columns
        return _sheet(import_templates.make(known, columns), f"{tr(known)}-{clock.today():%Y}.xlsx")


def _sheet(data: bytes, name: str) -> ResponseReturnValue:
    return downloads.attachment(io.BytesIO(data), downloads.file_name(name), opening.XLSX)
