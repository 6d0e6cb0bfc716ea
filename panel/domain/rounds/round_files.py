"""Rounds as files: reading one, and bringing it into the database with its versions."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from models.choices import RoundState
from models.database import transaction
from models.messages import M, PingshenError
from models.review_round import ReviewRound, RoundVersion
from models.round_spec import RoundSpec

FOLDER = Path(__file__).resolve().parents[2] / "rounds"
#: In a file: other files, relative to it, that hold what several series share.
_BASE = "base"
#: The C parser is ten times as fast; both build plain values only.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BadRound(PingshenError):
    """A round's file can't be used; the message says where it is wrong."""


def shipped() -> list[Path]:
    """The files of the rounds that come with the program, one per series."""
    return sorted(FOLDER.glob("*.yaml"))


def load_file(path: Path) -> RoundSpec:
    """Read and validate a round from YAML; raises BadRound.

    Lists of the files named under `base` come first, in order, then the file's own; anything else in
    the file replaces what its base says.
    """
    data = _merged(path)
    try:
        return RoundSpec.model_validate(data)
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors(include_url=False, include_input=False)
        ]
        raise BadRound(
            M("批次文件 %(file)s 有误：%(problems)s", file=path.name, problems="; ".join(lines))
        ) from error


def import_round(spec: RoundSpec, now: datetime, state: RoundState = RoundState.OPEN) -> ReviewRound:
    """Store `spec` as the round of its code and return it; a change of content makes a new version.

    Each version is kept for those judged by it. `state` is that of a new round; the dates decide
    whether an open round takes applications.
    """
    data = spec.model_dump(mode="json")
    stored: ReviewRound = transaction(lambda: _store(spec, data, now, state))
    return stored


def _store(spec: RoundSpec, data: dict[str, Any], now: datetime, state: RoundState) -> ReviewRound:
    round: ReviewRound | None = ReviewRound.objects(code=spec.code).first()
    if round is not None and round.spec == spec:
        return round
    if round is None:
        round = ReviewRound(code=spec.code, version=0, state=state.value)
    values = {"title": spec.title.zh, "year": spec.year, "series": spec.series, "data": data}
    for key, value in (values | {"version": round.version + 1, "updated_at": now}).items():
        setattr(round, key, value)
    round.save()
    RoundVersion(round=round, version=round.version, data=data, at=now).save(force_insert=True)
    stored: ReviewRound = ReviewRound.objects.get(id=round.id)
    return stored


def read_plain(path: Path) -> dict[str, Any]:
    """What one file itself says, without its base; raises BadRound."""
    try:
        own: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 (a safe loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadRound(
            M("批次文件 %(file)s 无法读取：%(problem)s", file=path.name, problem=str(error))
        ) from error
    if not isinstance(own, dict):
        raise BadRound(M("批次文件 %(file)s 不是键值结构", file=path.name))
    return own


def _merged(path: Path) -> dict[str, Any]:
    own = read_plain(path)
    merged: dict[str, Any] = {}
    for name in own.pop(_BASE, []):
        _add(merged, _merged(path.parent / name))
    _add(merged, own)
    return merged


def _add(merged: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        both_lists = isinstance(value, list) and isinstance(merged.get(key), list)
        merged[key] = merged[key] + value if both_lists else value
