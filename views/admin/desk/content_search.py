"""Cases of a round found by what was filled in, in any field of its form."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from models.choices import State
from panel.domain.desk import content_search
from panel.domain.errors import NotFound
from views.admin.list_words import department_options
from views.admin.rounds.explain import may_explain
from views.kit.access import current_actor
from views.kit.pages import Pages
from views.kit.scoped import ScopedView
from views.shared.round_words import RoundWords


class ContentSearchPages(Pages[ScopedView]):
    """`/admin/rounds/<id>/find`."""

    @expose("/<id>/find")
    def find_view(self, id: str) -> ResponseReturnValue:
        """The form, and the cases that say `text` in `field`."""
        round = self.view.get_one(id)
        if not may_explain(current_actor()):
            raise NotFound
        places = content_search.places(round.spec)
        wanted = request.args.get("field", "")
        place = next((row for row in places if row.key == wanted), None)
        typed = request.args.get("text", "").strip()[:60]
        found = content_search.find(round, place, typed, current_actor()) if place else None
        html: str = self.view.render(
            "admin/desk/content_search.html",
            round=round,
            places=places,
            place=place,
            typed=typed,
            found=found.hits if found else [],
            is_all=found is None or found.is_all,
            words=RoundWords(round.spec),
            states=State,
            departments=dict(department_options()),
        )
        return html
