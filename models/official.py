"""What the provincial system says of a case (官方编号与结果), kept as it was said."""

from __future__ import annotations

from models.messages import M, Message

#: Key in `Application.official` -> what it is called.
OFFICIAL: dict[str, Message] = {
    "certificate_number": M("证书编号"),
    "result": M("评审结果"),
    "document_number": M("文号"),
    "approved_on": M("批准日期"),
    "external_review": M("送审结果"),
}
