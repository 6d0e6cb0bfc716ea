"""How many characters the controls of templates take: what the rules allow, under the name templates use."""

from __future__ import annotations

from flask import Flask

from models.comment import LONGEST_COMMENT
from models.person import Person
from models.saved_view import LONGEST_NAME
from panel.domain.content import choosing, files, mending
from panel.domain.material import answers, settling
from panel.domain.people import accounts
from panel.domain.reports.overviews import layouts
from panel.domain.round_edit import defaults, publishing, schedule
from panel.domain.steps import judging
from panel.domain.steps.guards import checking, endorsing
from views.kit.secure_list import MAX_SEARCH

LENGTHS: dict[str, int] = {
    "search": MAX_SEARCH,
    "view_name": LONGEST_NAME,
    "staff_number": Person.staff_number.max_length,
    "return_item": checking.LONGEST_ITEM,
    "endorsement": endorsing.LONGEST_OPINION,
    "judgement": judging.LONGEST_OPINION,
    "unit_opinion": judging.LONGEST_UNIT_OPINION,
    "mend_objection": mending.LONGEST_OBJECTION,
    "file_name": files.MOST_NAME,
    "material_question": answers.LONGEST_ANSWER,
    "material_answer": settling.LONGEST_WORDS,
    "extension_reason": schedule.LONGEST_REASON,
    "round_part": defaults.LONGEST_LABEL,
    "column_label": layouts.MAX_LABEL,
    "choice_reason": choosing.LONGEST_CHOICE_REASON,
    "comment": LONGEST_COMMENT,
    "round_name": publishing.LONGEST_ROUND_NAME,
    "round_reason": schedule.LONGEST_REASON,
    "account_reason": accounts.LONGEST_ACCOUNT_REASON,
    "account_name": accounts.LONGEST_ACCOUNT_NAME,
}


def register(app: Flask) -> None:
    """Give templates the lengths."""
    app.jinja_env.globals["lengths"] = LENGTHS
