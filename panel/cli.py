"""The `panel` command: everything an operator does at the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from pymongo.errors import PyMongoError

from models.choices import Role
from models.messages import PingshenError
from panel import assets as front_end
from panel import boot, clock, config, users
from panel.config import ConfigurationError, Mode, Settings
from panel.console import say, step, table
from panel.domain.errors import Invalid
from panel.embedded import EmbeddedMongoError
from panel.supervisor import SupervisorError
from panel.supervisor import run as supervise

EXPECTED = (
    ConfigurationError,
    EmbeddedMongoError,
    SupervisorError,
    PingshenError,
    front_end.AssetsError,
)


#: Setting that stands while demo data is being written.
_SEEDING = "demo_seeding"


class Failure(click.ClickException):
    """A problem said in one sentence instead of a traceback."""

    def show(self, file: Any = None) -> None:
        say(f"错误：{self.message}", problem=True)


class Explaining(click.Group):
    """A group whose commands end with a sentence where the trouble is the operator's to solve."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Invalid as error:
            raise Failure("；".join(str(message) for message in error.fields.values())) from error
        except EXPECTED as error:
            raise Failure(str(error)) from error
        except PyMongoError as error:
            raise Failure(f"数据库没有完成操作：{error}") from error


@click.group(cls=Explaining, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """评审（Pingshen）：职称评审系统。"""


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), help="端口，默认 8000；被占用时改用下一个。")
@click.option("--host", help="监听地址，默认只在本机（127.0.0.1）。")
def run(port: int | None, host: str | None) -> None:
    """启动数据库、网站和后台任务，按 Ctrl-C 全部停止。"""
    given = {"port": port, "host": host}
    settings = config.load(**{name: value for name, value in given.items() if value is not None})
    absent = front_end.missing()
    if absent:
        raise front_end.AssetsError(f"缺少前端文件（{absent[0]} 等），请先运行 make setup。")
    raise SystemExit(supervise(settings))


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="端口。")
def debug(port: int) -> None:
    """在前台用一个线程运行网站：代码里的 breakpoint() 停在这个终端。"""
    from panel import create_app

    settings = config.load(port=port)
    if settings.mode is Mode.PRODUCTION:
        raise ConfigurationError("正式环境不能在调试器中运行。")
    with boot.running_database(settings) as settings:
        _migrate()
        if settings.mode is Mode.DEMO:
            _seed_if_empty(settings)
        create_app(settings).run(settings.host, port, threaded=False)


@main.command(hidden=True)
def prepare() -> None:
    """What `run` does to the database before the web server starts."""
    with boot.running_database(config.load()) as settings:
        _migrate()
        if settings.mode is Mode.DEMO:
            _seed_if_empty(settings)


@main.command()
def migrate() -> None:
    """更新数据结构和索引，可重复运行。"""
    with boot.running_database(config.load()):
        version = _migrate()
    say(f"数据结构为第 {version} 版，索引齐全。")


@main.command()
@click.option("--reset", is_flag=True, help="先清空数据库。")
@click.option("--yes", is_flag=True, help="不再询问。")
def demo(reset: bool, yes: bool) -> None:
    """写入演示数据：一所虚构的大学和各个状态的申报。"""
    settings = config.load()
    if settings.mode is Mode.PRODUCTION:
        raise ConfigurationError("正式环境不能写入演示数据。")
    if reset and not yes:
        click.confirm(f"数据库“{settings.database}”的全部内容将被删除，不能恢复。继续？", abort=True)
    with boot.running_database(settings) as settings:
        if reset:
            _empty(settings)
        else:
            _migrate()
        if not _seed_if_empty(settings):
            raise ConfigurationError("数据库中已有账号。要重新开始，请运行 panel demo --reset。")


@main.command()
def doctor() -> None:
    """检查这台机器，缺什么就说怎么办。"""
    from panel.doctor import examine

    failed = False
    for finding in examine():
        say(f"{'✓' if finding.is_ok else '✗'} {finding.subject}：{finding.text}")
        if not finding.is_ok:
            say("    " + finding.advice.replace("\n", "\n    "))
            failed = failed or finding.fatal
    raise SystemExit(1 if failed else 0)


@main.command()
def assets() -> None:
    """把 npm 安装的前端文件复制到 panel/static/vendor。"""
    say(f"已复制 {front_end.copy()} 个前端文件。")


@main.group("users")
def users_group() -> None:
    """账号：查看、建立、重置密码、授予角色。"""


@users_group.command("list")
def list_users() -> None:
    """列出所有账号。"""
    from models.user import User

    with boot.running_database(config.load()):
        rows = [
            (user.username, user.name, "、".join(str(role.label) for role in user.roles), _condition(user))
            for user in User.objects.order_by("username")
        ]
    if rows:
        table([("账号", "姓名", "角色", "状态"), *rows])
    else:
        say("还没有账号，可用 panel users create 建立。")


@users_group.command("create")
@click.argument("username")
@click.option("--name", default="", help="姓名。省略时 USERNAME 是名册中的工号，账号属于此人，可以申报。")
def create_user(username: str, name: str) -> None:
    """建立账号 USERNAME，显示一次性密码。"""
    with boot.running_database(config.load()):
        slip = users.create(username, name, clock.now())
    say(f"已建立账号 {slip.username}（{slip.name}）。一次性密码：{slip.password}")


@users_group.command("reset-password")
@click.argument("username")
def reset_password(username: str) -> None:
    """给账号 USERNAME 一个新的一次性密码，并结束它的登录。"""
    with boot.running_database(config.load()):
        slip = users.reset_password(username, clock.now())
    say(f"账号 {slip.username}（{slip.name}）的一次性密码：{slip.password}")


_ROLES = click.Choice([role.value for role in users.GRANTABLE])


@users_group.command("grant")
@click.argument("username")
@click.argument("role", type=_ROLES)
@click.option("--unit", default="", help="单位代码（unit_hr、endorser、supervisor）。")
@click.option("--department", default="", help="部门代码（endorser）。")
@click.option("--office", default="", help="审核事项（endorser）。")
@click.option("--committee", default="", help="评委会代码（office、expert、chair、teller）。")
def grant(username: str, role: str, unit: str, department: str, office: str, committee: str) -> None:
    """授予账号 USERNAME 角色 ROLE。"""
    scope = users.Scope(unit, department, office, committee)
    with boot.running_database(config.load()):
        user = users.grant(username, Role(role), scope, clock.now())
        say(f"{user.username} 现有角色：{'、'.join(str(held.label) for held in user.roles)}")


@users_group.command("revoke")
@click.argument("username")
@click.argument("role", type=_ROLES)
def revoke(username: str, role: str) -> None:
    """收回账号 USERNAME 的角色 ROLE。"""
    with boot.running_database(config.load()):
        user = users.revoke(username, Role(role), clock.now())
        say(f"{user.username} 现有角色：{'、'.join(str(held.label) for held in user.roles) or '无'}")


def _condition(user: Any) -> str:
    if not user.is_enabled:
        return "停用"
    if user.is_locked(clock.now()):
        return "已锁定"
    return "待改密码" if user.must_change_password else "正常"


def _migrate() -> int:
    from panel.migrate import migrate as run_migrations

    return run_migrations(step)


def _empty(settings: Settings) -> None:
    from models.database import get_client

    get_client().drop_database(settings.database)
    _migrate()


def _seed_if_empty(settings: Settings) -> bool:
    """Seed a database that holds nothing, or only what an interrupted seeding left; whether it did."""
    from models.setting import Setting
    from panel import demo as demonstration

    if Setting.objects(key=_SEEDING).first():
        step("上次写入演示数据没有完成，清空后重新写入")
        _empty(settings)
    if not demonstration.is_empty():
        return False
    Setting(key=_SEEDING, value=True).save()
    step("写入演示数据")
    demonstration.seed(settings, step)
    Setting.objects(key=_SEEDING).delete()
    return True


if __name__ == "__main__":
    main(prog_name=f"python -m panel.{Path(__file__).stem}")
