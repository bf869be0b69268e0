"""The HTTP interface: rows of routes, callers and their rules, problems, documents."""
