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
    """Bounds of an upload, set in `panel.config`: bytes of a file, pages of a PDF, pixels of a picture."""

    max_bytes: int = Settings.model_fields["file_bytes"].default
    max_pages: int = Settings.model_fields["file_pages"].default
    max_pixels: int = Settings.model_fields["image_pixels"].default

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that this installation sets."""
        return cls(settings.file_bytes, settings.file_pages, settings.image_pixels)
