"""The `panel` command as an operator types it, on the real database."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pymongo.database import Database

from models.setting import Setting
from models.user import User
from panel import boot, demo
from panel.cli import main
from panel.config import Settings
from panel.migrate import migrate

Panel = Callable[..., Result]


@pytest.fixture
def panel(settings: Settings, database: Database[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Panel]:
    """Run `panel` with the settings of the tests."""
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    yield lambda *words, answer="": CliRunner().invoke(main, list(words), input=answer)
    # A reset drops the database, and with it the indexes that other tests count on.
    boot.connect(settings)
    migrate()


def test_help_names_every_command(panel: Panel) -> None:
    said = panel("--help").output
    for command in ("run", "demo", "migrate", "doctor", "users", "assets"):
        assert f"\n  {command} " in said
    assert "prepare" not in said


def test_migrate_may_be_repeated(panel: Panel) -> None:
    assert panel("migrate").exit_code == 0
    assert "索引齐全" in panel("migrate").output


def test_accounts_are_made_listed_and_given_roles(panel: Panel) -> None:
    assert "还没有账号" in panel("users", "list").output
    made = panel("users", "create", "root", "--name", "管理员")
    assert "一次性密码：" in made.output
    assert "系统管理员" in panel("users", "grant", "root", "admin").output
    listed = panel("users", "list").output
    assert "root" in listed
    assert "系统管理员" in listed
    assert "待改密码" in listed
    assert "一次性密码：" in panel("users", "reset-password", "root").output


def test_refusal_is_a_sentence_without_a_traceback(panel: Panel) -> None:
    refused = panel("users", "reset-password", "nobody")
    assert refused.exit_code == 1
    assert "错误：没有账号“nobody”" in refused.output
    panel("users", "create", "root", "--name", "管理员")
    again = panel("users", "create", "root", "--name", "管理员")
    assert again.exit_code == 1
    assert "已有人使用" in again.output


def test_unknown_role_is_refused_with_the_choices(panel: Panel) -> None:
    refused = panel("users", "grant", "root", "emperor")
    assert refused.exit_code == 2
    assert "unit_hr" in refused.output


def test_unreachable_database_is_said(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.database.SELECTION_MS", 300)
    monkeypatch.setenv("MONGODB_URI", "mongodb://127.0.0.1:1/")
    refused = panel("users", "list")
    assert refused.exit_code == 1
    assert "错误：数据库没有完成操作" in refused.output


def test_demo_is_refused_in_production(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINGSHEN_MODE", "production")
    monkeypatch.setenv("PINGSHEN_SECRET_KEY", "a-long-and-secret-key")
    monkeypatch.setenv("PINGSHEN_DATA_KEY", "a" * 43 + "=")
    refused = panel("demo", "--reset", "--yes")
    assert refused.exit_code == 1
    assert "正式环境不能写入演示数据" in refused.output


def test_debugging_is_refused_in_production(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINGSHEN_MODE", "production")
    monkeypatch.setenv("PINGSHEN_SECRET_KEY", "a-long-and-secret-key")
    monkeypatch.setenv("PINGSHEN_DATA_KEY", "a" * 43 + "=")
    refused = panel("debug")
    assert refused.exit_code == 1
    assert "正式环境不能在调试器中运行" in refused.output


def test_demo_is_not_written_over_data(panel: Panel) -> None:
    panel("users", "create", "root", "--name", "管理员")
    refused = panel("demo")
    assert refused.exit_code == 1
    assert "panel demo --reset" in refused.output
    assert User.objects.count() == 1


def test_reset_that_is_not_confirmed_deletes_nothing(panel: Panel) -> None:
    panel("users", "create", "root", "--name", "管理员")
    assert panel("demo", "--reset", answer="n\n").exit_code == 1
    assert User.objects(username="root").count() == 1


def test_interrupted_demo_is_written_anew(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(settings: Settings, report: Callable[[str], None]) -> None:
        User(username="half", name="半个").save()
        raise KeyboardInterrupt

    def complete(settings: Settings, report: Callable[[str], None]) -> None:
        assert demo.is_empty()
        User(username="whole", name="整个").save()

    monkeypatch.setattr(demo, "seed", interrupted)
    assert panel("demo").exit_code != 0
    assert User.objects(username="half").count() == 1
    monkeypatch.setattr(demo, "seed", complete)
    result = panel("demo")
    assert result.exit_code == 0
    assert "没有完成，清空后重新写入" in result.output
    assert [user.username for user in User.objects] == ["whole"]
    assert [row.key for row in Setting.objects] == ["migration"]


def test_doctor_finds_this_machine_fit(panel: Panel) -> None:
    report = panel("doctor")
    assert report.exit_code == 0, report.output
    assert "✓ 数据库：MongoDB" in report.output
    assert "✓ PDF 排版库：可用" in report.output
    assert "✓ 中文字体" in report.output
