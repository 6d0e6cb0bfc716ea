"""Both languages are whole: each text goes through the catalogue, and the English is complete and English.

A rule lists every finding, `file:line what`; `BREACHES` shows the rules of templates and modules one each.
"""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
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

from tests.sources import PRODUCT, ROOT, Source, files, modules

CATALOGUE = ROOT / "panel/translations/en/LC_MESSAGES/messages.po"
SOURCES = (*PRODUCT, "templates")
#: Chinese characters, and the punctuation that only Chinese uses.
CHINESE = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff01-\uff65]")
PLACE = re.compile(r"%\((\w+)\)[sd]|\{\w+\}")
Rule = Callable[[Iterable[Source]], list[str]]
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
    "panel/domain/rounds/printed_columns.py",
    "panel/domain/importing/",  # reads tables in Chinese, with the words that people use in them
    "panel/domain/tables/",
    "panel/services/workbooks/import_templates.py",
    "panel/services/workbooks/workbook_",  # names of sheets that an import knows again
    # official tables, notices and files, and the message to applicants
    "panel/domain/checks/chat_summary.py",
    "panel/domain/reports/overviews/cells.py",
    "panel/services/archives.py",
    "panel/services/case_files.py",
    "panel/services/prints/notice_documents.py",
    "models/values.py",
)
ROUNDS = files("panel/rounds", "*.yaml")


def is_exempt(source: Source) -> bool:
    return source.place.startswith(EXEMPT)


TEMPLATES = [source for source in files("templates", "*.html") if not is_exempt(source)]
MODULES = [source for source in modules(*PRODUCT) if not is_exempt(source)]


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
def parsed(source: Source) -> nodes.Template:
    return ENVIRONMENT.parse(source.text, name=source.place)


def called_name(call: nodes.Call) -> str:
    return call.node.name if isinstance(call.node, nodes.Name) else ""


def marked(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Call) and called_name(node) in MARKS


def unmarked_texts(node: nodes.Node) -> Iterator[tuple[int, str]]:
    """What a template shows without asking the catalogue: markup, and texts in expressions."""
    if isinstance(node, nodes.TemplateData):
        lines = enumerate(node.data.split("\n"), node.lineno)
        yield from ((number, line.strip()) for number, line in lines if CHINESE.search(line))
    elif isinstance(node, nodes.Const) and isinstance(node.value, str) and CHINESE.search(node.value):
        yield node.lineno, node.value
    children = list(node.iter_child_nodes())
    if marked(node):
        children = [child for child in children if child not in node.args[:1]]
    for child in children:
        yield from unmarked_texts(child)


def untranslated_in_templates(sources: Iterable[Source]) -> list[str]:
    return [source.at(*found) for source in sources for found in unmarked_texts(parsed(source))]


def lost_values_in_templates(sources: Iterable[Source]) -> list[str]:
    """Texts whose places and values differ, or that are no literal and so can't be found."""
    found = []
    for source in sources:
        for call in filter(marked, parsed(source).find_all(nodes.Call)):
            text = call.args[0]
            if not isinstance(text, nodes.Const):
                found.append(source.at(call.lineno, "only a literal can be found"))
            elif not call.dyn_kwargs and wanted(text.value) != {word.key for word in call.kwargs}:
                found.append(source.at(call.lineno, text.value))
    return found


def wanted(text: str) -> set[str]:
    """The names of the values that a text has places for."""
    return {name for name in PLACE.findall(text) if name}


def libraries(sources: Iterable[Source]) -> set[str]:
    """The templates that others import macros from."""
    kinds = (nodes.Import, nodes.FromImport)
    found = [node.template for source in sources for node in parsed(source).find_all(kinds)]
    return {f"templates/{name.value}" for name in found if isinstance(name, nodes.Const)}


def translated_outside_macros(sources: Iterable[Source]) -> list[str]:
    """What a library of macros sets outside them is computed once, in the language of whoever comes first."""
    sources = list(sources)
    names = libraries(sources)
    return [
        source.at(call.lineno, "translated outside a macro")
        for source in sources
        if source.place in names
        for node in parsed(source).body
        if not isinstance(node, nodes.Macro)
        for call in node.find_all(nodes.Call)
        if marked(call) or called_name(call) == "tr"
    ]


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
    "views/my/submit.py": ("评审表-", "预览"),
    "views/shared/documents.py": ("评审表-", "证书-", "预览"),
    "views/admin/cases/lines.py": ("[^，。",),
    "views/admin/material/table.py": ("材料表-", "材料表.pdf"),
    "views/kit/i18n.py": ("简体中文", "yyyy年M月d日"),
}


def docstrings(source: Source) -> set[ast.AST]:
    """Strings that stand alone, which nobody sees."""
    return {node.value for node in source.nodes if isinstance(node, ast.Expr)}


def called(node: ast.Call) -> str:
    function = node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def is_bilingual(node: ast.Call) -> bool:
    """A round's text in both languages: Text(zh="…", en="…")."""
    return called(node) in {"Text", "LocalText"} and {"zh", "en"} <= {word.arg for word in node.keywords}


def unmarked_strings(source: Source) -> Iterator[tuple[int, str]]:
    skipped = docstrings(source)
    for node in source.nodes:
        if isinstance(node, ast.Call) and called(node) in MARKS:
            skipped |= set(node.args[: 2 if called(node) == "ngettext" else 1])
        elif isinstance(node, ast.Call) and is_bilingual(node):
            skipped |= {part for word in node.keywords for part in ast.walk(word.value)}
    for node in source.nodes:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in skipped:
            continue
        if CHINESE.search(node.value):
            yield node.lineno, node.value


def untranslated_in_python(sources: Iterable[Source]) -> list[str]:
    return [
        source.at(line, text)
        for source in sources
        for line, text in unmarked_strings(source)
        if not text.startswith(ALLOWED.get(source.place, ()))
    ]


def lost_values_in_python(sources: Iterable[Source]) -> list[str]:
    """Marked texts whose places and values differ."""
    return [
        source.at(node.lineno, node.args[0].value)
        for source in sources
        for node in source.nodes
        if isinstance(node, ast.Call) and called(node) in MARKS and node.args
        if isinstance(node.args[0], ast.Constant) and all(word.arg for word in node.keywords)
        if wanted(node.args[0].value) != {word.arg for word in node.keywords}
    ]


# --- the rules --------------------------------------------------------------------------------------------

#: Rule -> where it holds.
RULES: dict[Rule, Iterable[Source]] = {
    untranslated_in_templates: TEMPLATES,
    lost_values_in_templates: TEMPLATES,
    translated_outside_macros: TEMPLATES,
    untranslated_in_python: MODULES,
    lost_values_in_python: MODULES,
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_nothing_breaks_the_rule(rule: Rule) -> None:
    found = rule(RULES[rule])
    assert found == [], "\n".join(map(str, found))


#: Rule -> small files that break it, and what the rule says of them.
BREACHES: dict[Rule, tuple[dict[str, str], list[str]]] = {
    untranslated_in_templates: (
        {"templates/a.html": "<p>\n保存</p>\n{{ _('取消') }}\n{{ '删除' if a else 'b' }}\n"},
        ["templates/a.html:2 保存</p>", "templates/a.html:4 删除"],
    ),
    lost_values_in_templates: (
        {"templates/a.html": "{{ _('共 %(n)s 人', n=1) }}\n{{ _('共 %(n)s 人', m=1) }}\n{{ _(a) }}"},
        ["templates/a.html:2 共 %(n)s 人", "templates/a.html:3 only a literal can be found"],
    ),
    translated_outside_macros: (
        {
            "templates/a.html": "{% set a = _('是') %}\n{% macro b() %}{{ _('否') }}{% endmacro %}",
            "templates/b.html": "{% from 'a.html' import b %}{% set c = _('是') %}",
        },
        ["templates/a.html:1 translated outside a macro"],
    ),
    untranslated_in_python: (
        {"views/a.py": '"""说明"""\na = _("保存")\nb = f"共{a}"\nc = Text(zh="是", en="yes")'},
        ["views/a.py:3 共"],
    ),
    lost_values_in_python: (
        {"views/a.py": 'M("共 %(n)s 人", n=1)\nM("共 %(n)s 人")\nM("共 %(n)s 人", **values)'},
        ["views/a.py:2 共 %(n)s 人"],
    ),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_breach_is_found_where_it_is(rule: Rule) -> None:
    tree, found = BREACHES[rule]
    assert rule([Source(place, text) for place, text in tree.items()]) == found


def test_macros_are_imported_from_libraries() -> None:
    """The rule about them has something to look at."""
    assert len(libraries(TEMPLATES)) > 2


def test_nothing_is_exempt_in_vain() -> None:
    """An exemption that fits nothing any more would let through whatever comes to lie there."""
    sources = [*files("templates", "*.html"), *modules(*PRODUCT)]
    shown = {source.place: [text for _, text in unmarked_strings(source)] for source in MODULES}
    unused = [start for start in EXEMPT if not any(source.place.startswith(start) for source in sources)]
    unused += [
        f"{place} {start}"
        for place, starts in ALLOWED.items()
        for start in starts
        if not any(text.startswith(start) for text in shown.get(place, []))
    ]
    assert unused == []


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


def round_texts(source: Source) -> list[tuple[str, str, str]]:
    return list(texts(yaml.safe_load(source.text), f"{source.place} "))


def every_text() -> list[tuple[str, str, str]]:
    return [found for source in ROUNDS for found in round_texts(source)]


def test_the_shipped_rounds_speak_both_languages() -> None:
    found = every_text()
    wanting = [(at, zh) for at, zh, en in found if has_words(zh) and not en.strip()]
    # 年 after a year is Chinese alone: “2023年” is “2023” in English.
    assert [(at, zh) for at, zh in wanting if (at.rpartition(".")[2], zh) != ("unit", "年")] == []
    assert [(at, en) for at, _, en in found if CHINESE.search(re.sub(QUOTED, "", en))] == []


def test_a_round_fills_the_same_values_into_both_languages() -> None:
    """`{value}` and `{key|otherwise}`: see panel/domain/texts.py."""
    wrong = [
        (at, chinese, english_text)
        for at, chinese, english_text in every_text()
        if english_text and len({filled(chinese), filled(english_text)}) == 2
    ]
    assert wrong == []


def filled(text: str) -> frozenset[str]:
    """The keys of the values that a round's text is filled with."""
    return frozenset(re.findall(r"\{(\w+)[|}]", text))


def test_the_shipped_rounds_hold_texts() -> None:
    assert len(every_text()) > 100
