"""`panel doctor`: looks at the machine and says what to do where something is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from panel import assets
from panel.config import ConfigurationError, Mode, Settings, load
from panel.embedded import AlreadyOwnedError, EmbeddedMongo, EmbeddedMongoError, find_mongod, running_uri

FREE_BYTES = 2 * 1024**3
NOT_BEFORE = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Finding:
    """One line of the report; `advice` is empty where all is well, `fatal` says that nothing runs so."""

    subject: str
    text: str
    advice: str = ""
    fatal: bool = True

    @property
    def is_ok(self) -> bool:
        return not self.advice


def examine(settings: Settings | None = None) -> Iterator[Finding]:
    """All checks, cheapest first; a check that needs settings waits until these can be read."""
    for check in (python, libraries, font, catalogues, front_end):
        yield check()
    if settings is None:
        try:
            settings = load()
        except ConfigurationError as error:
            yield Finding("设置", "不完整", str(error))
            return
    yield keys(settings)
    yield disk(settings)
    yield database(settings)
    yield mail_server(settings)
    yield time_of_day(settings)


def python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    advice = "" if sys.version_info >= (3, 11) else "请安装 Python 3.11 或更高版本。"
    return Finding("Python", version, advice)


def libraries() -> Finding:
    """WeasyPrint finds Pango and HarfBuzz only when it is imported."""
    probe = (sys.executable, "-c", "import weasyprint; weasyprint.HTML(string='<p>x').write_pdf()")
    result = subprocess.run(probe, capture_output=True, text=True, check=False)  # noqa: S603 - our own code
    if result.returncode == 0:
        return Finding("PDF 排版库", "可用")
    lines = result.stderr.strip().splitlines()
    return Finding(
        "PDF 排版库",
        lines[-1] if lines else "不可用",
        "以 root 运行：apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    )


def font() -> Finding:
    """Printed forms need a font with Simplified Chinese."""
    advice = "以 root 运行：apt-get install fontconfig fonts-noto-cjk"
    if shutil.which("fc-list") is None:
        return Finding("中文字体", "没有 fc-list，无法查询", advice)
    command = ("fc-list", ":lang=zh-cn", "family")
    listed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    families = sorted({line.split(",")[0].strip() for line in listed.stdout.splitlines() if line.strip()})
    if not families:
        return Finding("中文字体", "没有找到", advice)
    return Finding("中文字体", families[0])


def catalogues() -> Finding:
    """A catalogue that was not compiled shows Chinese to English readers."""
    folder = Path(__file__).resolve().parent / "translations"
    stale = [
        source
        for source in folder.glob("*/LC_MESSAGES/*.po")
        if not source.with_suffix(".mo").is_file()
        or source.with_suffix(".mo").stat().st_mtime < source.stat().st_mtime
    ]
    if stale:
        return Finding("界面语言", f"{len(stale)} 个语言文件没有编译", "请运行 make setup。", fatal=False)
    return Finding("界面语言", "已编译")


def front_end() -> Finding:
    absent = assets.missing()
    if absent:
        return Finding("前端文件", f"缺 {len(absent)} 个，如 {absent[0]}", "请运行 make setup。")
    return Finding("前端文件", "齐全")


def keys(settings: Settings) -> Finding:
    folder = settings.var / "keys"
    if not folder.exists():
        return Finding("密钥", "由环境变量提供")
    exposed = [path for path in folder.iterdir() if path.stat().st_mode & 0o077]
    if exposed:
        return Finding("密钥", f"{exposed[0]} 可被他人读取", f"请运行：chmod 600 {folder}/*")
    return Finding("密钥", f"保存在 {folder}（请随数据一起备份）")


def disk(settings: Settings) -> Finding:
    place = settings.var
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    text = f"{place} 剩余 {free / 1024**3:.1f} GB"
    if not os.access(place, os.W_OK):
        return Finding("磁盘", f"{place} 不可写", "请修改目录权限，或用 PINGSHEN_VAR 指定另一个目录。")
    return Finding("磁盘", text, "" if free >= FREE_BYTES else "请至少留出 2 GB。")


def database(settings: Settings) -> Finding:
    """The configured server answers as a replica set, or the private one really starts (on trial data)."""
    if settings.mongodb_uri is not None:
        return _configured_server(settings.mongodb_uri)
    if running_uri(settings.var / "mongo"):
        return Finding("数据库", "内置数据库正在运行")
    with tempfile.TemporaryDirectory(prefix="pingshen-doctor-") as folder:
        try:
            with EmbeddedMongo(Path(folder), cache_gb=0.25):
                return Finding("数据库", f"内置数据库可用（{find_mongod()}）")
        except (EmbeddedMongoError, AlreadyOwnedError) as error:
            return Finding("数据库", "内置数据库不能启动", str(error))


def _configured_server(uri: str) -> Finding:
    """Transactions need a replica set or a sharded cluster."""
    from pymongo import MongoClient
    from pymongo.errors import PyMongoError

    try:
        with MongoClient[dict[str, object]](uri, serverSelectionTimeoutMS=5000) as client:
            hello = client.admin.command("hello")
            version = client.server_info()["version"]
    except PyMongoError as error:
        return Finding("数据库", f"MONGODB_URI 连接失败：{error}"[:300], "请检查地址、账号和网络。")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        return Finding(
            "数据库", f"MongoDB {version}，单机", "需要副本集（可以只有一个节点）：rs.initiate（）。"
        )
    return Finding("数据库", f"MongoDB {version}")


def mail_server(settings: Settings) -> Finding:
    """Whether the mail server lets us in; nothing is sent. Without one the rest runs all the same."""
    from panel.services import mail

    if not settings.smtp_url:
        return Finding("邮件", "没有设置 PINGSHEN_SMTP_URL，通知只在系统的消息里")
    server = mail.Server.of(settings.smtp_url)
    try:
        with mail.connection(server):
            return Finding("邮件", f"可以登录 {server.host}:{server.port}")
    except mail.ServerAway as error:
        advice = "请检查 PINGSHEN_SMTP_URL 的地址、端口、账号和加密方式。"
        return Finding("邮件", f"{server.host}:{server.port} 不可用：{error}", advice, fatal=False)


def time_of_day(settings: Settings) -> Finding:
    """Deadlines hang on the machine's clock; the offset of a demo is not looked at."""
    now = datetime.now(UTC)
    if now < NOT_BEFORE:
        return Finding(
            "系统时钟", f"{now:%Y-%m-%d %H:%M} UTC", "时间不对，请启用 NTP 校时（timedatectl set-ntp true）。"
        )
    if settings.mode is Mode.PRODUCTION and _is_not_synchronised():
        return Finding("系统时钟", "没有校时", "请运行：timedatectl set-ntp true", fatal=False)
    return Finding("系统时钟", f"{now:%Y-%m-%d %H:%M} UTC")


def _is_not_synchronised() -> bool:
    if shutil.which("timedatectl") is None:
        return False
    command = ("timedatectl", "show", "--property=NTPSynchronized", "--value")
    shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return shown.stdout.strip() == "no"
