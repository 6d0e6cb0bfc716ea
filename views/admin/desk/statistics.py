"""Statistics: tables first, each also as a spreadsheet and as a chart drawn from the same table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.choices import Action, RoundState, State
from models.form_spec import SectionShape
from models.review_round import ReviewRound
from models.round_spec import RoundSpec
from panel import clock
from panel.domain.access.who_may import CASE_READERS
from panel.domain.calendar import local_date
from panel.domain.errors import NotFound
from panel.domain.reports import statistics
from panel.domain.reports.statistics import CASES, JUDGED, PROGRESS, STARTED, WORKLOAD, CountedDays
from panel.services.workbooks import spreadsheets
from views.admin import list_words
from views.kit.access import current_actor
from views.kit.base import SecurePage
from views.kit.downloads import xlsx_response
from views.kit.i18n import tr

#: Without a choice: as many days back as people ask for.
DAYS_BACK = 30
EARLIEST = date(2020, 1, 1)
FIGURE_LABELS: dict[str, Any] = {
    STARTED: _l("开始填报"),
    Action.SUBMIT.value: _l("提交"),
    Action.RETURN.value: _l("退回补正"),
    Action.RESUBMIT.value: _l("重新提交"),
    Action.RECOMMEND.value: _l("推荐上报"),
    JUDGED: _l("审核条目"),
    CASES: _l("涉及申报"),
    Action.REJECT.value: _l("不予推荐"),
    Action.PUBLICISE.value: _l("公示"),
}


@dataclass(frozen=True)
class Table:
    """One table as it is shown, written to a file and drawn: words first, then numbers."""

    key: str
    title: Any
    note: Any
    heads: Sequence[Any]  # of the words
    series: Sequence[Any]  # of the numbers
    rows: Sequence[tuple[Sequence[Any], Sequence[int]]]
    chart: str  # bar, stacked, line, or across: bars that lie
    category: int = 0  # the word that a bar stands for; equal ones are added up
    totals: Sequence[int] = field(default=())

    @property
    def has_totals(self) -> bool:
        """Whether a last line adds up."""
        return bool(self.totals)


class StatisticsPage(SecurePage):
    """`/admin/statistics/`."""

    roles = CASE_READERS
    icon = "chart-bar"

    def __init__(self) -> None:
        super().__init__(name=_l("统计"), endpoint="hr_statistics", url="statistics")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """All tables for the round and the period."""
        asked = _asked()
        page: str = self.render(
            "admin/desk/statistics.html",
            tables=[BUILDERS[key](asked) for key in BUILDERS] if asked.rounds else [],
            rounds=list(list_words.rounds().values()),
            asked=asked,
            today=local_date(clock.now()),
            url=lambda page, **values: self.get_url(page, **asked.query, **values),
        )
        return page

    @expose("/<key>.xlsx")
    def export_view(self, key: str) -> ResponseReturnValue:
        """One table as a spreadsheet, with the same round and period."""
        if key not in BUILDERS:
            raise NotFound
        asked = _asked()
        table = BUILDERS[key](asked)
        sheet = spreadsheets.OutputSheet(
            tr(table.title),
            [
                *(spreadsheets.Column(tr(head), 22) for head in table.heads),
                *(spreadsheets.Column(tr(head), 12, spreadsheets.CellKind.NUMBER) for head in table.series),
            ],
            # days as they are: in a file they sort by themselves
            [[*(w if isinstance(w, date) else tr(w) for w in row), *numbers] for row, numbers in table.rows],
        )
        return xlsx_response([sheet], f"{tr(table.title)}-{local_date(clock.now()).isoformat()}")


# --- what is asked for -------------------------------------------------------------------------------


@dataclass
class Asked:
    """The rounds and the period of a request; the days' tables are counted once for all of them."""

    rounds: list[ReviewRound]
    chosen: str
    period: CountedDays
    problem: str = ""
    _days: statistics.Days | None = None

    @property
    def days(self) -> statistics.Days:
        """Everything with a day."""
        if self._days is None:
            ids = [round.id for round in self.rounds]
            self._days = statistics.days(ids, self.period, current_actor())
        return self._days

    @property
    def query(self) -> dict[str, str]:
        """The same as arguments of an address."""
        days = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        return days | ({"round": self.chosen} if self.chosen else {})

    def spec(self, round: Any) -> RoundSpec:
        """The rules of one of the rounds."""
        return next(row.spec for row in self.rounds if row.id == round)


def _asked() -> Asked:
    known = list_words.rounds()
    chosen = request.args.get("round", "")
    chosen = chosen if chosen in known else ""
    period, problem = _period()
    return Asked([known[chosen]] if chosen else _running(list(known.values())), chosen, period, problem)


def _running(rounds: list[ReviewRound]) -> list[ReviewRound]:
    """All that are open, else those of the newest year."""
    opened = [round for round in rounds if round.state == RoundState.OPEN]
    newest = max((round.year for round in rounds), default=0)
    return opened or [round for round in rounds if round.year == newest]


def _period() -> tuple[CountedDays, str]:
    """The period asked for, else the last days; and what is wrong with what was typed."""
    today = local_date(clock.now())
    usual = CountedDays(today - timedelta(days=DAYS_BACK - 1), today)
    typed = [request.args.get(name, "").strip() for name in ("from", "to")]
    if not any(typed):
        return usual, ""
    try:
        first = date.fromisoformat(typed[0]) if typed[0] else EARLIEST
        last = date.fromisoformat(typed[1]) if typed[1] else today
    except ValueError:
        return usual, _("日期没有看懂，请重新选择。现在显示最近 %(n)s 天。", n=DAYS_BACK)
    if first > last:
        return usual, _("开始日期要早于结束日期。现在显示最近 %(n)s 天。", n=DAYS_BACK)
    if not (EARLIEST.year <= first.year and last.year <= today.year + 1):
        return usual, _("日期太早或太晚，请重新选择。现在显示最近 %(n)s 天。", n=DAYS_BACK)
    return CountedDays(first, last), ""


# --- the tables --------------------------------------------------------------------------------------


def _states(asked: Asked) -> Table:
    names = dict(list_words.department_options())
    specs = {round.id: round.spec for round in asked.rounds}
    ranks = {(id, level.key): level for id, spec in specs.items() for level in spec.levels}
    lines = statistics.states(specs, current_actor())
    used = [state for state in State if any(state in line.counts for line in lines)]

    def order(line: statistics.StateLine) -> tuple[str, int]:
        level = ranks.get((line.round, line.level))
        return tr(names.get(line.department, line.department)), -level.rank if level else 0

    rows = []
    for line in sorted(lines, key=order):
        level = ranks.get((line.round, line.level))
        shown = [names.get(line.department, line.department), level.title if level else line.level]
        rows.append((shown, [*(line.counts.get(state, 0) for state in used), line.total]))
    return Table(
        "states",
        _l("部门 × 级别 × 状态"),
        _l("现在各有多少份申报。"),
        (_l("部门"), _l("级别")),
        [*(state.label for state in used), _l("合计")],
        rows,
        "stacked",
        totals=_sums(rows),
    )


def _progress(asked: Asked) -> Table:
    rows = [([line.day], list(line.counts.values())) for line in asked.days.progress]
    return Table(
        "progress",
        _l("每日进度"),
        _l("每天开始填报、提交、退回、重新提交和推荐上报的份数。"),
        (_l("日期"),),
        [FIGURE_LABELS[key] for key in PROGRESS],
        rows,
        "line",
        totals=_sums(rows),
    )


def _reasons(asked: Asked) -> Table:
    rows = [
        (_place(asked.spec(line.round), line), [line.items, line.applications]) for line in asked.days.reasons
    ]
    return Table(
        "reasons",
        _l("退回原因"),
        _l("要求补正最多的地方，最多列 %(n)s 处。", n=statistics.MOST_REASONS),
        (_l("部分"), _l("项目")),
        (_l("次数"), _l("涉及申报")),
        rows,
        "across",
        category=1,
    )


def _place(spec: RoundSpec, line: statistics.ReasonLine) -> list[Any]:
    """The words for a section and a field or slot; what the round no longer has keeps its key."""
    if not line.section:
        return [_("整份申报"), _("整份申报")]
    section = next((row for row in spec.sections if row.key == line.section), None)
    if section is None:
        return [line.section, line.field]
    if not line.field:
        return [section.label, _("%(section)s（整个部分）", section=tr(section.label))]
    if section.shape is SectionShape.ATTACHMENTS:
        labels = {slot.key: slot.label for slot in spec.slots}
    else:
        labels = {row.key: row.label for row in section.fields} | {"photo": _("照片")}
    return [section.label, labels.get(line.field, line.field)]


def _workload(asked: Asked) -> Table:
    rows = [([line.day, line.name], list(line.counts.values())) for line in asked.days.workload]
    return Table(
        "workload",
        _l("审核工作量"),
        _l("每人每天审核的条目、涉及的申报和办理的步骤；改过的审核意见只算最后一次。"),
        (_l("日期"), _l("审核人")),
        [FIGURE_LABELS[key] for key in WORKLOAD],
        rows,
        "bar",
        category=1,
        totals=_sums(rows),
    )


def _sums(rows: Sequence[tuple[Any, Sequence[int]]]) -> list[int]:
    return [sum(column) for column in zip(*(numbers for _words, numbers in rows), strict=True)]


BUILDERS = {"states": _states, "progress": _progress, "reasons": _reasons, "workload": _workload}
