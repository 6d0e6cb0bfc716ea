"""Secret votes. Who voted and what was voted are kept apart: nothing stored links a voter to a choice.

Both collections are clustered by their random identity: in an ordinary one the records lie in the order
of casting, and the two orders side by side would give every voter away.
"""

from __future__ import annotations

from uuid import uuid4

from mongoengine import Document, ObjectIdField, StringField

from models.choices import Vote


class VoterMark(Document):
    """That an expert has voted on an application in a meeting; the unique index forbids a second vote.

    Its identity is random: an ObjectId would tell when.
    """

    id = StringField(primary_key=True, default=lambda: uuid4().hex)
    meeting = ObjectIdField(required=True)
    application = ObjectIdField(required=True)
    voter = ObjectIdField(required=True, unique_with=["meeting", "application"])

    meta = {"collection": "voter_marks", "auto_create_index": False, "clustered": True}


class Ballot(Document):
    """One choice; random identity, no time, no voter."""

    id = StringField(primary_key=True, default=lambda: uuid4().hex)
    meeting = ObjectIdField(required=True)
    application = ObjectIdField(required=True)
    choice = StringField(choices=[v.value for v in Vote], required=True)

    meta = {
        "collection": "ballots",
        "auto_create_index": False,
        "clustered": True,
        "indexes": [("meeting", "application")],
    }
