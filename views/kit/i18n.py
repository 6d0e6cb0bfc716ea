"""Languages: Chinese is the msgid itself, English a catalogue; `tr` puts any text into words."""

from __future__ import annotations

import os
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, has_request_context, request
from flask_babel import Babel, Domain, format_date, format_datetime, get_locale, gettext, ngettext

from models.choices import Choice
from models.field_spec import Text
from models.messages import Message
from models.values import PartialDate
from panel.clock import ZONE
from panel.security import signed_in_user

CHINESE = "zh_Hans_CN"
ENGLISH = "en"
#: Locale -> its own name, in the order of the switch.
LANGUAGES = {CHINESE: "简体中文", ENGLISH: "English"}
COOKIE = "language"
TRANSLATIONS = Path(__file__).resolve().parents[2] / "panel" / "translations"


_MOST_SAID = 20_000


class Catalogue(Domain):
    """The catalogue, with singular and plural: `n` in a text is a count (panel/translations/extractor.py)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        #: (language, text) -> its words: a list of fifty rows asks eight hundred times for a few dozen texts
        self._said: dict[tuple[str, str], str] = {}

    def gettext(self, string: str, **variables: Any) -> str:
        """`string` in the page's language, in the form for the number `n` if it tells one."""
        if not variables:
            return self._plain(string)
        count = variables.get("n")
        if isinstance(count, int) and "%(n)s" in string:
            return str(self.ngettext(string, string, count, **variables))
        return str(super().gettext(string, **variables))

    def _plain(self, string: str) -> str:
        key = (language(), string)
        found = self._said.get(key)
        if found is None:
            if len(self._said) >= _MOST_SAID:  # all texts of the sources are fewer
                self._said.clear()
            found = self._said[key] = str(super().gettext(string))
        return found


def select_language() -> str:
    """The browser's chosen language, else the account's, else Chinese."""
    if not has_request_context():
        return CHINESE
    user = signed_in_user()
    for choice in (request.cookies.get(COOKIE), user.language if user else None):
        if choice in LANGUAGES:
            return choice
    return CHINESE


def language() -> str:
    """The language of this page: one of LANGUAGES."""
    locale = get_locale()
    return _identifier(locale) if locale is not None else CHINESE


@lru_cache(maxsize=len(LANGUAGES))
def _identifier(locale: Locale) -> str:
    """Its name; made anew for each of a page's texts it would take longer than finding the text."""
    return str(locale)


def html_language() -> str:
    """The same as a BCP 47 tag, for the `lang` attribute."""
    return "en" if language() == ENGLISH else "zh-Hans"


def tr(value: Any) -> str:
    """`value` in words of the page's language: Message, Text, Choice, dates, numbers, text; "" for None."""
    if value is None:
        return ""
    if isinstance(value, Message):
        # A count stays a number: the form of the sentence depends on it.
        return gettext(value.id, **{k: v if type(v) is int else tr(v) for k, v in value.params.items()})
    if isinstance(value, Text):
        return value.in_language(language())
    if isinstance(value, Choice):
        return tr(value.label)
    if isinstance(value, datetime):
        return date_time(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, PartialDate):
        return partial_date(value)
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    return str(value)


def day(value: date | None) -> str:
    """2026年5月3日, or 3 May 2026."""
    if value is None:
        return ""
    return str(format_date(value, "d MMM yyyy" if language() == ENGLISH else "yyyy年M月d日", rebase=False))


def date_time(value: datetime | None) -> str:
    """2026年5月3日 17:04 in Asia/Shanghai, or 3 May 2026, 17:04."""
    if value is None:
        return ""
    pattern = "d MMM yyyy, HH:mm" if language() == ENGLISH else "yyyy年M月d日 HH:mm"
    return str(format_datetime(value.astimezone(ZONE), pattern, rebase=False))


def partial_date(value: PartialDate) -> str:
    """2023年5月, or May 2023."""
    if language() != ENGLISH:
        return value.chinese()
    pattern = "d MMM yyyy" if value.day else "MMM yyyy" if value.month else "yyyy"
    return str(format_date(value.first_day(), pattern, rebase=False))


def compile_catalogues(folder: Path = TRANSLATIONS) -> list[Path]:
    """Write each catalogue's binary form where it is missing or older; returns those written."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        draft = target.with_suffix(f".{os.getpid()}.tmp")
        with draft.open("wb") as file:
            write_mo(file, catalogue)
        draft.replace(target)
        written.append(target)
    return written


def register(app: Flask) -> None:
    """Set up Babel and the words of templates."""
    compile_catalogues()
    app.config.update(
        BABEL_DEFAULT_LOCALE=CHINESE,
        BABEL_DEFAULT_TIMEZONE=str(ZONE),
        BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS),
    )
    Babel(app, locale_selector=select_language).domain_instance = Catalogue()
    app.jinja_env.globals.update(
        _=gettext,
        ngettext=ngettext,
        tr=tr,
        day=day,
        date_time=date_time,
        language=language,
        html_language=html_language,
        LANGUAGES=LANGUAGES,
    )
