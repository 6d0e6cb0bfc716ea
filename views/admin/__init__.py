"""The panel (/admin/), by capability."""
