"""Settings come from the environment alone, and keys are made once or asked for."""

import base64
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from panel.config import ConfigurationError, Mode, Settings, load

DATA_KEY = base64.b64encode(b"k" * 32).decode()
PRODUCTION = {
    "PINGSHEN_MODE": "production",
    "PINGSHEN_SECRET_KEY": "a-long-and-secret-key",
    "PINGSHEN_DATA_KEY": DATA_KEY,
    "MONGODB_URI": "mongodb://db.invalid/?replicaSet=rs0",
    "PINGSHEN_BASE_URL": "https://review.example.edu.cn",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """Only what a test sets is in the environment."""
    for name in list(os.environ):
        if name.startswith("PINGSHEN_") or name == "MONGODB_URI":
            monkeypatch.delenv(name)
    monkeypatch.setenv("PINGSHEN_VAR", str(tmp_path / "var"))
    return monkeypatch


def test_defaults_are_a_demo_on_loopback() -> None:
    settings = load()
    assert settings.mode is Mode.DEMO
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.mongodb_uri is None
    assert settings.has_clock_control


def test_environment_is_read_with_the_prefix(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PINGSHEN_PORT", "8123")
    environment.setenv("PINGSHEN_BASE_URL", "https://review.example.edu.cn/")
    environment.setenv("MONGODB_URI", "mongodb://127.0.0.1:27018/")
    settings = load()
    assert settings.port == 8123
    assert settings.base_url == "https://review.example.edu.cn"
    assert settings.mongodb_uri == "mongodb://127.0.0.1:27018/"


def test_empty_variable_counts_as_not_set(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("MONGODB_URI", "")
    assert load().mongodb_uri is None


def test_override_wins_over_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PINGSHEN_PORT", "8123")
    environment.setenv("MONGODB_URI", "mongodb://127.0.0.1:1/")
    settings = load(port=9000, mongodb_uri="mongodb://127.0.0.1:2/", mode=Mode.TEST)
    assert settings.port == 9000
    assert settings.mongodb_uri == "mongodb://127.0.0.1:2/"
    assert settings.mode is Mode.TEST


def test_missing_keys_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first, second = load(), load()
    assert first.secret_key == second.secret_key
    assert first.data_key == second.data_key
    for name in ("secret_key", "data_key"):
        path = tmp_path / "var" / "keys" / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(p.name for p in (tmp_path / "var" / "keys").iterdir()) == ["data_key", "secret_key"]


def test_key_from_environment_is_not_written_down(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("PINGSHEN_DATA_KEY", DATA_KEY)
    assert load().data_key == DATA_KEY
    assert not (tmp_path / "var" / "keys" / "data_key").exists()


def test_broken_kept_data_key_is_refused_not_replaced(tmp_path: Path) -> None:
    load()
    path = tmp_path / "var" / "keys" / "data_key"
    path.write_text("broken")
    with pytest.raises(ConfigurationError, match="data_key 已损坏"):
        load()
    assert path.read_text() == "broken"


@pytest.mark.parametrize("name", ["PINGSHEN_SECRET_KEY", "PINGSHEN_DATA_KEY", "MONGODB_URI"])
def test_production_refuses_to_start_without_it(
    environment: pytest.MonkeyPatch, name: str, tmp_path: Path
) -> None:
    for key, value in PRODUCTION.items():
        if key != name:
            environment.setenv(key, value)
    with pytest.raises(ConfigurationError, match=name):
        load()
    assert not (tmp_path / "var" / "keys").exists()


def test_complete_production_starts_and_cannot_move_time(environment: pytest.MonkeyPatch) -> None:
    for key, value in PRODUCTION.items():
        environment.setenv(key, value)
    settings = load()
    assert settings.mode is Mode.PRODUCTION
    assert not settings.has_clock_control


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PINGSHEN_PORT", "70000", "PINGSHEN_PORT"),
        ("PINGSHEN_MODE", "prod", "PINGSHEN_MODE"),
        ("PINGSHEN_DATA_KEY", "not base64!", "不是 base64"),
        ("PINGSHEN_DATA_KEY", base64.b64encode(b"short").decode(), "32 字节"),
        ("PINGSHEN_BASE_URL", "review.example.edu.cn", "PINGSHEN_BASE_URL"),
    ],
)
def test_wrong_setting_is_named(environment: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    environment.setenv(name, value)
    with pytest.raises(ConfigurationError, match=said):
        load()


def test_data_key_is_read_as_32_bytes() -> None:
    assert load(data_key=DATA_KEY).data_key_bytes == b"k" * 32
    assert len(load().data_key_bytes) == 32


def test_settings_that_were_not_loaded_have_no_data_key() -> None:
    with pytest.raises(ConfigurationError, match="数据密钥"):
        Settings().data_key_bytes  # noqa: B018 - reading it is the test


def test_child_comes_to_the_same_settings_and_keys(environment: pytest.MonkeyPatch) -> None:
    own = load(mode=Mode.TEST, port=8111, mongodb_uri="mongodb://127.0.0.1:1/", worker_seconds=2.5)
    passed = own.environment()
    assert str(own.data_key) not in passed.values()
    for name, value in passed.items():
        environment.setenv(name, value)
    assert load() == own


def test_settings_are_frozen_and_do_not_print_keys() -> None:
    settings = load(data_key=DATA_KEY)
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]
    assert DATA_KEY not in repr(settings)
    assert str(settings.secret_key) not in repr(settings)


def test_a_mail_server_needs_a_sender(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PINGSHEN_SMTP_URL", "smtp://hr:secret-word@mail.jcut.edu.cn:587")
    with pytest.raises(ConfigurationError, match="PINGSHEN_SMTP_URL 有误：还要设置发件人 PINGSHEN_MAIL_FROM"):
        load()
    environment.setenv("PINGSHEN_MAIL_FROM", "人力资源部 <hr@jcut.edu.cn>")
    settings = load()
    assert settings.smtp_url == "smtp://hr:secret-word@mail.jcut.edu.cn:587"
    assert "secret-word" not in repr(settings)
    assert "secret-word" not in str(settings.environment())


@pytest.mark.parametrize(
    "value",
    ["mail.jcut.edu.cn:25", "http://mail.jcut.edu.cn", "smtp://", "smtp://h:secret", "smtp://u:密码@mail.cn"],
)
def test_a_mail_server_that_cant_be_one_is_refused_without_its_password(
    environment: pytest.MonkeyPatch, value: str
) -> None:
    environment.setenv("PINGSHEN_MAIL_FROM", "hr@jcut.edu.cn")
    environment.setenv("PINGSHEN_SMTP_URL", value)
    with pytest.raises(ConfigurationError) as refusal:
        load()
    assert "PINGSHEN_SMTP_URL" in str(refusal.value)
    assert "secret" not in str(refusal.value)
    assert "密码@mail.cn" not in str(refusal.value)


def test_a_sender_is_an_address(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PINGSHEN_MAIL_FROM", "人力资源部")
    with pytest.raises(ConfigurationError, match="PINGSHEN_MAIL_FROM"):
        load()


def test_only_test_mode_hashes_passwords_weakly(environment: pytest.MonkeyPatch) -> None:
    for name, value in PRODUCTION.items():
        environment.setenv(name, value)
    weak = {mode for mode in Mode if load(mode=mode).has_weak_passwords}
    assert weak == {Mode.TEST}
