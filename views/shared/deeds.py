"""What audit events say in words: deeds and things by their stored names."""

from __future__ import annotations

from typing import Any

from flask import url_for

from models.choices import Action
from models.messages import M, Message

#: Deeds outside the workflow; its steps are known by Action.
DEEDS: dict[str, Message] = {
    "start": M("开始填报"),
    "begin_check": M("开始审核"),
    "material_apply": M("导入材料表"),
    "material_undo": M("撤销材料表导入"),
    "material_add": M("添加材料表条目"),
    "material_edit": M("修改材料表条目"),
    "material_withdraw": M("撤下材料表条目"),
    "material_confirm": M("本人确认材料表"),
    "material_unconfirm": M("本人取消确认材料表"),
    "material_dispute": M("本人对材料表提出异议"),
    "material_retract": M("本人撤回异议"),
    "material_settle": M("处理材料表异议"),
    "material_scan": M("放入盖章材料表"),
    "material_scan_drop": M("移除盖章材料表"),
    "judge": M("审核业绩或附件"),
    "reveal": M("查看完整的个人信息"),
    "write_unit_opinion": M("填写单位意见"),
    "change_selection": M("更改级别、专业或评委会"),
    "confirm_on_behalf": M("本人确认代提交"),
    "register_objection": M("登记异议"),
    "file_findings": M("提交核查结论"),
    "dismiss_objection": M("认定异议不成立"),
    "uphold_objection": M("认定异议成立"),
    "post_publicity": M("发布公示"),
    "recompute_publicity": M("重新计算公示期"),
    "assign_experts": M("指定评议专家"),
    "submit_opinion": M("提交专家意见"),
    "recuse": M("登记回避"),
    "plan_meeting": M("安排会议"),
    "replan_meeting": M("更改会议安排"),
    "open_meeting": M("召开会议"),
    "sign_in_meeting": M("会议签到"),
    "cast_sheet": M("收到一张表决票"),
    "close_meeting": M("确认表决结果"),
    "edit_committee": M("修改评委会"),
    "add_member": M("增加评委"),
    "remove_member": M("移除评委"),
    "set_chair": M("确定主任委员"),
    "roster_add": M("添加人员"),
    "roster_edit": M("修改人员名册"),
    "roster_import": M("按导入的文件更新名册"),
    "roster_import_undo": M("撤销导入对名册的更新"),
    "import_apply": M("导入文件"),
    "import_undo": M("撤销导入"),
    "official_numbers": M("登记官方编号与结果"),
    "official_numbers_undo": M("撤销官方编号与结果"),
    "account_make": M("开通账号"),
    "account_reset": M("重置密码"),
    "account_enable": M("启用账号"),
    "account_disable": M("停用账号"),
    "grants_change": M("更改账号的角色"),
    "round_state": M("开放或关闭批次"),
    "round_publish": M("批次修改生效"),
    "round_create": M("新建批次"),
    "extend": M("延长申报时间"),
    "extension_end": M("提前结束延期"),
    "create_user": M("建立账号"),
    "reset_password": M("重置密码"),
    "grant_role": M("授予角色"),
    "revoke_role": M("收回角色"),
    "sign_in": M("登录"),
    "sign_out": M("退出登录"),
    "sign_in_failed": M("登录失败"),
    "sign_in_refused": M("登录被拒绝"),
    "sign_in_locked": M("登录被锁定"),
    "change_password": M("修改密码"),
    "remind": M("发送提醒"),
    "comment": M("写内部备注"),
    "comment_removed": M("删除内部备注"),
    "mend_content": M("代为更正内容"),
    "mend_confirm": M("本人确认更正"),
    "mend_object": M("本人对更正提出异议"),
    "mend_restore": M("改回原内容"),
    "calendar_make": M("生成日历订阅地址"),
    "calendar_revoke": M("作废日历订阅地址"),
    "mail_on": M("打开邮件通知"),
    "mail_off": M("关闭邮件通知"),
    "resend_mail": M("重新发送邮件"),
    "move_clock": M("调整演示时钟"),
    "export_list": M("导出名单"),
    "export_case": M("导出申报材料"),
    "export_table": M("导出一览表"),
    "download_export": M("下载后台生成的文件"),
    "edit_export_layout": M("调整导出表格的列"),
    "reset_export_layout": M("恢复导出表格的默认列"),
    "export_publicity": M("导出公示名单"),
    "create": M("新增记录"),
    "update": M("修改记录"),
    "delete": M("删除记录"),
}

THINGS: dict[str, Message] = {
    "applications": M("申报"),
    "people": M("人员名册"),
    "users": M("账号"),
    "units": M("单位"),
    "rounds": M("申报批次"),
    "extensions": M("延期"),
    "publicities": M("公示"),
    "objections": M("异议"),
    "committees": M("评委会"),
    "meetings": M("会议"),
    "opinions": M("专家意见"),
    "certificates": M("证书"),
    "export_jobs": M("导出的文件"),
    "reminders": M("申报提醒"),
    "outbox": M("消息和邮件"),
    "settings": M("系统设置"),
    "material_entries": M("材料表"),
    "material_scans": M("盖章扫描件"),
    "import_batches": M("导入"),
}
OTHER = M("其他操作")


def deed(action: str) -> Message:
    """What was done."""
    if action in {step.value for step in Action}:
        return Action(action).label
    return DEEDS.get(action, OTHER)


def thing(event: Any) -> Message:
    """What it was done to: a name from the event's detail, else the kind of thing."""
    detail = event.detail or {}
    kind = THINGS.get(event.thing, OTHER)
    name = detail.get("name") or detail.get("username")
    return M("%(kind)s：%(name)s", kind=kind, name=name) if name else kind


def thing_url(event: Any) -> str:
    """Where the thing can be seen, if it has a page of the panel."""
    pages = {
        "applications": "hr_applications.case_view",
        "people": "hr_people.person_view",
        "users": "hr_users.user_view",
        "material_entries": "hr_material.entry_view",
        "import_batches": "hr_imports.batch_view",
    }
    if event.thing not in pages or not event.thing_id:
        return ""
    return url_for(pages[event.thing], id=event.thing_id)
