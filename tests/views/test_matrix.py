"""Who gets what at which address: a literal table, complete by force.

A row says, for each of WHO, the status of an answer. Left out: 404 for those signed in (what a person may
not see doesn't exist), and for the public the way to sign in (302, or 401 where something is sent).
Posts carry a token and `data` only, so that an allowed one mostly ends in a word about what is missing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from flask import Flask

from models.choices import State
from tests.factories import NOW
from tests.views.conftest import Browser
from tests.views.world import WHO, Kept, World

FOREIGN = "5f0000000000000000000000"
#: Rows that name something which nobody of the table finds: there is nobody to ask for an unknown one.
UNASKED = {
    "POST /my/application/<application_id>/library/undo",
    "POST /my/application/<application_id>/<section>/<uid>/restore",
    "POST /my/application/<application_id>/material/confirm",
    "GET /admin/exports/<id>",
    "GET /admin/exports/<id>/file",
    "POST /admin/exports/<id>/delete",
    "GET /admin/applications/<id>/look before submission",
    "POST /admin/rounds/<id>/edit/undo",
}


@dataclass(frozen=True)
class Row:
    """The answers by role, the case's state, and which attribute of the world each argument is."""

    answers: str
    state: State = State.SUBMITTED
    data: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)

    def expected(self, method: str) -> dict[str, int]:
        """Every role's status."""
        table = dict.fromkeys(WHO, 404) | {"public": 302 if method == "GET" else 401}
        for part in self.answers.split():
            who, _, status = part.partition("=")
            for name in {"everyone": WHO, "signed_in": WHO[1:]}.get(who, (who,)):
                assert name in table, name
                table[name] = int(status)
        return table

    def named(self) -> list[str]:
        """The arguments that name something of the world."""
        return [name for name, path in self.names.items() if not path.startswith("=")]

    def values(self, world: World) -> tuple[dict[str, str], ...]:
        """Arguments, query and data, taken from `world`."""
        return tuple(
            {name: world.value(path) for name, path in given.items()}
            for given in (self.names, self.query, self.data)
        )


def row(
    answers: str,
    state: State = State.SUBMITTED,
    data: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    **names: str,
) -> Row:
    """`row("unit_hr=200 office=200", State.PANEL, id="case.id")`.

    Values are attributes of the world; what begins with = is literal.
    """
    return Row(answers, state, data or {}, names, query or {})


def own(status: int, state: State = State.DRAFT, query: dict[str, str] | None = None, **names: str) -> Row:
    """A page of self-service, which exists for the owner of the case alone."""
    return row(f"applicant={status}", state, query=query, application_id="case.id", **names)


#: Who may read the content of a submitted case.
READERS = "applicant=200 unit_hr=200 endorser=200 supervisor=200"

#: Who may open a file that shows an ID number.
PRIVATE = "applicant=200 unit_hr=200"

#: "METHOD rule" -> who gets what. Words after the rule tell rows apart.
ROUTES: dict[str, Row] = {
    # --- everybody ---
    "GET /": row("everyone=200"),
    "GET /static/<path:filename>": row("everyone=200", filename="=css/shared/app.css"),
    "GET /manual": row("everyone=200"),
    "GET /healthz": row("everyone=200"),
    "GET /session": row("everyone=200"),
    "POST /language": row("everyone=302", data={"language": "=en"}),
    "GET /sign-in": row("public=200 signed_in=302"),
    "POST /sign-in": row("everyone=422"),
    "POST /sign-out": row("everyone=302"),
    "POST /demo/sign-in": row("everyone=404"),
    "POST /demo/clock": row("everyone=302", data={"step": "=date"}),
    "GET /notices/": row("everyone=200"),
    "GET /verify/": row("everyone=200"),
    "GET /verify/<code>": row("everyone=200", State.CERTIFIED, code="certificate.code"),
    # --- everybody with an account ---
    "GET /signed-in": row("signed_in=200"),
    "GET /password": row("signed_in=200"),
    "POST /password": row("signed_in=422"),
    "GET /account": row("signed_in=200"),
    "POST /account/mail": row("signed_in=302"),
    "POST /account/calendar": row("signed_in=200", data={"step": "=make"}),
    "GET /account/calendar.ics": row("signed_in=200"),
    "GET /calendar/<secret>.ics": row("everyone=200", secret="calendar_secret"),
    "GET /inbox": row("signed_in=200"),
    "POST /inbox/read": row("signed_in=302"),
    # --- areas ---
    "GET /my/": row("applicant=200 colleague=200"),
    "GET /admin/": row("unit_hr=200 other_hr=200 endorser=200 office=200 supervisor=200 admin=200"),
    "GET /committee/": row("expert=200 chair=200 teller=200"),
    # --- files and documents ---
    "GET /files/<application_id>/<uid>": row(READERS, application_id="case.id", uid="proof"),
    "GET /files/<application_id>/<uid> of a private slot": row(PRIVATE, application_id="case.id", uid="file"),
    "GET /files/<application_id>/<uid>/thumbnail": row(READERS, application_id="case.id", uid="proof"),
    "GET /files/<application_id>/<uid>/thumbnail of a private slot": row(
        PRIVATE, application_id="case.id", uid="file"
    ),
    "GET /files/<application_id>/photo": row(READERS, application_id="case.id"),
    "GET /files/form/<application_id>.pdf": row(READERS, application_id="case.id"),
    "GET /certificates/<certificate_id>.pdf": row(
        "applicant=200 unit_hr=200 office=200 supervisor=200",
        State.CERTIFIED,
        certificate_id="certificate.id",
    ),
    "GET /notices/<uid>": row("everyone=200", State.RESULT_PUBLICITY, uid="publicity.uid"),
    "GET /notices/<uid> inside the unit": row(
        "applicant=200 colleague=200 unit_hr=200 endorser=200 supervisor=200 public=404",
        State.UNIT_PUBLICITY,
        uid="publicity.uid",
    ),
    # --- self-service: the owner alone ---
    "GET /my/apply/": row("applicant=302 colleague=302"),
    "GET /my/apply/<round_id>": row("applicant=200 colleague=200", round_id="round.id"),
    "POST /my/apply/<round_id>": row("applicant=422 colleague=422", round_id="round.id"),
    "GET /my/apply/units": row("applicant=200 colleague=200", query={"round": "round.id"}),
    "GET /my/application/": row("applicant=302 colleague=302"),
    "GET /my/application/<application_id>/": own(200),
    "GET /my/application/<application_id>/check": own(200),
    "GET /my/application/<application_id>/choice": own(200),
    "POST /my/application/<application_id>/choice": own(422),
    "GET /my/application/<application_id>/confirm": own(302),
    "POST /my/application/<application_id>/confirm": own(302),
    "GET /my/application/<application_id>/form.pdf": own(200),
    "GET /my/application/<application_id>/photo": own(200),
    "POST /my/application/<application_id>/photo": own(400),
    "GET /my/application/<application_id>/preview": own(200),
    "POST /my/application/<application_id>/recall": own(302, State.SUBMITTED),
    "GET /my/application/<application_id>/receipt": own(200, State.SUBMITTED),
    "GET /my/application/<application_id>/submit": own(200),
    "POST /my/application/<application_id>/submit": own(409),
    "GET /my/application/<application_id>/withdraw": own(200),
    "POST /my/application/<application_id>/withdraw": own(422),
    "GET /my/application/<application_id>/<section>": own(200, section="=basic"),
    "POST /my/application/<application_id>/<section>": own(302, section="=basic"),
    "GET /my/application/<application_id>/library": own(200),
    "POST /my/application/<application_id>/library": own(200),
    "POST /my/application/<application_id>/library/undo": own(404),
    "GET /my/application/<application_id>/<section>/pending/<uid>": own(
        200, section="=attachments", uid="waiting_file"
    ),
    "GET /my/application/<application_id>/<section>/pending/<uid>/thumbnail": own(
        200, section="=attachments", uid="waiting_file"
    ),
    "POST /my/application/<application_id>/<section>/pending/<uid>/use": own(
        302, section="=attachments", uid="waiting_file"
    ),
    "POST /my/application/<application_id>/<section>/pending/<uid>/discard": own(
        302, section="=attachments", uid="waiting_file"
    ),
    "POST /my/application/<application_id>/<section>/slot/<slot>/join": own(
        400, section="=attachments", slot="=material_table"
    ),
    "GET /my/application/<application_id>/<section>/new": own(
        200, section="=performance", query={"kind": "=project"}
    ),
    "POST /my/application/<application_id>/<section>/new": own(
        302, section="=performance", query={"kind": "=project"}
    ),
    "POST /my/application/<application_id>/<section>/none": own(302, section="=performance"),
    "GET /my/application/<application_id>/<section>/<uid>": own(200, section="=performance", uid="entry"),
    "POST /my/application/<application_id>/<section>/<uid>": own(409, section="=performance", uid="entry"),
    "POST /my/application/<application_id>/<section>/<uid>/move": own(
        302, section="=performance", uid="entry"
    ),
    "POST /my/application/<application_id>/<section>/<uid>/remove": own(
        302, section="=performance", uid="entry"
    ),
    "POST /my/application/<application_id>/<section>/<uid>/restore": own(
        404, section="=performance", uid="entry"
    ),
    "POST /my/application/<application_id>/<section>/file/<uid>": own(
        409, section="=attachments", uid="file"
    ),
    "POST /my/application/<application_id>/<section>/file/<uid>/remove": own(
        302, section="=attachments", uid="file"
    ),
    "POST /my/application/<application_id>/<section>/slot/<slot>": own(
        400, section="=attachments", slot="slot"
    ),
    # --- HR's material table, answered by its owner ---
    "GET /my/application/<application_id>/material": own(200),
    "POST /my/application/<application_id>/material/confirm": own(404),
    "GET /my/application/<application_id>/material/missing": own(
        200, query={"section": "=performance", "kind": "=award"}
    ),
    "POST /my/application/<application_id>/material/missing": own(
        422, query={"section": "=performance", "kind": "=award"}
    ),
    "GET /my/application/<application_id>/material/<uid>/dispute": own(200, uid="material.uid"),
    "POST /my/application/<application_id>/material/<uid>/dispute": own(302, uid="material.uid"),
    "GET /my/application/<application_id>/material/<uid>/evidence": own(200, uid="disputed.uid"),
    "POST /my/application/<application_id>/material/<uid>/retract": own(302, uid="disputed.uid"),
    "POST /my/application/<application_id>/material/<uid>/unconfirm": own(302, uid="material.uid"),
    # --- HR's material table, as staff ---
    "GET /admin/material/": row("unit_hr=200 other_hr=200 supervisor=200"),
    "GET /admin/material/export.xlsx": row("unit_hr=200 other_hr=200 supervisor=200"),
    "POST /admin/material/action/": row(
        "unit_hr=200 supervisor=200", data={"action": "=print", "rowid": "material.id"}
    ),
    "GET /admin/material/sheets": row("unit_hr=200 other_hr=200 supervisor=200"),
    "GET /admin/material/people/<person_id>": row(
        "unit_hr=200 supervisor=200", query={"round": "round.id"}, person_id="owner.id"
    ),
    "GET /admin/material/people/<person_id>/sheet.pdf": row(
        "unit_hr=200 supervisor=200", query={"round": "round.id"}, person_id="owner.id"
    ),
    "GET /admin/material/people/<person_id>/new": row(
        "unit_hr=200",
        query={"round": "round.id", "section": "=performance", "kind": "=award"},
        person_id="owner.id",
    ),
    "POST /admin/material/people/<person_id>/new": row(
        "unit_hr=422",
        query={"round": "round.id", "section": "=performance", "kind": "=award"},
        person_id="owner.id",
    ),
    "GET /admin/material/<id>": row("unit_hr=200 supervisor=200", id="material.id"),
    "GET /admin/material/<id>/evidence": row("unit_hr=200 supervisor=200", id="disputed.id"),
    "POST /admin/material/<id>/settle": row("unit_hr=422", data={"outcome": "=kept"}, id="disputed.id"),
    "POST /admin/material/<id>/edit": row("unit_hr=302", id="material.id"),
    "POST /admin/material/<id>/withdraw": row("unit_hr=422", id="material.id"),
    "POST /admin/material/<id>/put-back": row("unit_hr=409", id="material.id"),
    "GET /admin/scans/": row("unit_hr=200 other_hr=200"),
    "POST /admin/scans/upload": row(
        "unit_hr=302 other_hr=404", data={"round": "round.id", "unit": "case.unit.id"}
    ),
    "GET /admin/scans/<id>/file": row("unit_hr=200", id="scan.id"),
    "POST /admin/scans/<id>/assign": row("unit_hr=302", id="scan.id"),
    "POST /admin/scans/<id>/drop": row("unit_hr=302", id="scan.id"),
    # --- applications, as staff ---
    "GET /admin/applications/": row("unit_hr=200 other_hr=200 endorser=200 office=200 supervisor=200"),
    "GET /admin/applications/<id>": row("unit_hr=200 endorser=200 supervisor=200", id="case.id"),
    "GET /admin/applications/<id> after acceptance": row(
        "unit_hr=200 endorser=200 office=200 supervisor=200", State.PANEL, id="case.id"
    ),
    "GET /admin/applications/<id> before submission": row("unit_hr=200", State.DRAFT, id="case.id"),
    "POST /admin/applications/<id>/accept-rest": row("unit_hr=302", id="case.id"),
    "POST /admin/applications/<id>/begin": row("unit_hr=302", id="case.id"),
    "POST /admin/applications/<id>/endorse": row("unit_hr=409 endorser=409 supervisor=409", id="case.id"),
    "POST /admin/applications/<id>/judge": row(
        "unit_hr=302", data={"uid": "entry", "verdict": "=accept"}, id="case.id"
    ),
    "POST /admin/applications/<id>/opinion": row("unit_hr=409", id="case.id"),
    "POST /admin/applications/<id>/return": row("unit_hr=422 endorser=409 supervisor=409", id="case.id"),
    "POST /admin/applications/<id>/reveal": row(
        "unit_hr=200 endorser=409 supervisor=409",
        data={"section": "=basic", "field": "=id_number"},
        id="case.id",
    ),
    "POST /admin/applications/<id>/comment": row("unit_hr=422 endorser=409 supervisor=409", id="case.id"),
    "POST /admin/applications/<id>/comment/<comment_id>/remove": row(
        "unit_hr=409 supervisor=409", id="case.id", comment_id="comment.id"
    ),
    "GET /admin/applications/views/": row("unit_hr=200 other_hr=200 endorser=200 office=200 supervisor=200"),
    "POST /admin/applications/views/": row("unit_hr=422 other_hr=422 endorser=422 office=422 supervisor=422"),
    "POST /admin/applications/views/<view_id>/rename": row(
        "unit_hr=422 other_hr=422 endorser=422 office=422 supervisor=422", view_id="own_view.id"
    ),
    "POST /admin/applications/views/<view_id>/default": row(
        "unit_hr=302 other_hr=302 endorser=302 office=302 supervisor=302", view_id="own_view.id"
    ),
    "POST /admin/applications/views/<view_id>/delete": row(
        "unit_hr=302 other_hr=302 endorser=302 office=302 supervisor=302", view_id="own_view.id"
    ),
    "GET /admin/search/": row(
        "unit_hr=200 other_hr=200 endorser=200 office=200 supervisor=200", query={"q": "=lin"}
    ),
    "GET /admin/applications/<id>/selection": row("unit_hr=200", id="case.id"),
    "POST /admin/applications/<id>/selection": row("unit_hr=422", id="case.id"),
    "POST /admin/applications/action/": row("unit_hr=200", data={"action": "=publicise", "rowid": "case.id"}),
    "POST /admin/applications/run/<action>": row(
        "unit_hr=409 endorser=409 supervisor=409", data={"rowid": "case.id"}, action="=publicise"
    ),
    # --- files of lists ---
    "GET /admin/applications/export.xlsx": row(
        "unit_hr=200 other_hr=200 endorser=200 office=200 supervisor=200"
    ),
    "GET /admin/people/export.xlsx": row("unit_hr=200 other_hr=200 supervisor=200"),
    "GET /admin/people/export": row("unit_hr=200 other_hr=200"),
    "POST /admin/people/export": row("unit_hr=422 other_hr=422"),
    "GET /admin/users/export.xlsx": row("admin=200"),
    "GET /admin/units/export.xlsx": row("unit_hr=200 other_hr=200 office=200 supervisor=200 admin=200"),
    "GET /admin/audit/export.xlsx": row("unit_hr=200 other_hr=200 supervisor=200 admin=200"),
    # --- files of cases ---
    "GET /admin/applications/export": row("unit_hr=200 other_hr=200 endorser=200 office=200 supervisor=200"),
    "POST /admin/applications/export/make": row(
        "unit_hr=200 endorser=200 supervisor=200",
        data={"kind": "=table", "key": "=overview", "rowid": "case.id"},
    ),
    "POST /admin/applications/export/make of dossiers": row(
        "unit_hr=200 endorser=200 supervisor=200", data={"kind": "=dossiers", "rowid": "case.id"}
    ),
    "POST /admin/applications/export/make before submission": row(
        "unit_hr=409", State.DRAFT, data={"kind": "=dossiers", "rowid": "case.id"}
    ),
    "GET /admin/applications/missing": row("unit_hr=200 other_hr=200 endorser=200 office=200 supervisor=200"),
    "POST /admin/applications/missing": row(
        "unit_hr=200 endorser=200 supervisor=200", data={"rowid": "case.id"}
    ),
    "GET /admin/exports/": row("unit_hr=200 other_hr=200 endorser=200 office=200 supervisor=200"),
    # a file is its maker's alone, and nobody of the table made this one
    "GET /admin/exports/<id>": row("", id="export_job.id"),
    "GET /admin/exports/<id>/file": row("", id="export_job.id"),
    "POST /admin/exports/<id>/delete": row("", id="export_job.id"),
    "GET /admin/exports/layouts/<round_id>/<key>": row(
        "unit_hr=200 other_hr=200 office=200", round_id="round.id", key="=filing"
    ),
    "POST /admin/exports/layouts/<round_id>/<key>": row(
        "unit_hr=422 other_hr=422 office=422", round_id="round.id", key="=filing"
    ),
    "POST /admin/exports/layouts/<round_id>/<key>/reset": row(
        "unit_hr=302 other_hr=302 office=302 endorser=409 supervisor=409", round_id="round.id", key="=filing"
    ),
    "GET /admin/applications/<id>/mend": row("unit_hr=200", id="case.id"),
    "POST /admin/applications/<id>/mend": row("unit_hr=200", id="case.id"),
    "POST /admin/applications/<id>/mend/<mend_id>/restore": row(
        "unit_hr=302", id="case.id", mend_id="mended.id"
    ),
    "GET /my/mends/": row("applicant=302 colleague=302"),
    "POST /my/mends/<id>": row("applicant=302", data={"step": "=confirm"}, id="mended.id"),
    "GET /admin/applications/<id>/look": row("unit_hr=200 endorser=200 supervisor=200", id="case.id"),
    "GET /admin/applications/<id>/look before submission": row("", State.DRAFT, id="case.id"),
    "GET /admin/applications/<id>/look/<section>": row(
        "unit_hr=200 endorser=200 supervisor=200", id="case.id", section="=basic"
    ),
    "GET /admin/applications/<id>/look/<section>/<uid>": row(
        "unit_hr=200 endorser=200 supervisor=200", id="case.id", section="=performance", uid="entry"
    ),
    # --- publicity, objections ---
    "GET /admin/publicity/": row("unit_hr=200 other_hr=200 office=200 supervisor=200"),
    "GET /admin/publicity/<uid>": row(
        "unit_hr=200 supervisor=200", State.UNIT_PUBLICITY, uid="publicity.uid"
    ),
    "GET /admin/publicity/<uid>/list.docx": row(
        "unit_hr=200 supervisor=200", State.UNIT_PUBLICITY, uid="publicity.uid"
    ),
    "GET /admin/publicity/<uid>/list.xlsx": row(
        "unit_hr=200 supervisor=200", State.UNIT_PUBLICITY, uid="publicity.uid"
    ),
    "GET /admin/objections/export.xlsx": row("unit_hr=200 other_hr=200 office=200 supervisor=200"),
    "GET /admin/objections/": row("unit_hr=200 other_hr=200 office=200 supervisor=200"),
    "GET /admin/objections/new": row(
        "unit_hr=200 other_hr=200 office=200 supervisor=200", State.UNIT_PUBLICITY
    ),
    "POST /admin/objections/new": row(
        "unit_hr=422 other_hr=422 office=422 supervisor=422", State.UNIT_PUBLICITY
    ),
    "GET /admin/objections/<id>": row("unit_hr=200 supervisor=200", State.ON_HOLD, id="objection.id"),
    "POST /admin/objections/<id>/contact": row(
        "unit_hr=200 supervisor=200", State.ON_HOLD, id="objection.id"
    ),
    "POST /admin/objections/<id>/findings": row(
        "unit_hr=422 supervisor=422", State.ON_HOLD, id="objection.id"
    ),
    "POST /admin/objections/<id>/settle": row("unit_hr=422 supervisor=422", State.ON_HOLD, id="objection.id"),
    # --- roster, accounts, rounds, extensions, audit ---
    "GET /admin/people/": row("unit_hr=200 other_hr=200 supervisor=200"),
    "GET /admin/people/<id>": row("unit_hr=200 supervisor=200", id="person.id"),
    "GET /admin/people/new": row("unit_hr=200 other_hr=200"),
    "POST /admin/people/new": row("unit_hr=422 other_hr=422"),
    "GET /admin/people/<id>/edit": row("unit_hr=200", id="person.id"),
    "POST /admin/people/<id>/edit": row("unit_hr=422", data={"name": "="}, id="person.id"),
    "POST /admin/people/<id>/enabled": row("unit_hr=422 supervisor=409", id="account.person.id"),
    "POST /admin/people/<id>/reset": row("unit_hr=200 supervisor=409", id="account.person.id"),
    "POST /admin/people/<id>/reveal": row(
        "unit_hr=200 supervisor=409", data={"field": "=phone"}, id="person.id"
    ),
    "POST /admin/people/accounts": row("unit_hr=200 supervisor=409", data={"rowid": "person.id"}),
    "POST /admin/people/action/": row("unit_hr=200", data={"action": "=accounts", "rowid": "person.id"}),
    "GET /admin/imports/": row("unit_hr=200 other_hr=200"),
    "GET /admin/imports/upload": row("unit_hr=200 other_hr=200"),
    "POST /admin/imports/upload": row("unit_hr=422 other_hr=422"),
    "GET /admin/imports/template/<kind>": row("unit_hr=200 other_hr=200", kind="=roster"),
    "GET /admin/imports/<id>": row("unit_hr=200", id="batch.id"),
    "GET /admin/imports/<id>/progress": row("unit_hr=200", id="batch.id"),
    "GET /admin/imports/<id>/columns": row("unit_hr=200", id="batch.id"),
    "POST /admin/imports/<id>/columns": row("unit_hr=422", id="batch.id"),
    "POST /admin/imports/<id>/apply": row("unit_hr=409", id="batch.id"),
    "POST /admin/imports/<id>/mend": row("unit_hr=302", id="batch.id"),
    "POST /admin/imports/<id>/undo": row("unit_hr=409", id="batch.id"),
    "POST /admin/imports/<id>/discard": row("unit_hr=409", id="batch.id"),
    "GET /admin/imports/<id>/file": row("unit_hr=200", id="batch.id"),
    "GET /admin/imports/<id>/annotated": row("unit_hr=200", id="batch.id"),
    "GET /admin/units/": row("unit_hr=200 other_hr=200 office=200 supervisor=200 admin=200"),
    "GET /admin/rounds/": row("unit_hr=200 other_hr=200 office=200 supervisor=200 admin=200"),
    "GET /admin/rounds/<id>": row(
        "unit_hr=200 other_hr=200 office=200 supervisor=200 admin=200", id="round.id"
    ),
    "GET /admin/rounds/<id>/explain": row(
        "unit_hr=200 other_hr=200 office=200 supervisor=200", id="round.id"
    ),
    "GET /admin/rounds/<id>/find": row("unit_hr=200 other_hr=200 office=200 supervisor=200", id="round.id"),
    **{
        f"GET /admin/rounds/<id>/edit/{page}": row("unit_hr=200 other_hr=200 office=200", id="round.id")
        for page in ("", "history", "publish", "compare", "clone", "import", "export", "preview")
    },
    "GET /admin/rounds/<id>/edit/part/<part>": row(
        "unit_hr=200 other_hr=200 office=200", id="round.id", part="=form"
    ),
    "GET /admin/rounds/<id>/edit/row": row(
        "unit_hr=200 other_hr=200 office=200", query={"path": "=dates", "part": "=basics"}, id="round.id"
    ),
    "POST /admin/rounds/<id>/edit/row": row(
        "unit_hr=302 other_hr=302 office=302",
        data={"path": "=dates", "part": "=basics", "seen": "=0"},
        id="round.id",
    ),
    "POST /admin/rounds/<id>/edit/add": row(
        "unit_hr=422 other_hr=422 office=422", data={"path": "=slots", "part": "=slots"}, id="round.id"
    ),
    "POST /admin/rounds/<id>/edit/move": row(
        "unit_hr=302 other_hr=302 office=302",
        data={"path": "=levels/senior", "part": "=levels", "step": "=down"},
        id="round.id",
    ),
    "POST /admin/rounds/<id>/edit/remove": row(
        "unit_hr=302 other_hr=302 office=302",
        data={"path": "=levels/senior", "part": "=levels", "seen": "=0"},
        id="round.id",
    ),
    "POST /admin/rounds/<id>/edit/undo": row(
        "unit_hr=404 other_hr=404 office=404", data={"revision": "=77"}, id="round.id"
    ),
    "POST /admin/rounds/<id>/edit/discard": row("unit_hr=302 other_hr=302 office=302", id="round.id"),
    "POST /admin/rounds/<id>/edit/publish": row(
        "unit_hr=409 other_hr=409 office=409", data={"revision": "=0"}, id="round.id"
    ),
    "POST /admin/rounds/<id>/edit/clone": row(
        "unit_hr=422 other_hr=422 office=422", data={"year": "=x"}, id="round.id"
    ),
    "POST /admin/rounds/<id>/edit/import": row("unit_hr=422 other_hr=422 office=422", id="round.id"),
    "GET /admin/rounds/new": row("unit_hr=200 other_hr=200"),
    "POST /admin/rounds/new": row("unit_hr=422 other_hr=422"),
    "POST /admin/rounds/<id>/state": row(
        "unit_hr=302 other_hr=302 office=302 supervisor=409 admin=409",
        data={"state": "=closed", "reason": "=结束"},
        id="round.id",
    ),
    "GET /admin/extensions/": row("unit_hr=200 other_hr=200 office=200 supervisor=200"),
    "GET /admin/extensions/new": row("unit_hr=200 other_hr=200"),
    "POST /admin/extensions/new": row("unit_hr=422 other_hr=422", data={"round": "round.id"}),
    "POST /admin/extensions/<id>/end": row("unit_hr=302 office=409 supervisor=409", id="extension.id"),
    "GET /admin/audit/": row("unit_hr=200 other_hr=200 supervisor=200 admin=200"),
    "GET /admin/users/": row("admin=200"),
    "GET /admin/users/<id>": row("admin=200", id="account.id"),
    "POST /admin/users/<id>/enabled": row("admin=422", id="account.id"),
    "POST /admin/users/<id>/grants": row("admin=302", id="account.id"),
    "POST /admin/users/<id>/reset": row("admin=200", id="account.id"),
    "GET /admin/users/new": row("admin=200"),
    "POST /admin/users/new": row("admin=422"),
    # --- reminders and mails ---
    "GET /admin/reminders/": row("unit_hr=200 other_hr=200 supervisor=200"),
    "GET /admin/reminders/new": row("unit_hr=200 other_hr=200", query={"round": "round.id"}),
    "POST /admin/reminders/new": row("unit_hr=200 other_hr=200", data={"round": "round.id"}),
    "GET /admin/reminders/<id>": row("unit_hr=200 supervisor=200", id="reminder.id"),
    "GET /admin/mail/": row("unit_hr=200 other_hr=200"),
    "GET /admin/statistics/": row("unit_hr=200 other_hr=200 office=200 supervisor=200"),
    "GET /admin/statistics/<key>.xlsx": row(
        "unit_hr=200 other_hr=200 office=200 supervisor=200", key="=states"
    ),
    "POST /admin/mail/action/": row("unit_hr=302", data={"action": "=resend", "rowid": "notice.id"}),
    # --- the office of the committee ---
    "GET /admin/committees/": row("office=200"),
    "GET /admin/committees/<id>": row("office=200", id="committee.id"),
    "POST /admin/committees/<id>": row("office=422", id="committee.id"),
    "POST /admin/committees/<id>/members": row("office=422", id="committee.id"),
    "POST /admin/committees/<id>/members/<user_id>/post": row(
        "office=302", id="committee.id", user_id="member.id"
    ),
    "POST /admin/committees/<id>/members/<user_id>/remove": row(
        "office=302", id="committee.id", user_id="member.id"
    ),
    "GET /admin/experts/": row("office=200 supervisor=200"),
    "GET /admin/experts/<id>": row("office=200 supervisor=200", State.PANEL, id="case.id"),
    "POST /admin/experts/<id>/recuse": row(
        "office=422", State.PANEL, data={"expert": "member.id"}, id="case.id"
    ),
    "POST /admin/experts/assign": row("office=200", State.PANEL, data={"rowid": "case.id"}),
    "POST /admin/experts/choose": row("office=302", State.PANEL),
    "GET /admin/meetings/": row("office=200 supervisor=200"),
    "GET /admin/meetings/new": row("office=200"),
    "POST /admin/meetings/new": row("office=422"),
    "GET /admin/meetings/<id>": row("office=200 supervisor=200", id="meeting.id"),
    "GET /admin/meetings/<id>/edit": row("office=200", id="meeting.id"),
    "POST /admin/meetings/<id>/edit": row("office=422", id="meeting.id"),
    "POST /admin/meetings/<id>/table": row("office=302", id="meeting.id"),
    "GET /admin/meetings/<id>/minutes": row("office=200 supervisor=200", id="closed_meeting.id"),
    # --- the committee ---
    "GET /committee/cases/": row("expert=302 chair=302"),
    "GET /committee/cases/<id>": row("expert=200 chair=200", State.PANEL, id="case.id"),
    "POST /committee/cases/<id>/opinion": row("expert=302 chair=302", State.PANEL, id="case.id"),
    "GET /committee/cases/<id>/recuse": row("expert=200 chair=200", State.PANEL, id="case.id"),
    "POST /committee/cases/<id>/recuse": row("expert=422 chair=422", State.PANEL, id="case.id"),
    "GET /committee/meetings/": row("expert=200 chair=200"),
    "GET /committee/meetings/<id>": row("expert=200 chair=200", id="meeting.id"),
    "GET /committee/meetings/<id>/status": row("expert=200 chair=200", id="meeting.id"),
    "POST /committee/meetings/<id>/sign-in": row("expert=409 chair=409", id="meeting.id"),
    "POST /committee/meetings/<id>/open": row("expert=409 chair=409", id="meeting.id"),
    "GET /committee/meetings/<id>/sheets/<uid>": row(
        "expert=200 chair=200", State.BALLOT, id="open_meeting.id", uid="sheet"
    ),
    "POST /committee/meetings/<id>/sheets/<uid>": row(
        "expert=200 chair=200", State.BALLOT, id="open_meeting.id", uid="sheet"
    ),
    "GET /committee/meetings/<id>/close": row("chair=200", State.BALLOT, id="open_meeting.id"),
    "POST /committee/meetings/<id>/close": row("chair=422", State.BALLOT, id="open_meeting.id"),
    "GET /committee/meetings/<id>/results": row("expert=200 chair=200", id="closed_meeting.id"),
}


def addresses(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_table_lists_every_address_and_no_other(app: Flask) -> None:
    listed = {" ".join(key.split()[:2]) for key in ROUTES}
    assert addresses(app) - listed == set(), "addresses without a row"
    assert listed - addresses(app) == set(), "rows without an address"


class Asking:
    """A row asked in one world, in which everybody is signed in."""

    def __init__(self, key: str, new_browser: Callable[[], Browser]) -> None:
        self.method, self.rule = key.split()[:2]
        self.row = ROUTES[key]
        self.expected = self.row.expected(self.method)
        self.world = World(self.row.state)
        self.browsers = {who: new_browser() for who in WHO}
        for who in WHO[1:]:
            self.browsers[who].sign_in_as(self.world.user(who))
        self.row.values(self.world)  # made before anybody changes anything
        self.kept = Kept() if self.method == "POST" else None

    def ask(self, who: str, ids: str = "") -> int:
        """The status that one of WHO gets; with `ids` in place of those that the row names."""
        browser = self.browsers[who]
        if browser.user:
            self.world.last = browser.user.id
        names, query, data = self.row.values(self.world)
        if ids:
            names |= dict.fromkeys(self.row.named(), ids)
        address = re.sub(r"<(?:path:)?(\w+)>", lambda match: names[match[1]], self.rule)
        if self.method == "GET":
            return browser.get(address, query_string=query).status_code
        return browser.submit(address, data, query_string=query).status_code

    def ask_everybody(self) -> dict[str, int]:
        """Every role's status. A post that is refused changes nothing; after another one all is put back."""
        answers: dict[str, int] = {}
        for who in sorted(WHO, key=lambda name: self.expected[name] in (200, 302)):
            if self.kept and any(status < 400 for status in answers.values()):
                self.kept.restore()
            answers[who] = self.ask(who)
        return answers

    def ask_with_unknown_ids(self) -> dict[str, int]:
        """The status of those who find the right ones, if the row names any."""
        strangers = {who: Row("").expected(self.method)[who] for who in WHO}
        finders = [who for who in WHO if self.row.named() and self.expected[who] != strangers[who]]
        return {who: self.ask(who, FOREIGN) for who in finders}


@pytest.mark.parametrize("key", ROUTES)
def test_each_role_gets_what_the_table_says_and_finds_no_id_that_nobody_knows(
    key: str, new_browser: Callable[[], Browser], travel: Callable[[datetime], None]
) -> None:
    travel(NOW)
    asking = Asking(key, new_browser)
    unknown = asking.ask_with_unknown_ids()
    assert asking.ask_everybody() == asking.expected
    assert unknown == dict.fromkeys(unknown, 404)


def test_every_other_row_with_an_id_is_asked_with_an_unknown_one() -> None:
    unasked = {
        key
        for key, given in ROUTES.items()
        if given.named() and given.expected(key.split()[0]) == Row("").expected(key.split()[0])
    }
    assert unasked == UNASKED
