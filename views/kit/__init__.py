"""What all pages are made of: secure views, access, languages, forms, menus, downloads."""
