"""The demo content: five people, their articles, and what they say to each other; loaded through commands.

Everything has an id derived from its name, so a load that was cut short is completed by the next one.
"""

PASSWORD = "read-and-write"  # noqa: S105  everybody's in the demo, and printed on purpose

SIGN_INS = [
    ("maren@conduit.example", PASSWORD, "an author with followers"),
    ("oona@conduit.example", PASSWORD, "a reader who writes"),
    ("ines@conduit.example", PASSWORD, "the designer; may enter /admin as well"),
]
"""(address, password, what they are) of people to sign in as."""
