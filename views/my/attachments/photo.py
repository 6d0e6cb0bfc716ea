"""The portrait: cut in the browser, checked and made anew on the server (G11)."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.form_spec import PHOTO_FIELD
from models.messages import M
from models.sections import Photo
from panel.addresses import wants_json
from panel.domain.content import files, writing
from panel.services import storage
from panel.services.files import photo as photos
from panel.services.files.limits import FileRefused
from views.kit.access import current_settings
from views.kit.i18n import tr
from views.my.case import PHOTO_PAGE, Case, load
from views.my.pages import Frame, PageGroup

JPEG_MIME = "image/jpeg"


class PhotoPages(PageGroup):
    """`/my/application/<id>/photo`."""

    @expose("/<application_id>/photo", methods=("GET", "POST"))
    def photo(self, application_id: str) -> ResponseReturnValue:
        """The photo now, and a new one."""
        case = load(application_id)
        if request.method == "GET":
            return photo_page(self, case)
        try:
            warnings = _take(case)
        except FileRefused as error:
            if wants_json():
                raise
            return photo_page(self, case, tr(error.message)), error.status
        flash(_("照片已保存。"), "success")
        for warning in warnings:
            flash(tr(warning), "warning")
        url = case.page_url(PHOTO_PAGE)
        return jsonify(url=url, message=_("照片已保存。")) if wants_json() else redirect(url)


def _take(case: Case) -> tuple[Any, ...]:
    """Store the photo sent and return what a person should look at again; raises FileRefused, NotEditable."""
    file = request.files.get("photo")
    if file is None or not file.filename:
        raise FileRefused(M("没有选择照片。请先选择照片文件。"))
    settings = current_settings()
    made = photos.process(
        file.stream.read(settings.photo_bytes + 1),
        photos.PhotoRule.of(case.spec.photo),
        max_upload=settings.photo_bytes,
        max_pixels=settings.image_pixels,
    )
    record = Photo(
        sha256=storage.put(made.data, JPEG_MIME), width=made.width, height=made.height, size=len(made.data)
    )
    files.set_photo(case.application, record, case.photo_section, case.actor, case.now)
    return made.warnings


def photo_page(frame: Frame, case: Case, refusal: str = "") -> str:
    """The photo now, what is asked of it, and the way to a new one."""
    application = case.application
    return frame.render(
        "my/attachments/photo.html",
        case=case,
        page=PHOTO_PAGE,
        rule=case.spec.photo,
        can_edit=writing.is_editable(
            application, case.photo_section, case.actor, case.now, field=PHOTO_FIELD
        ),
        refusal=refusal,
        lines=case.lines(f for f in case.findings if f.field == PHOTO_FIELD),
        items=[item for item in case.items if item.field == PHOTO_FIELD],
        **case.neighbours(PHOTO_PAGE),
    )
