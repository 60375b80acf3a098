"""The pages of the blog: ask with a query, tell with a command, render."""
