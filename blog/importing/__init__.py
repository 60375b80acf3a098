"""Markdown files become articles, and stay one article each however often they are imported.

The rule is what makes a file the same one as before: its name, which is the name of the folder that was given
and the path below it ("old-blog/2019/cats.md"), together with its author. So it matters neither from which
directory the command runs nor where the folder lies, and two folders with an about.md each do not get mixed
up. A folder that was renamed, or a part of one, is the same as before with `--as old-blog` (`old-blog/2019`);
without it, what did not change is recognized by its text, and only what did is new.

What an import asks for has a command id derived from the article, the version that it makes and the file's
text. So the log says what a file said when it was last imported, and a file that has not changed since does
not undo what its author changed here in the meantime.
"""
