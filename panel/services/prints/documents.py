"""Prints that are kept: a certificate's PDF is made once, after its issue, and found by its hash.

Making it is an effect that can be repeated: whoever asks first makes it, and bytes that went missing are
made again from the certificate's own record.
"""

from __future__ import annotations

from models.certificate import Certificate
from panel.services import storage
from panel.services.prints import pdf

PDF = "application/pdf"


def certificate_pdf(certificate: Certificate, base_url: str) -> bytes:
    """The certificate's PDF: the one kept, else made now and kept.

    `base_url` is the address people use; it goes into the QR code. Raises storage.BlobMissing when the
    photo's bytes are gone.
    """
    kept = certificate.pdf_sha256
    if kept and storage.exists(kept):
        return storage.read(kept)
    data = pdf.certificate_page(certificate, base_url)
    sha256 = storage.put(data, PDF)
    Certificate.objects(id=certificate.id).update_one(set__pdf_sha256=sha256)
    certificate.pdf_sha256 = sha256
    return data
