"""What an uploaded file may be, and the refusal that says what is wrong and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from models.messages import PingshenError
from panel.config import Settings

MEBIBYTE = 1024 * 1024


class FileRefused(PingshenError):
    """An uploaded file can't be taken; `message` says why and what the person can do."""


@dataclass(frozen=True)
class Limits:
    """The bounds of an upload: bytes of the file, pages of a PDF, pixels of one picture."""

    max_bytes: int = 20 * MEBIBYTE
    max_pages: int = 200
    max_pixels: int = 50_000_000

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that this installation sets."""
        return cls(settings.file_bytes, settings.file_pages, settings.image_pixels)
