"""Templates and the front end's own files: they compile, and stay within the strict policy.

A rule is a pattern that mustn't occur; every finding is listed, `file:line what`. `BREACHES` shows each one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import pytest
from flask import Flask

from tests.sources import ROOT, Source, blank, files
from views.kit.lengths import LENGTHS

#: Read by WeasyPrint, never by a browser: it may carry a style element of its own.
PRINTED = "templates/print/"
ALL = files("templates", "*.html")
PAGES = [source for source in ALL if not source.place.startswith(PRINTED)]
SCRIPTS = files("panel/static/js", "*.js")
STYLES = files("panel/static/css", "*.css")
CHINESE = r"[\u3400-\u9fff]+"

Rule = Callable[[Iterable[Source]], list[str]]


def without_comments(source: Source) -> Source:
    """The template without its comments."""
    return replace(source, text=blank(r"{#.*?#}", source.text))


def markup(source: Source) -> Source:
    """What is left of the template without expressions and statements."""
    return replace(source, text=blank(r"{{.*?}}|{%.*?%}", without_comments(source).text))


def code(source: Source) -> Source:
    """The script without its comments."""
    return replace(source, text=re.sub(r"//.*|/\*.*?\*/", "", source.text))


def matching(sources: Iterable[Source], *patterns: str) -> list[str]:
    return [found for source in sources for pattern in patterns for found in source.matches(pattern)]


def inline(sources: Iterable[Source]) -> list[str]:
    """Scripts, styles and handlers within a page: the policy of content forbids them."""
    return matching(
        map(markup, sources),
        r"<script(?![^>]*\bsrc=)[^>]*>",
        r"<style\b",
        r"\sstyle\s*=\s*[\"']",
        r"\son[a-z]+\s*=\s*[\"']",
        r"javascript:",
        r"\bhx-(?:on|vals=['\"]js:)",
    )


def outside_addresses(sources: Iterable[Source]) -> list[str]:
    """Namespaces of SVG and the like are names, not requests."""
    named = (
        replace(source, text=re.sub(r"xmlns(:\w+)?=\"[^\"]*\"", "", source.text))
        for source in map(without_comments, sources)
    )
    return matching(named, r"https?://[^\s\"'<]+", r"(?:src|href)=[\"']//")


def marked_as_safe(sources: Iterable[Source]) -> list[str]:
    return matching(map(without_comments, sources), r"\|\s*safe\b|autoescape\s+false")


def posting_without_token(sources: Iterable[Source]) -> list[str]:
    return [
        source.at(source.text.count("\n", 0, form.start()) + 1, "no token")
        for source in map(without_comments, sources)
        for form in re.finditer(r"<form\b.*?</form>", source.text, re.S)
        if re.search(r"method=[\"']post", form[0], re.I) and not re.search(r"csrf\(\)|csrf_token", form[0])
    ]


def asking_outside(sources: Iterable[Source]) -> list[str]:
    return matching(sources, r"https?://[^\s\"')]+|url\(\s*[\"']?//")


def evaluating(sources: Iterable[Source]) -> list[str]:
    return matching(
        map(code, sources), r"\beval\(|new Function\(|document\.write|setAttribute\(\s*[\"']style"
    )


def speaking(sources: Iterable[Source]) -> list[str]:
    """Words come from the page, which is translated."""
    return matching(map(code, sources), CHINESE)


def lengths_in_digits(sources: Iterable[Source]) -> list[str]:
    """What a control takes comes from the rules, as `lengths`; sign-in and verification have none."""
    found = matching(sources, r"maxlength=\"\d+|\.control\((?![^\n]*\"number\")[^\n]*\bmax=\d+")
    return [place for place in found if "templates/public/" not in place]


#: Rule -> where it holds.
RULES: dict[Rule, Iterable[Source]] = {
    inline: PAGES,
    outside_addresses: ALL,
    marked_as_safe: ALL,
    posting_without_token: PAGES,
    lengths_in_digits: PAGES,
    asking_outside: [*SCRIPTS, *STYLES],
    evaluating: SCRIPTS,
    speaking: SCRIPTS,
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_nothing_breaks_the_rule(rule: Rule) -> None:
    found = rule(RULES[rule])
    assert found == [], "\n".join(map(str, found))


#: Rule -> a file that breaks it in each way, and the lines found.
BREACHES: dict[Rule, tuple[str, list[int]]] = {
    inline: (
        "<script src='/a.js'></script>\n<script>\n<style>\n<p style='x'>\n<p onclick='x'>\n"
        "<a href='javascript:x'>\n<p hx-on:click='x'>\n{# <style> #}\n",
        [2, 3, 4, 5, 6, 7],
    ),
    outside_addresses: ("<svg xmlns=\"http://a\">\n<a href='//b'>\n{{ 'https://c' }}\n", [2, 3]),
    marked_as_safe: ("{#\n#}{{ a|safe }}\n{% autoescape false %}", [2, 3]),
    posting_without_token: (
        '<form method="get"></form>\n<form method="post">{{ csrf() }}</form>\n<form method="post">\n</form>',
        [3],
    ),
    lengths_in_digits: (
        '<p>\n<input maxlength="60">\n<input maxlength="{{ lengths.search }}">\n'
        '{{ parts.control("reason", "", max=300) }}\n{{ parts.control("days", 5, "number", max=30) }}',
        [2, 4],
    ),
    asking_outside: ("a\nfetch('https://b')\nurl(//c)", [2, 3]),
    evaluating: ("// eval(\neval(a)\nnew Function(b)\n", [2, 3]),
    speaking: ("// 注释\na = '保存'\n", [2]),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_breach_is_found_where_it_is(rule: Rule) -> None:
    text, lines = BREACHES[rule]
    found = rule([Source("a", text)])
    assert sorted(int(line.split()[0].removeprefix("a:")) for line in found) == lines


def test_every_template_compiles() -> None:
    environment = Flask(__name__, template_folder=str(ROOT / "templates")).jinja_env
    names = [source.place.removeprefix("templates/") for source in PAGES]
    assert [environment.get_template(name).name for name in names] == names


def test_every_length_that_a_template_names_is_known() -> None:
    named = {name for source in PAGES for name in re.findall(r"\blengths\.(\w+)", source.text)}
    assert named == set(LENGTHS)


def test_many_forms_post() -> None:
    """The rule of the token has forms to look at."""
    assert sum(len(re.findall(r"<form\b[^>]*method=[\"']post", source.text)) for source in PAGES) > 50


# --- the manual -------------------------------------------------------------------------------------------


def manual(language: str) -> str:
    found = next(source for source in PAGES if source.place.endswith(f"/manual.{language}.html"))
    return without_comments(found).text


def test_both_languages_of_the_manual_have_the_same_chapters() -> None:
    headings, listed = (
        partial(re.findall, r"<h[23] id=\"([\w-]+)\""),
        partial(re.findall, r"\(\"([\w-]+)\", \""),
    )
    chinese, english = headings(manual("zh")), headings(manual("en"))
    assert chinese == english
    assert len(chinese) > 15
    for language in ("zh", "en"):
        contents = listed(manual(language))
        assert len(contents) > 5
        assert set(contents) <= set(chinese)


def test_every_help_link_leads_to_a_chapter() -> None:
    chapters = set(re.findall(r"id=\"([\w-]+)\"", manual("zh")))
    wanted = {
        anchor
        for source in PAGES
        for anchor in re.findall(r"ui\.help\(\s*[\"']([\w-]+)[\"']", without_comments(source).text)
    }
    assert wanted
    assert wanted - chapters == set()
