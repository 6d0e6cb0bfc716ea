"""What the specification's own refusals mean for HR: its English sentences, put into plain words."""

from __future__ import annotations

import re

from models.messages import M, Message

_WORDS: tuple[tuple[str, Message], ...] = (
    (r"choice without options", M("选择题至少要有一个选项。")),
    (r"a file names a slot", M("附件栏目要选一个附件项，其他栏目不能有附件项。")),
    (r"locked, but without a source", M("锁定的栏目要由人员名册填入，请选择名册中的内容，或取消锁定。")),
    (r"the roster has no", M("人员名册里没有这项内容，请重新选择。")),
    (r"at least .* rows, but at most", M("最少条数大于最多条数，请修改。")),
    (r"attachments have slots, not fields", M("“附件”部分只放附件项，不能有栏目。")),
    (r"the field .* twice", M("同一栏目出现两次，请移除一个。")),
    (r"is of two types", M("同一栏目有两种填写方式，请统一。")),
    (r"the same key twice", M("有两项内部名称相同，请移除一个后重新添加。")),
    (r"needs a field|no field", M("要检查的栏目已移除，请重新选择。")),
    (r"doesn't look at|needs a list", M("这种检查不能看所选的部分，请重新选择检查哪里。")),
    (r"of the wrong type .*|the field .* is of the wrong type", M("这种检查不能看这种栏目，请重新选择。")),
    (r"no section|no list", M("所指的部分已移除，请重新选择。")),
    (r"no slot", M("所指的附件项已移除，请重新选择。")),
    (r"no level", M("提到已移除的级别，请重新选择。")),
    (r"no kind", M("提到已移除的条目类别，请重新选择。")),
    (r"no column", M("提到已移除的打印列，请重新选择。")),
    (r"no number", M("合计所用的栏目已移除或不是数字，请重新选择。")),
    (r"no date|no fact", M("所选的日期或名册内容不存在，请重新选择。")),
    (r"no group", M("所属的组已移除，请重新选择。")),
    (r"can't be one of a group", M("这种检查不能放进“几项中满足几项”的组，请移出该组。")),
    (r"no years for", M("请为每种学位填写年数。")),
    (r"no argument", M("检查的内容没有填全，请补充。")),
    (r"is of the wrong type|out of range|unknown argument|needs ", M("检查的内容有误，请重新填写。")),
    (r"closes before it opens", M("申报截止日早于开始日，请修改日期。")),
    (r"greater than|less than|valid (integer|number)", M("数字超出允许的范围。")),
)


def in_words(text: str, property_label: Message | None = None) -> Message:
    """The refusal `text` as a sentence that says what to do."""
    fitting = (message for pattern, message in _WORDS if re.search(pattern, text))
    message = next(fitting, M("内容不完整或互相矛盾，请检查。"))
    return M("%(what)s：%(why)s", what=property_label, why=message) if property_label else message
