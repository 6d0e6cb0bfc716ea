"""Addresses of files and documents that the panel's pages link to."""

from __future__ import annotations

from typing import Any

from flask import url_for


def file_url(application: Any, uid: str) -> str:
    """An attachment, also one that an earlier submission held."""
    return url_for("files.download", application_id=application.id, uid=uid, inline=1)


def thumb_url(application: Any, uid: str) -> str:
    """The small picture of an attachment."""
    return url_for("files.thumbnail", application_id=application.id, uid=uid)


def photo_url(application: Any) -> str:
    """The portrait."""
    return url_for("files.photo", application_id=application.id)


def form_url(application: Any) -> str:
    """The evaluation form as PDF."""
    return url_for("documents.evaluation_form", application_id=application.id)


def certificate_url(certificate: Any) -> str:
    """The certificate as PDF."""
    return url_for("documents.certificate", certificate_id=certificate.id)


def kilobytes(size: int) -> str:
    """A file's size as people read it."""
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} KB"
