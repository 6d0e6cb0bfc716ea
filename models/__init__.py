"""What is stored: MongoEngine documents and small value types. Never Flask."""

from models.application import Application, Submission
from models.audit import AuditEvent
from models.ballot import Ballot, VoterMark
from models.certificate import Certificate, Counter
from models.comment import Comment
from models.export_job import ExportJob
from models.export_layout import ExportLayout
from models.imports import ColumnMemory, ImportBatch, ImportRow
from models.material import MaterialEntry, MaterialScan
from models.meeting import Committee, Meeting, Opinion
from models.mend import Mend
from models.outbox import OutboxRow
from models.pending_file import PendingFile
from models.person import Person
from models.publicity import Objection, Publicity
from models.reminder import Reminder
from models.review_round import Extension, ReviewRound, RoundVersion
from models.round_draft import RoundChange, RoundDraft
from models.saved_view import SavedView
from models.setting import Setting
from models.unit import Unit
from models.user import User
from models.web_session import SignInAttempts, WebSession

#: Every collection's document class, for migrations and tests.
DOCUMENTS = (
    Application,
    AuditEvent,
    Ballot,
    Certificate,
    ColumnMemory,
    Comment,
    Committee,
    Counter,
    ExportJob,
    ExportLayout,
    Extension,
    ImportBatch,
    ImportRow,
    MaterialEntry,
    MaterialScan,
    Meeting,
    Mend,
    Objection,
    Opinion,
    OutboxRow,
    PendingFile,
    Person,
    Publicity,
    Reminder,
    ReviewRound,
    RoundChange,
    RoundDraft,
    RoundVersion,
    SavedView,
    Setting,
    SignInAttempts,
    Submission,
    Unit,
    User,
    VoterMark,
    WebSession,
)
