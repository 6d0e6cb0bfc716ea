"""What was typed is never lost with an error page."""

from models.choices import Role


def test_a_post_whose_token_is_too_old_gives_back_what_was_typed(sign_in_as):
    browser = sign_in_as(Role.UNIT_HR)
    answer = browser.post("/admin/objections/new", data={"csrf_token": "old", "text": "江城理工学院（新）"})
    assert answer.status_code == 400
    assert "没有保存，可以复制" in answer.text
    assert ">江城理工学院（新）</textarea>" in answer.text
