"""The two official prints: the evaluation form and the certificate page, as PDF.

Both are PDF/A-2u with tags, a title and a language; fonts are embedded as subsets. The same content gives
the same bytes: dates come from the content and the file's identity from what is printed, so that a hash
taken at the preview still fits the archive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.application import Application
from models.certificate import Certificate
from models.choices import Gender
from models.values import PartialDate, mask
from panel.domain.material.sheets import MaterialSheet
from panel.services.prints import print_form, print_layout, qr
from panel.services.prints.pdf_fetcher import write_pdf
from panel.services.prints.print_text import chinese_day, printable

#: A column's share of a table's width, as a class: what the round gives can't be written into a file.
_WIDTHS = "".join(f".w{percent} {{ width: {percent}% }}\n" for percent in range(1, 101))
TEMPLATES = Path(__file__).resolve().parents[3] / "templates" / "print"


def evaluation_form(application: Application, *, opinions: bool = False) -> bytes:
    """The official evaluation form (专业技术职务任职资格评审表) of `application` as A4 PDF.

    Marked as a preview on every page while its content isn't what was submitted. `opinions` fills in what
    unit and committee said and the vote's figures: for staff and the archive, never for a running case's
    applicant. Raises storage.BlobMissing when the photo's bytes are gone.
    """
    return _print("form", form=print_form.gather(application, opinions), layout=print_layout)


def certificate_page(certificate: Certificate, base_url: str) -> bytes:
    """The certificate (G32) as one A4 landscape page with photo and a QR code to `base_url`/verify/<code>.

    It names its issuer and claims no more. Raises storage.BlobMissing when the photo's bytes are gone.
    """
    address = verification_address(certificate, base_url)
    id_number = certificate.id_number or ""
    is_masked = certificate.application.spec.certificate_masks_id
    return _print(
        "certificate",
        certificate=certificate,
        issued_at=certificate.issued_at.replace(microsecond=0).isoformat(),
        gender=Gender(certificate.gender).label if certificate.gender else "",
        birth=_month(certificate.birth_date),
        photo=print_form.picture(certificate.photo_sha256),
        id_number=mask(id_number) if is_masked else id_number,
        address=address,
        code_picture=qr.svg_data_uri(address),
    )


def material_sheets(sheets: Sequence[MaterialSheet]) -> bytes:
    """The agreed material tables (材料表) of one or more people for the stamp, each beginning a page (G28).

    One that the person hasn't agreed to wholly says so on every page.
    """
    return _print("material", sheets=sheets)


def verification_address(certificate: Certificate, base_url: str) -> str:
    """What the QR code holds."""
    return f"{base_url.rstrip('/')}/verify/{certificate.code}"


def _month(day: date | None) -> str:
    return PartialDate(day.year, day.month).chinese() if day else ""


def _print(name: str, **context: Any) -> bytes:
    html = _environment().get_template(f"{name}.html").render(**context)
    stylesheet = (TEMPLATES / f"{name}.css").read_text(encoding="utf-8")
    return write_pdf(
        html,
        stylesheets=(stylesheet, _WIDTHS),
        pdf_variant="pdf/a-2u",
        pdf_tags=True,
        output_intent="srgb",
        pdf_identifier=hashlib.sha256(html.encode()).hexdigest()[:32].encode(),
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Autoescape on: what people typed is text, never markup."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = chinese_day
    return environment
