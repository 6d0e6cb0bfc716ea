"""Official documents: the evaluation form, the certificate, and the public verification of one (G32)."""

from __future__ import annotations

import io
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from models.application import Application
from models.certificate import Certificate
from models.choices import Role
from panel.domain.access import policy
from panel.domain.access.who_may import Permission
from panel.domain.calendar import local_date
from panel.domain.content.frozen import as_submitted
from panel.domain.errors import NotFound
from panel.domain.steps import certificates
from panel.services.prints import documents, pdf
from views.kit.access import current_settings, require

pages = Blueprint("documents", __name__)

#: Who gets the form with the opinions and the vote's figures; experts and applicants get it without.
_READS_OPINIONS = frozenset({Role.UNIT_HR, Role.OFFICE, Role.SUPERVISOR})
#: Longer input is no code.
_LONGEST_INPUT = 500


def register(app: Flask, admins: dict[str, Any]) -> None:
    """Register the addresses of documents with `app`."""
    app.register_blueprint(pages)


@pages.get("/verify/")
def verify() -> ResponseReturnValue:
    """The search by code; what was pasted may be the whole address from the QR code."""
    typed = request.args.get("code", "")[:_LONGEST_INPUT]
    code = certificates.read_code(typed)
    if code:
        return redirect(url_for("documents.verify_code", code=code))
    return _verification_page(is_asked=False, is_empty="code" in request.args)


@pages.get("/verify/<code>")
def verify_code(code: str) -> ResponseReturnValue:
    """Whether the certificate with `code` exists and is valid. Public; the name is masked (R23)."""
    certificate = certificates.by_code(code)
    page = _verification_page(
        is_asked=True,
        code=code[:_LONGEST_INPUT],
        certificate=certificate,
        revoked_on=local_date(certificate.revoked_at) if certificate and certificate.revoked_at else None,
        masked_name=certificates.masked_name(certificate.name) if certificate else "",
    )
    page.status_code = 200 if certificate else 404
    return page


def _verification_page(**context: Any) -> Response:
    """Never kept by a browser or found by a search engine: tomorrow it may say something else."""
    context = {"code": "", "certificate": None, "revoked_on": None, "is_empty": False} | context
    page = make_response(render_template("public/verify.html", **context))
    page.headers["Cache-Control"] = "no-store"
    page.headers["X-Robots-Tag"] = "noindex, nofollow"
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


@pages.get("/certificates/<certificate_id>.pdf")
def certificate(certificate_id: str) -> ResponseReturnValue:
    """The certificate's PDF, for its holder and for staff who see the case."""
    found: Certificate = policy.one(require(), Certificate, certificate_id)
    data = documents.certificate_pdf(found, current_settings().base_url or request.url_root)
    return _pdf(data, f"证书-{found.name}-{found.number}.pdf")


@pages.get("/files/form/<application_id>.pdf")
def evaluation_form(application_id: str) -> ResponseReturnValue:
    """The evaluation form as PDF, for whoever may read the application's content."""
    actor = require()
    application: Application = policy.one(actor, Application, application_id)
    role = policy.allowed_role(actor, Permission.READ_CONTENT, application)
    if role is None:
        raise NotFound
    if role != Role.APPLICANT:
        application = as_submitted(application)
    data = pdf.evaluation_form(application, opinions=role in _READS_OPINIONS)
    return _pdf(data, f"评审表-{application.name}-{application.number or '预览'}.pdf")


def _pdf(data: bytes, name: str) -> Response:
    """Shown in the browser, or saved when the address says ?download=1."""
    answer = send_file(
        io.BytesIO(data),
        mimetype=documents.PDF,
        as_attachment=request.args.get("download") == "1",
        download_name=name,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
