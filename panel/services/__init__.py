"""What touches the outside: files, pictures, PDF, storage, mail."""
