"""Counts the pages of a PDF and draws the first in a process of its own: bytes on stdin, answer on stdout.

A few bytes can ask for hours of drawing or for all the memory there is, and the drawing library is one that
no two threads may call at once. The answer is a line of JSON, `{"pages", "size"}`, and the picture's RGB
bytes; a PDF that can't be read answers with no pages. Imports nothing of the project but the bounds.
"""

from __future__ import annotations

import json
import sys

from panel.services.files.process_bounds import limit


def draw(data: bytes, longest: int) -> tuple[int, tuple[int, int], bytes]:
    """The number of pages, and the first as a picture whose longer side has about `longest` pixels."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        pages = len(document)
        if not pages:
            return 0, (0, 0), b""
        page = document[0]
        scale = longest / max(*page.get_size(), 1)
        picture = page.render(scale=scale).to_pil().convert("RGB")
    except (pypdfium2.PdfiumError, ValueError):
        return 0, (0, 0), b""
    return pages, picture.size, picture.tobytes()


def main() -> None:
    """Answer for one PDF; the arguments are the picture's size, and the bytes and seconds it may take."""
    longest, memory_bytes, seconds = (int(argument) for argument in sys.argv[1:4])
    limit(memory_bytes, seconds)
    pages, size, picture = draw(sys.stdin.buffer.read(), longest)
    sys.stdout.buffer.write(json.dumps({"pages": pages, "size": size}).encode() + b"\n" + picture)


if __name__ == "__main__":
    main()
