"""Security headers of every response, and the limits of a request's body."""

from __future__ import annotations

from flask import Flask, Response, g, request

from panel.config import Mode, Settings

#: No inline script or style, nothing from elsewhere; the form's preview is a PDF in a frame of our own.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
#: Fields of one form, and bytes of its text fields (DESIGN section 8, trap 14).
MAX_FORM_PARTS = 5_000
MAX_FORM_MEMORY_BYTES = 2 * 1024 * 1024


def register(app: Flask, settings: Settings) -> None:
    """Limit what `app` reads and add the headers to what it answers."""
    app.config.update(
        MAX_CONTENT_LENGTH=max(settings.file_bytes, settings.photo_bytes, settings.upload_bytes)
        + MAX_FORM_MEMORY_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_MEMORY_BYTES,
    )
    is_production = settings.mode is Mode.PRODUCTION

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if is_production:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        # Not `current_user`: it would ask the database, also while answering that it is away.
        account = g.get("_login_user")
        if request.method != "GET" or (account is not None and account.is_authenticated):
            # The next person at this computer must not see it by the back button.
            headers["Cache-Control"] = "no-store"
        return response
