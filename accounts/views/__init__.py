"""The pages of accounts: ask with a query, tell with a command, render."""
