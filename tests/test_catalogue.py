"""Both languages are whole: each text goes through the catalogue, and the English is complete and English."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po
from flask import Flask
from jinja2 import nodes

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "panel/translations/en/LC_MESSAGES/messages.po"
SOURCES = ("models", "panel", "views", "templates")
#: Chinese characters, and the punctuation that only Chinese uses.
CHINESE = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff01-\uff65]")
PLACE = re.compile(r"%\((\w+)\)[sd]|\{\w+\}")
#: What marks a text for the catalogue; the first argument is the text.
MARKS = {"_", "_l", "M", "gettext", "lazy_gettext", "ngettext"}
#: Chinese by design: the official form, one file per language, the terminal, the invented institution, and
#: what reads and writes Chinese dates and the official columns.
EXEMPT = (
    "templates/errors/unavailable.html",  # says the same in both, without a session
    "templates/print/",
    "templates/public/manual.zh.html",
    "templates/public/manual.en.html",
    "panel/demo/",
    "panel/assets.py",
    "panel/cli.py",
    "panel/config.py",
    "panel/console.py",
    "panel/doctor.py",
    "panel/embedded.py",
    "panel/supervisor.py",
    "panel/services/prints/print_",
    "panel/domain/rounds/columns.py",
    "panel/domain/importing/",  # reads tables in Chinese, with the words that people use in them
    "panel/domain/tables/",
    "panel/services/workbooks/import_templates.py",
    "panel/services/workbooks/workbook_",  # names of sheets that an import knows again
    # official tables, notices and files, and the message to applicants
    "panel/domain/checks/missing.py",
    "panel/domain/reports/overviews/cells.py",
    "panel/services/archives.py",
    "panel/services/case_files.py",
    "panel/services/prints/notice_documents.py",
    "models/values.py",
)
ROUNDS = sorted((ROOT / "panel/rounds").rglob("*.yaml"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def is_exempt(path: Path) -> bool:
    return named(path).startswith(EXEMPT)


TEMPLATES = [path for path in sorted((ROOT / "templates").rglob("*.html")) if not is_exempt(path)]
MODULES = [
    path for folder in SOURCES for path in sorted((ROOT / folder).rglob("*.py")) if not is_exempt(path)
]


# --- the catalogue ----------------------------------------------------------------------------------------


def is_source(folder: str) -> bool:
    parts = Path(folder).relative_to(ROOT).parts
    return not parts or (parts[0] in SOURCES and "static" not in parts)


@cache
def extracted() -> Catalog:
    """The texts that `make messages` finds, with its own settings."""
    keywords = re.search(r'--keywords "([^"]+)"', (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert keywords
    with (ROOT / "panel/translations/babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    catalogue = Catalog()
    for path, line, text, comments, context in extract_from_dir(
        ROOT,
        methods,
        options,
        keywords={**DEFAULT_KEYWORDS, **parse_keywords(keywords[1].split())},
        directory_filter=is_source,
    ):
        catalogue.add(text, None, [(path, line)], auto_comments=comments, context=context)
    return catalogue


@cache
def english() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def entries() -> list[Message]:
    return [message for message in english() if message.id]


def msgid(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> tuple[str, ...]:
    """The translation: one form, or two if it counts."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def places(text: str) -> Counter[str]:
    return Counter(match.group(0) for match in PLACE.finditer(text))


def test_the_sources_hold_texts() -> None:
    assert len(extracted()) > 1000


def test_every_text_of_the_sources_is_in_the_catalogue() -> None:
    """Run `make messages`, then translate what is new."""
    known = {message.id for message in entries()}
    missing = {message.id: message.locations for message in extracted() if message.id not in known}
    missing.pop("", None)
    assert missing == {}


def test_the_catalogue_holds_nothing_that_the_sources_have_not() -> None:
    found = {message.id for message in extracted()}
    assert [message.id for message in entries() if message.id not in found] == []
    assert list(english().obsolete) == []


def test_every_text_has_an_english_translation() -> None:
    assert [msgid(entry) for entry in entries() if not all(form.strip() for form in forms(entry))] == []
    assert [msgid(entry) for entry in entries() if entry.fuzzy] == []


def test_no_translation_is_chinese_or_a_copy() -> None:
    assert [form for entry in entries() for form in forms(entry) if CHINESE.search(form)] == []
    copied = [msgid(entry) for entry in entries() if msgid(entry) in forms(entry)]
    assert [text for text in copied if CHINESE.search(text)] == []


def test_a_translation_keeps_the_places_for_values() -> None:
    wrong = [
        (msgid(entry), form)
        for entry in entries()
        for form in forms(entry)
        if places(form) != places(msgid(entry))
    ]
    assert wrong == []


def test_english_counts_have_singular_and_plural() -> None:
    """A text that counts `n` of something has two forms; they may be alike (“3 selected”)."""
    wrong = [msgid(entry) for entry in entries() if ("%(n)s" in msgid(entry)) != (len(forms(entry)) == 2)]
    assert wrong == []


# --- templates --------------------------------------------------------------------------------------------


ENVIRONMENT = Flask(__name__).jinja_env


@cache
def parsed(path: Path) -> nodes.Template:
    return ENVIRONMENT.parse(path.read_text(encoding="utf-8"), name=named(path))


def called_name(call: nodes.Call) -> str:
    return call.node.name if isinstance(call.node, nodes.Name) else ""


def marked(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Call) and called_name(node) in MARKS


def unmarked_texts(node: nodes.Node) -> Iterator[str]:
    """What a template shows without asking the catalogue: markup, and texts in expressions."""
    if isinstance(node, nodes.TemplateData):
        yield from (line.strip() for line in node.data.splitlines() if CHINESE.search(line))
    elif isinstance(node, nodes.Const) and isinstance(node.value, str) and CHINESE.search(node.value):
        yield node.value
    children = list(node.iter_child_nodes())
    if marked(node):
        children = [child for child in children if child not in node.args[:1]]
    for child in children:
        yield from unmarked_texts(child)


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_shows_only_texts_of_the_catalogue(path: Path) -> None:
    assert list(unmarked_texts(parsed(path))) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_text_in_a_template_gets_its_values(path: Path) -> None:
    for call in parsed(path).find_all(nodes.Call):
        if not marked(call):
            continue
        text = call.args[0]
        assert isinstance(text, nodes.Const), f"line {call.lineno}: only a literal can be found"
        if call.dyn_kwargs:
            continue
        given = {keyword.key for keyword in call.kwargs}
        assert {name for name in PLACE.findall(text.value) if name} == given, text.value


def imported() -> set[str]:
    """The templates that others import macros from."""
    wanted = (nodes.Import, nodes.FromImport)
    found = [node.template for path in TEMPLATES for node in parsed(path).find_all(wanted)]
    return {f"templates/{name.value}" for name in found if isinstance(name, nodes.Const)}


@pytest.mark.parametrize("name", sorted(imported()))
def test_a_library_of_macros_translates_within_its_macros(name: str) -> None:
    """What it sets outside is computed once, in the language of whoever comes first."""
    outside = [node for node in parsed(ROOT / name).body if not isinstance(node, nodes.Macro)]
    calls = [call for node in outside for call in node.find_all(nodes.Call)]
    assert [call.args[0] for call in calls if marked(call) or called_name(call) == "tr"] == []


# --- Python -----------------------------------------------------------------------------------------------

#: Chinese that no page translates, by file and how it begins: names, what is typed or printed officially.
ALLOWED: dict[str, tuple[str, ...]] = {
    "panel/domain/actors.py": ("系统",),
    "panel/domain/steps/certificates.py": ("欧阳上官",),
    "panel/domain/rounds/field_parsers.py": ("是", "否", "至今", "今", "\\s*(?:/"),
    "panel/domain/review/opinions.py": ("经 ", " 位"),
    "panel/domain/publicity/lists.py": ("；", "评审"),
    # words of a text that HR types
    "panel/domain/desk/reminders.py": ("姓名", "截止日", "还剩天数", "还缺几处", "{", "年", "月", "日"),
    "panel/services/words.py": ("yyyy年M月d日",),
    "views/my/attachments/files.py": ("文件",),
    "views/my/submit.py": ("评审表-", "预览"),
    "views/shared/documents.py": ("评审表-", "证书-", "预览"),
    "views/admin/cases/lines.py": ("[^，。",),
    "views/admin/material/table.py": ("材料表-", "材料表.pdf"),
    "views/kit/i18n.py": ("简体中文", "yyyy年M月d日"),
}


def docstrings(tree: ast.Module) -> set[ast.AST]:
    """Strings that stand alone, which nobody sees."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def called(node: ast.Call) -> str:
    function = node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def is_bilingual(node: ast.Call) -> bool:
    """A round's text in both languages: Text(zh="…", en="…")."""
    return called(node) in {"Text", "LocalText"} and {"zh", "en"} <= {word.arg for word in node.keywords}


def unmarked_strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    skipped: set[ast.AST] = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in MARKS:
            skipped |= set(node.args[: 2 if called(node) == "ngettext" else 1])
        elif isinstance(node, ast.Call) and is_bilingual(node):
            skipped |= {part for word in node.keywords for part in ast.walk(word.value)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in skipped:
            continue
        if CHINESE.search(node.value):
            yield node.lineno, node.value


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_python_shows_only_texts_of_the_catalogue(path: Path) -> None:
    found = unmarked_strings(ast.parse(path.read_text(encoding="utf-8")))
    allowed = ALLOWED.get(named(path), ())
    assert [(line, text) for line, text in found if not text.startswith(allowed)] == []


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_text_in_python_gets_its_values(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or called(node) not in MARKS or not node.args:
            continue
        text = node.args[0]
        if not isinstance(text, ast.Constant) or any(word.arg is None for word in node.keywords):
            continue
        given = {word.arg for word in node.keywords}
        assert {name for name in PLACE.findall(text.value) if name} == given, text.value


# --- the shipped rounds -----------------------------------------------------------------------------------

#: The way through a Chinese app, which has no English names: only quoted from it.
QUOTED = "市民中心 → 社保 → 综合服务 → 人社部官方服务 → 个人社保参保证明查询打印"


def texts(data: Any, at: str = "") -> Iterator[tuple[str, str, str]]:
    """All texts of a round as (place, Chinese, English); a plain Chinese string has no English."""
    if isinstance(data, dict) and "zh" in data:
        yield at, data["zh"], data.get("en", "")
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from texts(value, f"{at}.{key}")
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from texts(value, f"{at}[{index}]")
    elif isinstance(data, str) and CHINESE.search(data):
        yield at, data, ""


def has_words(template: str) -> bool:
    """Whether a text says something beside the values that are put into it: “{start}—[{end}]” doesn't."""
    return bool(CHINESE.search(re.sub(r"\{\w+\}", "", template)))


def round_texts(path: Path) -> list[tuple[str, str, str]]:
    return list(texts(yaml.safe_load(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("path", ROUNDS, ids=named)
def test_a_shipped_round_speaks_both_languages(path: Path) -> None:
    found = round_texts(path)
    wanting = [(at, zh) for at, zh, en in found if has_words(zh) and not en.strip()]
    # 年 after a year is Chinese alone: “2023年” is “2023” in English.
    assert [(at, zh) for at, zh in wanting if (at.rpartition(".")[2], zh) != ("unit", "年")] == []
    chinese = [(at, en) for at, _, en in found if CHINESE.search(re.sub(QUOTED, "", en))]
    assert chinese == []


@pytest.mark.parametrize("path", ROUNDS, ids=named)
def test_a_round_fills_the_same_values_into_both_languages(path: Path) -> None:
    """`{value}` and `{key|otherwise}`: see panel/domain/texts.py."""
    for at, chinese, english_text in round_texts(path):
        keys = [set(re.findall(r"\{(\w+)[|}]", text)) for text in (chinese, english_text)]
        assert keys[0] == keys[1] or not english_text, at


def test_the_shipped_rounds_hold_texts() -> None:
    assert sum(len(round_texts(path)) for path in ROUNDS) > 100
