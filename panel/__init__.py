"""Pingshen (评审): a panel for professional-title review."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from panel.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The web application: connected, signed-in, protected, with all views.

    `settings` default to those of the environment. Raises `ConfigurationError`, `ClockRefused`.
    """
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    import views
    from panel import boot, config, errors, headers, security
    from views.kit import i18n, layout, lengths

    settings = settings or config.load()
    boot.connect(settings)
    app = Flask(__name__, template_folder=str(config.REPOSITORY / "templates"), static_folder="static")
    app.extensions["pingshen"] = settings
    if hops := settings.trusted_proxies:
        # Else every visitor would have the proxy's address, and share its lock.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    security.register(app, settings)
    headers.register(app, settings)
    i18n.register(app)
    layout.register(app)
    lengths.register(app)
    errors.register(app, i18n.tr)
    views.register(app)
    return app
