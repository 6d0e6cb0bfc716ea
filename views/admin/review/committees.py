"""Committees as the office keeps them (R01-R03): validity, consent, members and who presides."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField
from wtforms.validators import Optional

from models.choices import Role
from models.meeting import Committee
from panel import clock
from panel.domain.access import policy
from panel.domain.calendar import local_date
from panel.domain.review import committees, meetings
from views.kit.access import current_actor
from views.kit.base import SecurePage
from views.kit.secure_forms import NEEDED, PanelForm, refusal_of


class DetailsForm(PanelForm):
    """Filing and consent."""

    valid_until = DateField(_l("备案有效期至"), NEEDED)
    consent_number = StringField(
        _l("同意文号"), [Optional()], description=_l("人数少于 11 人时，填写省级主管部门同意的文号。")
    )


class MemberForm(PanelForm):
    """A new member."""

    username = StringField(_l("账号"), NEEDED, description=_l("委员登录用的账号，须已建立。"))
    title = StringField(_l("职称"), NEEDED)
    term_until = DateField(_l("任期至"), NEEDED)


class CommitteePage(SecurePage):
    """The committees of the office."""

    roles = (Role.OFFICE,)
    icon = "users-group"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """All committees and whether they can sit."""
        today = local_date(clock.now())
        found = policy.visible(current_actor(), Committee, Role.OFFICE).order_by("code")
        shown: str = self.render(
            "admin/review/committees.html",
            committees=list(found),
            refusal=lambda committee: meetings.formation_refusal(committee, today),
        )
        return shown

    @expose("/<id>", methods=("GET", "POST"))
    def show(self, id: str) -> ResponseReturnValue:
        """One committee; a POST changes filing and consent."""
        committee, form = _committee(id), DetailsForm()
        if not form.is_submitted():
            return self._page(committee)
        refused = refusal_of(
            form,
            lambda: committees.save_details(
                committee,
                form.valid_until.data,
                form.consent_number.data or "",
                current_actor(),
                clock.now(),
            ),
        )
        if refused:
            return self._page(committee, refused, details=form)
        flash(_("已保存。"), "success")
        return redirect(url_for(".show", id=id))

    @expose("/<id>/members", methods=("POST",))
    def add(self, id: str) -> ResponseReturnValue:
        """Take a member on."""
        committee, form = _committee(id), MemberForm()
        refused = refusal_of(
            form,
            lambda: committees.add_member(
                committee,
                form.username.data or "",
                form.title.data or "",
                form.term_until.data,
                current_actor(),
                clock.now(),
            ),
        )
        if refused:
            return self._page(committee, refused, member=form)
        flash(_("已加入评委会，并可进入评审会页面。"), "success")
        return redirect(url_for(".show", id=id))

    @expose("/<id>/members/<user_id>/remove", methods=("POST",))
    def remove(self, id: str, user_id: str) -> ResponseReturnValue:
        """Take a member off."""
        committees.remove_member(_committee(id), user_id, current_actor(), clock.now())
        flash(_("已移出评委会。"), "success")
        return redirect(url_for(".show", id=id))

    @expose("/<id>/members/<user_id>/post", methods=("POST",))
    def post(self, id: str, user_id: str) -> ResponseReturnValue:
        """Make a member chair, vice-chair or plain."""
        post = request.form.get("post", "")
        committees.set_chair(_committee(id), user_id, post, current_actor(), clock.now())
        flash(_("职务已更新。"), "success")
        return redirect(url_for(".show", id=id))

    def _page(
        self,
        committee: Committee,
        status: int = 200,
        details: DetailsForm | None = None,
        member: MemberForm | None = None,
    ) -> ResponseReturnValue:
        shown: str = self.render(
            "admin/review/committee.html",
            committee=committee,
            refusal=meetings.formation_refusal(committee, local_date(clock.now())),
            today=local_date(clock.now()),
            details=details
            or DetailsForm(
                formdata=None,
                valid_until=committee.valid_until,
                consent_number=committee.consent_number or "",
            ),
            member=member or MemberForm(formdata=None),
        )
        return shown, status


def _committee(id: str) -> Committee:
    found: Any = policy.one(current_actor(), Committee, id, Role.OFFICE)
    return found
