"""Answers the questions of assistants about one cluster: the same answers as the commands, as tools that only read."""
