"""Steps on one or many applications: what goes and what won't is named first, then it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from panel.domain.steps.actions import TABLE
from panel.domain.steps.workflow import Bulk
from views.admin import list_words
from views.admin.cases.steps import STEPS, StepButton, StepForm, step_label, step_noun
from views.kit.access import current_actor
from views.kit.secure_actions import MAX_ROWS_NAMED, bulk_action


def _offer(action: Action, button: StepButton) -> Any:
    """The action of the list that shows the confirmation page of `action`."""

    def method(self: Any, applications: list[Application]) -> ResponseReturnValue:
        return self.confirm_page(action, applications)

    method.__name__ = f"step_{action.value}"
    return bulk_action(
        action.value,
        lazy_gettext(step_label(action).id),
        icon=button.icon,
        is_danger=button.is_danger,
        in_bulk=button.in_bulk,
    )(method)


#: People named on a page; beyond these it says how many more there are.
MOST_NAMED = 50


class BulkPages:
    """The confirmation page of a step and its run; ids are resolved in scope alone."""

    get_many: Callable[[Sequence[Any]], list[Any]]
    render: Callable[..., str]
    return_url: Callable[[], str]

    def confirm_page(
        self, action: Action, applications: list[Application], error: PingshenError | None = None
    ) -> ResponseReturnValue:
        """Name the rows that will go and those that won't, with the reasons, and ask for what is needed."""
        actor, now = current_actor(), clock.now()
        form = STEPS[action].form(action, applications, actor, now, request.form)
        sorted_rows = form.sort_ready()
        status = 200 if error is None else error.status
        page = self.render(
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
            return_url=self.return_url(),
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
        applications = self.get_many(ids)
        form: StepForm = STEPS[step].form(step, applications, current_actor(), clock.now(), request.form)
        try:
            done = form.run()
        except PingshenError as error:
            return self.confirm_page(step, applications, error)
        return self._report(step, done)

    def _report(self, action: Action, done: Bulk) -> ResponseReturnValue:
        return self.render(
            "admin/cases/report.html",
            action=action,
            label=step_label(action),
            # as they are now: what ran may have been given the rows as they were
            done=self.get_many([application.id for application in done.done]),
            refused=done.refused,
            most_named=MOST_NAMED,
            words=list_words,
            states=State,
            return_url=self.return_url(),
        )


for _action, _button in STEPS.items():
    setattr(BulkPages, f"step_{_action.value}", _offer(_action, _button))
