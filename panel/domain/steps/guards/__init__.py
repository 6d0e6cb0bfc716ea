"""Guards of the steps, by the names the table uses. Each returns why a step won't go, or None.

A guard reads; it never writes. Times are aware UTC; a deadline is the last instant that still counts.
Importing a guard's module registers it; all are imported here, so that none is missing.
"""

from panel.domain.steps.guards import (  # noqa: F401 - they register themselves
    applying,
    checking,
    endorsing,
    objecting,
    publicising,
    reviewing,
)
