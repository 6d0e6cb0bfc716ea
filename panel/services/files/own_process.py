"""Work on what strangers sent in a process of its own: a bomb takes its own process along and nobody else."""

from __future__ import annotations

import subprocess
import sys

from panel.config import REPOSITORY


def run(module: str, data: bytes, *arguments: str, seconds: float) -> bytes | None:
    """What `module`, started as a program, answers to `data`; None when it broke down or took longer.

    The module bounds its memory and its time by `panel.services.files.process_bounds.limit`.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no words of anybody else
            [sys.executable, "-m", module, *arguments],
            input=data,
            capture_output=True,
            cwd=REPOSITORY,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 else None
