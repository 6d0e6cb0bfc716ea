"""Stamped material tables come back in bulk: dropped, matched by file name, put in their place (G28)."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage

from models.choices import Role, ScanState
from models.material import MaterialEntry, MaterialScan
from models.messages import M, PingshenError
from models.person import Person
from models.review_round import ReviewRound
from models.values import ref_id
from panel import clock
from panel.addresses import wants_json
from panel.domain.access import policy
from panel.domain.errors import NotFound, StaleWrite
from panel.domain.material import scans
from views.admin import list_words
from views.kit import secure_list
from views.kit.access import current_actor, current_settings
from views.kit.base import SecurePage
from views.kit.i18n import tr
from views.my.fields import seen_version
from views.my.material import evidence_of, serve_attachment

SCANS_PER_PAGE = 50
#: Files in one upload; the browser sends larger heaps in several.
MOST_FILES = 300
TONES = {"unmatched": "act", "waiting": "wait", "attached": "good", "replaced": "quiet", "dropped": "quiet"}


class ScanPage(SecurePage):
    """`/admin/scans/`."""

    roles = (Role.UNIT_HR,)
    icon = "scan"
    in_menu = False  # reached from the material table

    def __init__(self) -> None:
        super().__init__(name=_l("盖章扫描件"), endpoint="hr_scans", url="scans")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Unmatched scans first, each with whom it may belong to; then the others, newest on top."""
        page: str = self.render(
            "admin/material/material_scans.html",
            rounds=list_words.round_options(),
            round=self._newest_round(),
            units=_units(),
            max_bytes=current_settings().file_bytes,
            max_sent=max(current_settings().file_bytes, current_settings().upload_bytes),
            **self._lists(),
        )
        return page

    def _lists(self) -> dict[str, Any]:
        """The values of templates/admin/material/_scan_lists.html."""
        found = self._scans()
        state = request.args.get("state", "")
        known = {choice.value for choice in ScanState}
        rest = found.filter(state=state) if state in known else found.filter(state__nin=_SHELVED)
        rest = rest.filter(state__ne=ScanState.UNMATCHED.value)
        unmatched = list(found.filter(state=ScanState.UNMATCHED.value).order_by("at", "id").limit(MOST_FILES))
        return {
            "unmatched": [(scan, self._offers(scan)) for scan in unmatched],
            "rows": secure_list.fetch(rest.order_by("-at", "-id"), _page(), SCANS_PER_PAGE),
            "round_titles": {key: tr(title) for key, title in list_words.round_options()},
            "round_of": lambda scan: str(ref_id(scan, "round")),
            "states": {choice.value: choice for choice in ScanState},
            "state": state,
            "tones": TONES,
            "page_url": lambda page: url_for(".index", page=page, state=state or None),
        }

    def _newest_round(self) -> str:
        """The round whose table was worked at last: scans are mostly of that one."""
        seen = policy.visible(current_actor(), MaterialEntry, Role.UNIT_HR)
        last = seen.order_by("-updated_at").only("round").first()
        return str(ref_id(last, "round")) if last else ""

    def _offers(self, scan: MaterialScan) -> list[Person]:
        """The people the file's name may mean."""
        return list(policy.get_many(current_actor(), Person, scan.candidates, Role.UNIT_HR))

    @expose("/upload", methods=("POST",))
    def upload(self) -> ResponseReturnValue:
        """Take files; each is checked and matched by itself."""
        actor = current_actor()
        round: ReviewRound = policy.one(actor, ReviewRound, request.form.get("round", ""), Role.UNIT_HR)
        unit = next((unit for unit in _units() if str(unit.id) == request.form.get("unit", "")), None)
        if unit is None:
            raise NotFound
        sent = [file for file in request.files.getlist("file") if file.filename]
        if not sent:
            flash(_("没有选择文件。请选择或拖入盖章材料表的扫描件。"), "warning")
            return redirect(url_for(".index"))
        if len(sent) > MOST_FILES:
            flash(_("一次最多上传 %(n)s 个文件，请分几次上传。", n=MOST_FILES), "warning")
            return redirect(url_for(".index"))
        if wants_json():
            return self._answer(self._take(round, unit, sent[0]))
        counts = dict.fromkeys(ScanState, 0)
        refused = []
        for file in sent:
            try:
                counts[ScanState(self._take(round, unit, file).state)] += 1
            except PingshenError as error:
                refused.append(_("%(name)s：%(reason)s", name=file.filename, reason=tr(error.message)))
        _say(counts, refused)
        return redirect(url_for(".index"))

    def _answer(self, scan: MaterialScan) -> ResponseReturnValue:
        """What the script is told of one file: where it went, and the lists anew."""
        file, name = scan.file.name, scan.name
        said = {
            ScanState.ATTACHED: M("“%(file)s”已放入%(name)s的申报。", file=file, name=name),
            ScanState.WAITING: M(
                "“%(file)s”是%(name)s的，等本人可以修改申报时自动放入。", file=file, name=name
            ),
            ScanState.UNMATCHED: M("没有认出“%(file)s”是谁的，请在下面选择。", file=file),
        }[ScanState(scan.state)]
        html = self.render("admin/material/_scan_lists.html", **self._lists())
        return jsonify(html=html, message=tr(said))

    def _take(self, round: ReviewRound, unit: Any, file: FileStorage) -> MaterialScan:
        stored = evidence_of(file)
        if stored is None:
            raise NotFound
        return scans.receive(round, unit.id, stored, current_actor(), clock.now())

    @expose("/<id>/assign", methods=("POST",))
    def assign_view(self, id: str) -> ResponseReturnValue:
        """Say whose a scan is, by choice or by staff number."""
        actor = current_actor()
        scan = self._one(id)
        person = self._person(scan)
        if person is None:
            flash(_("没有找到这个人。请从列表中选择，或填写本单位人员的完整工号。"), "warning")
            return redirect(url_for(".index"))
        try:
            done = scans.assign(scan, person, seen_version(request.form), actor, clock.now())
        except StaleWrite:
            flash(_("这份扫描件刚被处理过，请看最新的情况。"), "warning")
            return redirect(url_for(".index"))
        except PingshenError as error:
            if error.status == 404:
                raise
            flash(tr(error.message), "danger")
            return redirect(url_for(".index"))
        if done.state == ScanState.ATTACHED:
            flash(_("已放入%(name)s的申报。", name=person.name), "success")
        else:
            flash(_("已记为%(name)s的材料表；本人可以修改申报时自动放入。", name=person.name), "success")
        return redirect(url_for(".index"))

    def _person(self, scan: MaterialScan) -> Person | None:
        actor = current_actor()
        chosen = request.form.get("person", "")
        if chosen:
            found: Person = policy.one(actor, Person, chosen, Role.UNIT_HR)
            return found
        number = request.form.get("staff_number", "").strip()
        mine = policy.visible(actor, Person, Role.UNIT_HR).filter(unit=ref_id(scan, "unit"))
        return mine.filter(staff_number=number).first() if number else None

    @expose("/<id>/drop", methods=("POST",))
    def drop_view(self, id: str) -> ResponseReturnValue:
        """Put a scan away."""
        scan = self._one(id)
        try:
            scans.drop(scan, seen_version(request.form), current_actor(), clock.now())
        except StaleWrite:
            flash(_("这份扫描件刚被处理过，请看最新的情况。"), "warning")
        except PingshenError as error:
            if error.status == 404:
                raise
            flash(tr(error.message), "danger")
        else:
            flash(_("已移除“%(name)s”。", name=scan.file.name), "success")
        return redirect(url_for(".index"))

    @expose("/<id>/file")
    def file_view(self, id: str) -> ResponseReturnValue:
        """The scan itself, also one that was replaced."""
        return serve_attachment(self._one(id).file)

    def _scans(self) -> Any:
        return policy.visible(current_actor(), MaterialScan, Role.UNIT_HR)

    def _one(self, id: str) -> MaterialScan:
        found: MaterialScan = policy.one(current_actor(), MaterialScan, id, Role.UNIT_HR)
        return found


_SHELVED = (ScanState.DROPPED.value, ScanState.REPLACED.value)


def _page() -> int:
    return max(0, request.args.get("page", 0, type=int))


def _units() -> list[Any]:
    """The units whose HR the actor is."""
    kept = {grant.unit_id for grant in current_actor().as_(Role.UNIT_HR)}
    return [unit for unit in list_words.own_units() if unit.id in kept]


def _say(counts: dict[ScanState, int], refused: list[str]) -> None:
    if counts[ScanState.ATTACHED]:
        flash(_("%(n)s 份已放入本人的申报。", n=counts[ScanState.ATTACHED]), "success")
    if counts[ScanState.WAITING]:
        flash(_("%(n)s 份已找到人，等本人可以修改申报时自动放入。", n=counts[ScanState.WAITING]), "success")
    if counts[ScanState.UNMATCHED]:
        flash(_("%(n)s 份没有认出是谁的，请在下面选择。", n=counts[ScanState.UNMATCHED]), "warning")
    for line in refused:
        flash(line, "danger")
