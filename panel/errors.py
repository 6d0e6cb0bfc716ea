"""Turns refusals and failures into a page, or into JSON for what scripts send; in one place."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any

from flask import Flask, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from pymongo.errors import ConnectionFailure
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from models.messages import M, Message, PingshenError
from panel.addresses import local_path, wants_json

log = logging.getLogger(__name__)
Translate = Callable[[Any], str]

#: What the pages of plain HTTP errors say: title and what to do.
PAGES: dict[int, tuple[Message, Message]] = {
    400: (M("请求有误"), M("浏览器发来的内容不完整，请返回上一页后重试。")),
    403: (M("没有权限"), M("您不能做这件事。如果认为有误，请联系单位人事部门。")),
    404: (M("页面不存在"), M("这个页面或记录不存在，或者您无权查看。请检查网址，或回到首页。")),
    405: (M("请求方式不对"), M("这个地址不能这样打开，请从页面上的按钮进入。")),
    413: (M("内容过大"), M("上传的文件或填写的内容超过了上限，没有保存。请压缩文件或分几次提交。")),
    429: (M("操作过于频繁"), M("请稍等片刻再试。")),
    500: (
        M("系统出错了"),
        M("抱歉，系统遇到了意外错误，已记录。请稍后重试；如仍有问题，请把编号告诉管理员。"),
    ),
    503: (M("系统暂时不可用"), M("数据库暂时连接不上，请稍后再试。")),
}
EXPIRED = (
    M("登录已过期"),
    M(
        "您的登录已过期，刚才提交的内容还没有保存。请在新标签页登录，再回到上一页重新提交，已填的内容不会丢失。"
    ),
)
STALE_PAGE = (
    M("页面已过期"),
    M("这个页面打开得太久了，刚才提交的内容还没有保存。请返回上一页、刷新后重新提交。"),
)


class SignedOut(PingshenError):
    """This needs a signed-in person."""

    status = 401

    def __init__(self) -> None:
        super().__init__(EXPIRED[1])


#: Fields that are never shown again.
_SECRET = ("password", "token")
#: Fields that carry no words of the person.
_CONTROL = {"action", "rowid", "url", "next", "id", "uid", "version", "seen", "step", "language", "section"}


def typed_values() -> list[tuple[str, str]]:
    """What was typed into the refused form, secrets left out, so that a page can show it for copying."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if len(value.strip()) > 1 and name not in _CONTROL and not any(word in name for word in _SECRET)
    ]


def error_page(status: int, title: Message, text: Message, **more: Any) -> ResponseReturnValue:
    """The page of an error."""
    back = local_path(request.referrer)
    page = render_template(
        "errors/error.html", status=status, heading=title, text=text, back=back, typed=typed_values(), **more
    )
    return page, status


def register(app: Flask, tr: Translate) -> None:
    """Answer every exception of `app`; `tr` puts messages into the page's language."""

    def answer(status: int, code: str, title: Message, text: Message, **more: Any) -> ResponseReturnValue:
        if wants_json():
            return jsonify(error=code, message=tr(text)), status
        return error_page(status, title, text, **more)

    @app.errorhandler(SignedOut)
    def signed_out(error: SignedOut) -> ResponseReturnValue:
        """To the sign-in page and back; what was typed into a form stays on the screen."""
        if wants_json() or request.method not in ("GET", "HEAD"):
            return answer(401, "signed-out", *EXPIRED, sign_in=True)
        return redirect(url_for("public.sign_in", next=request.full_path.rstrip("?")))

    @app.errorhandler(PingshenError)
    def refused(error: PingshenError) -> ResponseReturnValue:
        """The sentence, on the page the form came from; as a page of its own where there is none."""
        back = local_path(request.referrer)
        if wants_json():
            return jsonify(error=_code(error), message=tr(error.message)), error.status
        if request.method == "POST" and back and error.status != 404 and not typed_values():
            flash(tr(error.message), "danger")
            return redirect(back)
        title = PAGES[404][0] if error.status == 404 else M("没有完成")
        return error_page(error.status, title, error.message)

    @app.errorhandler(CSRFError)
    def without_token(error: CSRFError) -> ResponseReturnValue:
        if request.endpoint == "public.sign_in":
            flash(tr(M("登录页面已过期，请再输入一次。")), "warning")
            return redirect(url_for("public.sign_in", next=local_path(request.values.get("next"))))
        if not current_user.is_authenticated:
            return answer(401, "signed-out", *EXPIRED, sign_in=True)
        return answer(400, "stale-page", *STALE_PAGE)

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
        # The body was not read, so there is nothing typed to show.
        title, text = PAGES[413]
        if wants_json():
            return jsonify(error="too-large", message=tr(text)), 413
        back = local_path(request.referrer)
        return render_template(
            "errors/error.html", status=413, heading=title, text=text, back=back, typed=[]
        ), 413

    @app.errorhandler(ConnectionFailure)
    def database_away(error: ConnectionFailure) -> ResponseReturnValue:
        """A page that needs neither session nor database."""
        log.error("database away at %s %s: %s", request.method, request.path, error)
        if wants_json():
            return jsonify(error="unavailable", message=PAGES[503][1].id), 503
        page = app.jinja_env.get_template("errors/unavailable.html").render(url_for=url_for)
        return page, 503

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:
            return error
        cause = getattr(error, "original_exception", None)
        if isinstance(cause, ConnectionFailure):  # already while opening the session
            return database_away(cause)
        title, text = PAGES.get(error.code, PAGES[400])
        return answer(error.code, error.name.lower().replace(" ", "-"), title, text)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> ResponseReturnValue:
        reference = secrets.token_hex(4)
        log.error("unexpected error %s at %s %s", reference, request.method, request.path, exc_info=error)
        if app.config.get("PROPAGATE_EXCEPTIONS"):
            raise error
        if wants_json():
            return jsonify(error="failed", message=tr(PAGES[500][1]), reference=reference), 500
        return error_page(500, *PAGES[500], reference=reference)


def _code(error: PingshenError) -> str:
    """stale-write, not-found: the class name as scripts read it."""
    name = type(error).__name__
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")
