"""Self-service (/my/): one's own applications."""
