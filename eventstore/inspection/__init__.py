"""Reading the log for people: pages of facts, lives of streams, trees of causes. Nothing here ever writes."""
