"""Guards of the steps, by the names the table uses. Each returns why a step won't go, or None.

A guard reads; it never writes. Times are aware UTC; a deadline is the last instant that still counts.
"""

from panel.domain.guards import applying, checking, endorsing, objecting, publicising, reviewing
from panel.domain.guards.checking import judged_entries
from panel.domain.guards.context import GUARDS, Context, Guard, guard
from panel.domain.guards.endorsing import current_endorsement, endorsement_specs, is_endorser_of
from panel.domain.guards.reviewing import voting_rule

__all__ = [
    "GUARDS",
    "Context",
    "Guard",
    "applying",
    "checking",
    "current_endorsement",
    "endorsement_specs",
    "endorsing",
    "guard",
    "is_endorser_of",
    "judged_entries",
    "objecting",
    "publicising",
    "reviewing",
    "voting_rule",
]
