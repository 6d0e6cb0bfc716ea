"""The round drives everything: its parts, fields, columns, texts, offers, windows and versions."""
