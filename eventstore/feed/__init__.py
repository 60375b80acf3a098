"""The feed for outside systems: the public part of the log, in order, without gaps, at least once."""
