"""The editor of rounds: drafts of changes by path, problems, publishing, comparing, cloning, files."""
