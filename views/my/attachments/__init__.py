"""Attachments of one's own application: places, uploads, files that wait, the portrait."""
