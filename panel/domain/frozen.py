"""The content of an application in a canonical form: what is frozen, hashed and compared."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

from models import Application
from models.values import PartialDate

#: Everything the applicant answers for; judgements and the case itself are not content.
CONTENT = (
    "kind",
    "exceptional",
    "committee",
    "level",
    "speciality",
    "edition",
    "sections",
    "education",
    "training",
    "work_history",
    "achievements",
    "assessments",
    "attachments",
    "photo",
)
_NOT_CONTENT = {"judgement", "version", "changed_at"}


def content_of(application: Application) -> dict[str, Any]:
    """The content as plain data, personal fields still sealed."""
    stored = application.to_mongo()
    return {key: _strip(stored[key]) for key in CONTENT if key in stored}


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON of `content_of`, in hexadecimal."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _strip(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strip(item) for key, item in value.items() if key not in _NOT_CONTENT}
    if isinstance(value, list):
        return [_strip(item) for item in value]
    return value


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, PartialDate):
        return value.iso()
    return str(value)
