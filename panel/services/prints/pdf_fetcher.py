"""Print HTML without reaching anything outside the project (trap 9).

WeasyPrint by default fetches every address and embeds local files that a text names. Here pictures and
fonts come from `data:` addresses or from the project's own assets, and nothing is ever attached.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from weasyprint import CSS, HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

ASSETS = Path(__file__).resolve().parents[2] / "static"
_DATA_TYPES = ("data:image/", "data:font/", "data:application/font", "data:text/css")


class ForbiddenAddress(ValueError):
    """A document asked for something that a print may not contain."""


class AssetFetcher(URLFetcher):
    """Fetch pictures, fonts and styles from `data:` addresses and from the folders of `assets` only.

    Everything else raises `ForbiddenAddress`, which WeasyPrint logs, leaving the place empty.
    """

    def __init__(self, assets: Sequence[Path] = (ASSETS,)) -> None:
        super().__init__(allowed_protocols={"data", "file"}, allow_redirects=False)
        self._assets = tuple(folder.resolve() for folder in assets)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Return what an allowed address holds; `ForbiddenAddress` or `OSError` otherwise."""
        if url[:5].lower() == "data:":
            if not url.lower().startswith(_DATA_TYPES):
                raise ForbiddenAddress(f"no picture, font or style: {url[:40]}")
            return super().fetch(url, headers)
        path = self._asset(url)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return URLFetcherResponse(path.as_uri(), path.read_bytes(), {"Content-Type": kind})

    def _asset(self, url: str) -> Path:
        """The file behind an address, after every `..` and link is followed."""
        parts = urlsplit(url)
        if parts.scheme.lower() != "file" or parts.netloc not in {"", "localhost"}:
            raise ForbiddenAddress(f"not an asset of the project: {url}")
        path = Path(unquote(parts.path)).resolve()
        if not any(path.is_relative_to(folder) for folder in self._assets):
            raise ForbiddenAddress(f"not an asset of the project: {url}")
        return path


class _NothingFetcher(URLFetcher):
    """Refuse everything: when the PDF is written, only attachments are still to be fetched."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        raise ForbiddenAddress(f"a print carries no attachments: {url[:80]}")


def write_pdf(
    html: str, *, stylesheets: Sequence[str] = (), assets: Sequence[Path] = (ASSETS,), **options: Any
) -> bytes:
    """Print `html` as PDF bytes; relative addresses are those of the first folder of `assets`.

    `stylesheets` are CSS texts. `options` go to WeasyPrint (`pdf_variant`, `metadata`, ...), except
    attachments: `ForbiddenAddress`.
    """
    if options.get("attachments"):
        raise ForbiddenAddress("a print carries no attachments")
    fetcher = AssetFetcher(assets)
    base = assets[0].resolve().as_uri() + "/"
    source = HTML(string=html, base_url=base, url_fetcher=fetcher)
    styles = [CSS(string=text, base_url=base, url_fetcher=fetcher) for text in stylesheets]
    document = source.render(stylesheets=styles, **options)
    document.metadata.attachments = []
    document.url_fetcher = _NothingFetcher()
    result: bytes = document.write_pdf(**options)
    return result
