"""Live pages: from facts to what is told to the pages that are open, by every process to its own.

The log is what connects the processes. What a page is told is a hint: lost, doubled or late, it leaves no page wrong.
"""
