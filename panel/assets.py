"""Copies the few front-end files that pages use from npm's packages into ``panel/static/vendor``.

The folder is ignored by git and rebuilt by `panel assets`, so that what is served is exactly what the lock
file names.
"""

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGES = REPOSITORY / "node_modules"
VENDOR = Path(__file__).resolve().parent / "static" / "vendor"

# Where it goes (below static/vendor) -> where npm puts it (below node_modules).
FILES = {
    "tabler/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "icons/tabler-icons.min.css": "@tabler/icons-webfont/dist/tabler-icons.min.css",
    "icons/fonts/tabler-icons.woff2": "@tabler/icons-webfont/dist/fonts/tabler-icons.woff2",
    "icons/LICENSE": "@tabler/icons-webfont/LICENSE",
    "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx/LICENSE": "htmx.org/LICENSE",
    "chart/chart.umd.min.js": "chart.js/dist/chart.umd.min.js",
    "chart/LICENSE": "chart.js/LICENSE.md",
    "cropper/cropper.min.css": "cropperjs/dist/cropper.min.css",
    "cropper/cropper.min.js": "cropperjs/dist/cropper.min.js",
    "cropper/LICENSE": "cropperjs/LICENSE",
    "sortable/Sortable.min.js": "sortablejs/Sortable.min.js",
    "sortable/LICENSE": "sortablejs/LICENSE",
}


class AssetsError(Exception):
    """The front-end files cannot be copied; the message says what to do."""


def missing(vendor: Path = VENDOR) -> list[str]:
    """The names of the files that pages would ask for in vain."""
    return [target for target in FILES if not (vendor / target).is_file()]


def copy(packages: Path = PACKAGES, vendor: Path = VENDOR) -> int:
    """Replace `vendor` by fresh copies and return how many files it holds.

    Raises `AssetsError` if npm's packages are not complete; then the old copies stay.
    """
    absent = [source for source in FILES.values() if not (packages / source).is_file()]
    if absent:
        raise AssetsError(f"前端包不完整（缺 {absent[0]}），请先在项目目录运行 npm ci。")
    if vendor.exists():
        shutil.rmtree(vendor)
    for target, source in FILES.items():
        (vendor / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(packages / source, vendor / target)
    return len(FILES)


if __name__ == "__main__":
    copy()
