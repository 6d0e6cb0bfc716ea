"""Steps on one or many applications: what goes and what won't is named first, then it runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import lazy_gettext

from models.application import Application
from models.choices import Action, State
from models.messages import PingshenError
from panel import clock
from panel.domain.errors import NotFound
from panel.domain.steps.transitions import TABLE
from panel.domain.steps.workflow import Bulk
from views.admin import list_words
from views.admin.cases.steps import STEPS, StepForm, step_label, step_noun
from views.kit.access import current_actor
from views.kit.pages import Pages
from views.kit.scoped import ScopedView
from views.kit.secure_actions import MAX_ROWS_NAMED, BulkAction

#: People named on a page; beyond these it says how many more there are.
MOST_NAMED = 50


class BulkPages(Pages[ScopedView]):
    """The confirmation page of a step and its run; ids are resolved in scope alone."""

    def actions(self) -> dict[str, tuple[BulkAction, Callable[..., Any]]]:
        """Every step of the table that has a button."""
        return {action.value: (_offer(action), partial(self.confirm_page, action)) for action in STEPS}

    def confirm_page(
        self, action: Action, applications: list[Application], error: PingshenError | None = None
    ) -> ResponseReturnValue:
        """Name the rows that will go and those that won't, with the reasons, and ask for what is needed."""
        actor, now = current_actor(), clock.now()
        form = STEPS[action].form(action, applications, actor, now, request.form)
        sorted_rows = form.sort_ready()
        status = 200 if error is None else error.status
        page = self.view.render(
            "admin/cases/confirm.html",
            action=action,
            label=step_noun(action),
            ready=sorted_rows.ready,
            refused=sorted_rows.refused,
            most_named=MOST_NAMED,
            form=form,
            is_negative=any(row.action == action and row.is_negative for row in TABLE),
            errors=error.fields if error else {},
            error=error,
            words=list_words,
            states=State,
            return_url=self.view.return_url(),
        )
        return page, status

    @expose("/run/<action>", methods=("POST",))
    def run_view(self, action: str) -> ResponseReturnValue:
        """Run the step for the rows confirmed; one refused leaves the others alone."""
        if action not in {step.value for step in STEPS}:
            raise NotFound
        ids = request.form.getlist("rowid")
        if not ids or len(ids) > MAX_ROWS_NAMED:
            raise NotFound
        step = Action(action)
        applications = self.view.get_many(ids)
        form: StepForm = STEPS[step].form(step, applications, current_actor(), clock.now(), request.form)
        try:
            done = form.run()
        except PingshenError as error:
            return self.confirm_page(step, applications, error)
        return self._report(step, done)

    def _report(self, action: Action, done: Bulk) -> ResponseReturnValue:
        return self.view.render(
            "admin/cases/report.html",
            action=action,
            label=step_label(action),
            # as they are now: what ran may have been given the rows as they were
            done=self.view.get_many([application.id for application in done.done]),
            refused=done.refused,
            most_named=MOST_NAMED,
            words=list_words,
            states=State,
            return_url=self.view.return_url(),
        )


def _offer(action: Action) -> BulkAction:
    button = STEPS[action]
    return BulkAction(
        action.value,
        lazy_gettext(step_label(action).id),
        icon=button.icon,
        is_danger=button.is_danger,
        in_bulk=button.in_bulk,
    )
