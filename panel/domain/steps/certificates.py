"""Certificates (G32): their numbers, what they say, how a code is read, whose name is shown how.

A number is never used twice: its serial comes from a counter that is raised in the same transaction that
stores the certificate, so that an abort gives the number back and leaves no gap.
"""

from __future__ import annotations

import re
import secrets
from datetime import date, datetime
from typing import Any

from mongoengine import NotUniqueError

from models.application import Application
from models.certificate import Certificate
from models.database import transaction
from models.messages import M
from models.round_spec import RoundSpec
from panel.domain.actors import Actor
from panel.domain.calendar import local_date
from panel.domain.counters import next_serial
from panel.domain.errors import Refused

_CODE_BYTES = 16
_CODE = re.compile(r"[A-Za-z0-9_-]{8,64}")
#: Family names of two characters (复姓): with these the first two characters are kept when masking.
_DOUBLE_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳上官司马诸葛东方皇甫尉迟公孙令狐慕容长孙宇文司徒司空夏侯轩辕端木南宫百里呼延东郭闻人公羊赫连"
        "澹台公冶宗政濮阳淳于单于太叔申屠仲孙钟离鲜于闾丘亓官司寇子车颛孙巫马公西漆雕乐正壤驷公良拓跋夹谷"
        "宰父谷梁段干东门南门西门第五独孤万俟羊舌微生梁丘左丘纳兰叶赫完颜",
    )
)


class CertificateRefused(Refused):
    """A certificate can't be made; the message says what to do."""


def stem(spec: RoundSpec, level: str, year: int) -> str:
    """The part of a number before its serial: prefix, year, series digits, level digit."""
    return f"{spec.number.prefix}{year}{spec.number.series_digits}{spec.level(level).digit}"


def number(spec: RoundSpec, level: str, year: int, serial: int) -> str:
    """The certificate number by the round's pattern: P2026 + 01 + 2 + 00017.

    Raises CertificateRefused when the serial no longer fits the digits of the pattern.
    """
    digits = spec.number.serial_digits
    if not 0 < serial < 10**digits:
        raise CertificateRefused(M("证书流水号已用完，请在批次设置中增加流水号位数。"))
    return f"{stem(spec, level, year)}{serial:0{digits}d}"


def allocate_number(spec: RoundSpec, level: str, year: int) -> str:
    """A number never given out before; rounds with the same stem share one sequence."""
    return number(spec, level, year, next_serial(f"certificate:{stem(spec, level, year)}"))


def photo_is_valid(application: Application) -> bool:
    """Whether the portrait is there and of the round's pixels, as the certificate prints it (G11)."""
    photo, wanted = application.photo, application.spec.photo
    return photo is not None and (photo.width, photo.height) == (wanted.width, wanted.height)


def approved_on(application: Application) -> date:
    """The date that counts for later years: of the vote or of the document, as the round says.

    Without a vote (考核认定) it is the document's. Raises CertificateRefused when it isn't recorded.
    """
    outcome = application.outcome
    if application.spec.approval_date_from == "vote" and outcome is not None:
        return _day(outcome.voted_on)
    stored = application.approval.get("approved_on")
    if not stored:
        raise CertificateRefused(M("还没有登记批准日期，请先完成“确认”。"))
    return _day(stored)


def prepare(application: Application, actor: Actor, now: datetime) -> Certificate:
    """Number and store the certificate of `application` as things are `now`; called by ISSUE.

    Runs in ISSUE's transaction, so that number, certificate and state come together or not at all.
    Raises CertificateRefused without a photo, document number or approval date, and when the application
    has a certificate already.
    """
    spec, person = application.spec, application.person
    if application.photo is None:
        raise CertificateRefused(M("没有照片，不能发证。请先由人事退回补正照片。"))
    document_number = application.approval.get("document_number")
    if not document_number:
        raise CertificateRefused(M("还没有登记批准文号，请先完成“确认”。"))
    level = spec.level(application.level)
    certificate = Certificate(
        code=secrets.token_urlsafe(_CODE_BYTES),
        application=application,
        name=application.name,
        gender=person.gender,
        birth_date=person.birth_date,
        id_number=person.id_number,
        photo_sha256=application.photo.sha256,
        series=str(spec.series_label),
        speciality=_speciality(spec, application.speciality),
        title=str(level.title),
        level=str(level.label),
        committee=str(spec.committee(application.committee).name),
        organisation=str(spec.organisation),
        document_number=document_number,
        approved_on=approved_on(application),
        issued_on=local_date(now),
        issued_at=now,
        issued_by=actor.user_id,
    )

    def stored() -> Certificate:
        certificate.number = allocate_number(spec, application.level, application.year)
        try:
            return certificate.save(force_insert=True)
        except NotUniqueError as error:
            raise CertificateRefused(M("这份申报已经发过证书。")) from error

    return transaction(stored)


def by_code(code: str) -> Certificate | None:
    """The certificate whose QR code holds `code`, or None; anybody who holds the code may ask."""
    found: Certificate | None = Certificate.objects(code=code).first() if _CODE.fullmatch(code) else None
    return found


def read_code(text: str) -> str:
    """The code in what a person typed or pasted: the code itself, an address, with blanks or line breaks."""
    plain = re.sub(r"[\s\u200b-\u200f\u2060\ufeff]+", "", text)
    plain = plain.split("#", 1)[0]
    if "code=" in plain:
        plain = plain.split("code=", 1)[1].split("&", 1)[0]
    path = plain.split("?", 1)[0].rstrip("/")
    return path.rsplit("/", 1)[-1]


def masked_name(name: str) -> str:
    """`name` with the family name kept: 王*, 王**, 欧阳**; other writings keep each part's first letter."""
    name = name.strip()
    if re.search(r"[·•・\s]", name):
        return re.sub(r"[^·•・\s]+", lambda part: part.group()[0] + "*" * (len(part.group()) - 1), name)
    kept = 2 if len(name) > 2 and name[:2] in _DOUBLE_SURNAMES else 1
    if len(name) <= kept:
        return "*" * len(name)
    return name[:kept] + "*" * (len(name) - kept)


def _speciality(spec: RoundSpec, key: str) -> str:
    return str(spec.speciality(key).label) if key else ""


def _day(value: Any) -> date:
    """The day in China of a stored instant; a day or ISO text as it is."""
    if isinstance(value, datetime):
        return local_date(value)
    if isinstance(value, date):
        return value
    return date.fromisoformat(str(value)[:10])
