"""What a process that works on a stranger's file may take; imports nothing, so that it starts at once."""

from __future__ import annotations

import resource


def limit(memory_bytes: int, cpu_seconds: int) -> None:
    """Bound this process; beyond it the system ends it, without a core file."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
