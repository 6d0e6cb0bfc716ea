"""How fast the product is with many applications: ``make bench``; a part of it: ``make bench ARGS=lists``.

One private database is seeded; then, in one run: the pages of every role, the list beside Flask-Admin's own
and the bare query on the same documents, the files that leave, and imports, which add people, at the end.
"""

from __future__ import annotations

import argparse

from bench import exports, imports, lists, pages
from bench.support import prepared
from panel import console

PARTS = ("pages", "lists", "exports", "imports")


def main() -> None:
    """Seed, measure, print."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without")
    parser.add_argument("--applications", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=15, help="requests per page")
    options = parser.parse_args()
    chosen = options.parts or PARTS
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    commands = pages.listen()
    with prepared(options.applications, options.people) as app:
        if "pages" in chosen:
            console.table([pages.HEAD, *pages.rows(app, commands, options.repeat)])
        if "lists" in chosen:
            console.table([lists.HEAD, *lists.rows(app, commands, options.repeat)])
        if "exports" in chosen:
            console.table([exports.HEAD, *exports.rows(app, options.applications)])
        if "imports" in chosen:
            console.table([imports.HEAD, *imports.rows()])


if __name__ == "__main__":
    main()
