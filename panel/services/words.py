"""Words outside of a request: a message in a person's language, for mails and calendars."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.support import Translations

from models.choices import Choice
from models.field_spec import Text
from models.messages import Message
from panel.domain.calendar import CHINA

CHINESE, ENGLISH = "zh_Hans_CN", "en"
_FOLDER = Path(__file__).resolve().parent.parent / "translations"


def language_of(chosen: str | None) -> str:
    """The language an account has chosen, else Chinese."""
    return ENGLISH if chosen == ENGLISH else CHINESE


def words(value: Any, language: str = CHINESE) -> str:
    """`value` (Message, Text, Choice, day, instant, text) in `language`; instants in Asia/Shanghai."""
    if value is None:
        return ""
    if isinstance(value, Choice):
        return words(value.label, language)
    if isinstance(value, Message):
        return _message(value, language)
    if isinstance(value, Text):
        return value.in_language(language)
    if isinstance(value, datetime):
        pattern = "d MMM yyyy, HH:mm" if language == ENGLISH else "yyyy年M月d日 HH:mm"
        return format_datetime(value, pattern, tzinfo=CHINA, locale=language)
    if isinstance(value, date):
        return format_date(value, "d MMM yyyy" if language == ENGLISH else "yyyy年M月d日", locale=language)
    return str(value)


def _message(message: Message, language: str) -> str:
    """As the pages say it: a count `n` decides between singular and plural."""
    catalogue = _catalogue(language)
    given = {key: v if type(v) is int else words(v, language) for key, v in message.params.items()}
    count = given.get("n")
    if isinstance(count, int) and "%(n)s" in message.id:
        said = catalogue.ngettext(message.id, message.id, count)
    else:
        said = catalogue.gettext(message.id)
    return said % given if given else said


@lru_cache(maxsize=2)
def _catalogue(language: str) -> NullTranslations:
    """The compiled catalogue of `language`; Chinese is the message itself."""
    return NullTranslations() if language == CHINESE else Translations.load(str(_FOLDER), [language])
