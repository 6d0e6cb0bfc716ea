"""The settings of one running Pingshen, read once from the environment.

Names in the environment start with ``PINGSHEN_`` (``PINGSHEN_PORT=8001``); only the database keeps the
name that everybody uses, ``MONGODB_URI``.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Callable
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import AliasChoices, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parent.parent
DATA_KEY_BYTES = 32


class ConfigurationError(Exception):
    """The environment does not allow a start; the message says what to set."""


class Mode(StrEnum):
    """What this installation is for: it decides on demo data, the clock control and strictness."""

    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Everything that can be set from outside, typed and frozen; get one from `load`."""

    model_config = SettingsConfigDict(
        env_prefix="PINGSHEN_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    mode: Mode = Mode.DEMO
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    var: Path = REPOSITORY / "var"
    mongodb_uri: str | None = Field(None, validation_alias=AliasChoices("mongodb_uri", "MONGODB_URI"))
    database: str = "pingshen"
    secret_key: str | None = Field(None, min_length=16, repr=False)
    data_key: str | None = Field(None, repr=False, description="base64 of 32 random bytes")
    base_url: str | None = Field(None, description="the address people use, for QR codes and mails")
    mail_from: str | None = Field(None, description="sender of mails: an address, or Name <address>")
    smtp_url: str | None = Field(
        None, repr=False, description="smtp://user:password@host:587, or smtps://…; without it no mail leaves"
    )

    session_idle_minutes: int = Field(120, ge=1)
    sign_in_attempts: int = Field(5, ge=1)
    sign_in_lock_minutes: int = Field(15, ge=1)
    worker_seconds: float = Field(20, gt=0)
    web_threads: int = Field(8, ge=1)
    trusted_proxies: int = Field(0, ge=0, description="how many proxies in front set X-Forwarded-*")

    photo_bytes: int = Field(10 * 1024 * 1024, ge=1)
    file_bytes: int = Field(20 * 1024 * 1024, ge=1)
    upload_bytes: int = Field(100 * 1024 * 1024, ge=1, description="what is taken to be compressed or joined")
    file_pages: int = Field(200, ge=1)
    image_pixels: int = Field(50_000_000, ge=1)

    @field_validator("var")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        """Child processes may start in another directory."""
        return value.expanduser().absolute()

    @field_validator("data_key")
    @classmethod
    def _is_a_data_key(cls, value: str | None) -> str | None:
        if value is not None:
            decode_data_key(value)
        return value

    @field_validator("base_url")
    @classmethod
    def _without_final_slash(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("要以 http:// 或 https:// 开头")
        return value.rstrip("/") if value else value

    @field_validator("mail_from")
    @classmethod
    def _is_a_sender(cls, value: str | None) -> str | None:
        if value is not None and "@" not in parseaddr(value)[1]:
            raise ValueError("要写成 hr@school.edu.cn 或 人力资源部 <hr@school.edu.cn>")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        try:
            complete = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port that is no number
            complete = False
        if not complete:
            # the value itself holds a password and is not repeated
            raise ValueError("要写成 smtp://用户名:密码@主机:587 或 smtps://用户名:密码@主机:465")
        if not unquote(f"{parts.username}{parts.password}").isascii():
            raise ValueError("用户名和密码只能用英文字母、数字和符号")
        if "mail_from" in info.data and info.data["mail_from"] is None:
            raise ValueError("还要设置发件人 PINGSHEN_MAIL_FROM")
        return value

    @property
    def has_clock_control(self) -> bool:
        """Whether time may be moved: never in production."""
        return self.mode is not Mode.PRODUCTION

    @property
    def has_weak_passwords(self) -> bool:
        """Whether passwords are hashed with next to no strength: for tests alone."""
        return self.mode is Mode.TEST

    def environment(self) -> dict[str, str]:
        """The variables by which a child process comes to these settings.

        Keys and the mail server's password are not among them: it finds them where this process did, in its
        environment or under `var`.
        """
        secrets_of_this = {"secret_key", "data_key", "smtp_url"}
        values = self.model_dump(mode="json", exclude=secrets_of_this, exclude_none=True)
        named = {f"PINGSHEN_{name.upper()}": str(value) for name, value in values.items()}
        if "PINGSHEN_MONGODB_URI" in named:
            named["MONGODB_URI"] = named.pop("PINGSHEN_MONGODB_URI")
        return named

    @property
    def data_key_bytes(self) -> bytes:
        """The 32 bytes that personal data is encrypted with; settings from `load` always have them."""
        if self.data_key is None:
            raise ConfigurationError("没有数据密钥：请用 panel.config.load() 取得设置。")
        return decode_data_key(self.data_key)


def decode_data_key(text: str) -> bytes:
    """The 32 bytes of a base64 data key; `ValueError` with what to do otherwise."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("不是 base64；可用 openssl rand -base64 32 生成") from error
    if len(raw) != DATA_KEY_BYTES:
        raise ValueError("要求 32 字节的 base64；可用 openssl rand -base64 32 生成")
    return raw


def load(**overrides: Any) -> Settings:
    """The settings of this process, complete with keys; `overrides` win over the environment.

    Raises `ConfigurationError` with one sentence per problem. Demo and test mode make missing keys once
    and keep them under ``var/keys``; production mode asks for them.
    """
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise ConfigurationError(_explain(error)) from error
    if settings.mode is Mode.PRODUCTION:
        _refuse_incomplete_production(settings)
        return settings
    keys = settings.var / "keys"
    secret_key = settings.secret_key or _kept(keys / "secret_key", lambda: secrets.token_urlsafe(48))
    data_key = settings.data_key or _kept_data_key(keys / "data_key")
    return settings.model_copy(update={"secret_key": secret_key, "data_key": data_key})


def _refuse_incomplete_production(settings: Settings) -> None:
    missing = [
        sentence
        for value, sentence in (
            (settings.secret_key, "PINGSHEN_SECRET_KEY（会话签名密钥，用 openssl rand -base64 48 生成）"),
            (settings.data_key, "PINGSHEN_DATA_KEY（加密密钥，用 openssl rand -base64 32 生成并备份）"),
            (settings.mongodb_uri, "MONGODB_URI（正式使用的 MongoDB 副本集地址）"),
            (settings.base_url, "PINGSHEN_BASE_URL（用户访问的网址，印在证书的二维码里）"),
        )
        if not value
    ]
    if missing:
        raise ConfigurationError("正式环境不能启动，请设置：" + "；".join(missing) + "。")


def _explain(error: ValidationError) -> str:
    """One sentence per wrong setting, under the name it has in the environment."""
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        name = str(problem["loc"][0]) if problem["loc"] else ""
        variable = "MONGODB_URI" if name.lower() == "mongodb_uri" else f"PINGSHEN_{name.upper()}"
        lines.append(f"设置 {variable} 有误：{problem['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)


def _kept_data_key(path: Path) -> str:
    text = _kept(path, lambda: base64.b64encode(secrets.token_bytes(DATA_KEY_BYTES)).decode("ascii"))
    try:
        decode_data_key(text)
    except ValueError as error:
        raise ConfigurationError(f"{path} 已损坏，请从备份恢复，否则读不出已加密的内容。") from error
    return text


def _kept(path: Path, make: Callable[[], str]) -> str:
    """The text kept in `path`, made on first use, readable by the owner alone.

    Several processes start at once: each writes a file of its own, and the first to link it wins.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first: its key is the one to use
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()
