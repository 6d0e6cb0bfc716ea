"""Pages and pieces of pages for several audiences: accounts, files, documents, words."""
