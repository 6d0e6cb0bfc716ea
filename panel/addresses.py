"""Questions about the address and kind of a request."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


def local_path(address: str | None) -> str | None:
    """`address` as a path on this server, or None when it leads anywhere else."""
    if not address or "\\" in address or any(ord(c) < 0x20 for c in address):
        return None
    parts = urlsplit(address.strip())
    if parts.netloc and (parts.scheme not in ("http", "https") or parts.netloc != request.host):
        return None
    if (parts.scheme and not parts.netloc) or not parts.path.startswith("/") or parts.path.startswith("//"):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def wants_json() -> bool:
    """Whether a script (fetch, htmx) sent the request, or asked for JSON, rather than a page's form."""
    if (
        request.headers.get("HX-Request")
        or request.headers.get("X-Requested-With") == "fetch"
        or request.is_json
    ):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return bool(best == "application/json")
