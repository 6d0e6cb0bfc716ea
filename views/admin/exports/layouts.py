"""The columns of a round's tables (一览表, 备案表): order, heading, source and width, as HR wants them."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _

from models.export_spec import MAX_COLUMNS
from models.messages import M, PingshenError
from models.review_round import ReviewRound
from panel import clock
from panel.domain.access import policy
from panel.domain.access.policy import may
from panel.domain.access.who_may import STAFF, Permission
from panel.domain.errors import Invalid, NotFound, StaleWrite
from panel.domain.reports.overviews import layouts, sources
from panel.domain.reports.overviews.layouts import Layout, LayoutColumn
from views.kit.access import current_actor
from views.kit.i18n import tr

_NEW_WIDTH = 12


class LayoutPages:
    """One table's page. Buttons that move, add and remove rows only change what the form holds."""

    render: Callable[..., str]

    @expose("/layouts/<round_id>/<key>", methods=("GET", "POST"))
    def layout_view(self, round_id: str, key: str) -> ResponseReturnValue:
        """The columns; what is typed is kept until it is saved."""
        round: ReviewRound = policy.one(current_actor(), ReviewRound, round_id, *STAFF)
        layout = layouts.layout_of(round, key)
        if not may(current_actor(), Permission.MANAGE_ROUNDS, round):
            raise NotFound
        if request.method == "GET":
            return self._page(round, layout, list(layout.columns), layout.version)
        columns, version = _typed(), _version()
        button, _sep, place = request.form.get("do", "save").partition("-")
        if button in _MOVES:
            moved = _MOVES[button](columns, _number(place))
            return self._page(round, layout, moved, version, focus=f"{button}-{place}")
        try:
            layouts.save(round, key, columns, version, current_actor(), clock.now())
        except (Invalid, StaleWrite) as error:
            shown = layout.version if isinstance(error, StaleWrite) else version
            return self._page(round, layout, columns, shown, error)
        flash(_("已保存：%(name)s", name=tr(layout.label)), "success")
        return redirect(url_for(".layout_view", round_id=round.id, key=key))

    @expose("/layouts/<round_id>/<key>/reset", methods=("POST",))
    def reset_layout_view(self, round_id: str, key: str) -> ResponseReturnValue:
        """Back to what the round ships."""
        round: ReviewRound = policy.one(current_actor(), ReviewRound, round_id, *STAFF)
        layout = layouts.reset(round, key, current_actor(), clock.now())
        flash(_("“%(name)s”已恢复默认的列。", name=tr(layout.label)), "success")
        return redirect(url_for(".layout_view", round_id=round.id, key=key))

    def _page(
        self,
        round: ReviewRound,
        layout: Layout,
        columns: list[LayoutColumn],
        version: int,
        error: PingshenError | None = None,
        focus: str = "",
    ) -> ResponseReturnValue:
        groups: dict[str, list[tuple[str, str]]] = {}
        for source in sources.offered(round.spec):
            groups.setdefault(tr(source.group), []).append((source.key, tr(source.label)))
        page = self.render(
            "admin/exports/export_layout.html",
            round=round,
            layout=layout,
            columns=columns,
            version=version,
            groups=groups,
            known={key for rows in groups.values() for key, _label in rows},
            error=error,
            theirs=layout.columns if isinstance(error, StaleWrite) else (),
            errors=error.fields if isinstance(error, Invalid) else {},
            focus=focus,
            most=MAX_COLUMNS,
        )
        return page, error.status if error else 200


def _typed() -> list[LayoutColumn]:
    """The columns as the form sends them: parallel lists, cut to what a table takes and one more."""
    names = ("label", "source", "width")
    sent = [request.form.getlist(name)[: MAX_COLUMNS + 1] for name in names]
    if len({len(values) for values in sent}) > 1:
        raise Invalid({"columns": M("表单不完整，请刷新后重试。")})
    return [
        LayoutColumn(label[:200], source[:200], _number(width))
        for label, source, width in zip(*sent, strict=True)
    ]


def _version() -> int:
    return _number(request.form.get("version", "0"))


def _number(text: str) -> int:
    """The number typed; 0 for anything else."""
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else 0


def _up(columns: list[LayoutColumn], place: int) -> list[LayoutColumn]:
    if 0 < place < len(columns):
        columns[place - 1], columns[place] = columns[place], columns[place - 1]
    return columns


def _down(columns: list[LayoutColumn], place: int) -> list[LayoutColumn]:
    return _up(columns, place + 1)


def _remove(columns: list[LayoutColumn], place: int) -> list[LayoutColumn]:
    return columns[:place] + columns[place + 1 :]


def _add(columns: list[LayoutColumn], place: int) -> list[LayoutColumn]:
    return [*columns, LayoutColumn("", "empty", _NEW_WIDTH)]


_MOVES: dict[str, Callable[[list[LayoutColumn], int], list[LayoutColumn]]] = {
    "up": _up,
    "down": _down,
    "remove": _remove,
    "add": _add,
}
