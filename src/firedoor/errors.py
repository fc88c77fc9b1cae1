"""The one hierarchy of errors that firedoor raises for people; faces turn them into text and exit codes."""


class FiredoorError(Exception):
    """An error that a person can act on: what is wrong, where, and what to do about it."""

    def __init__(self, problem: str, *, place: str = "", remedy: str = "") -> None:
        """Keep the three parts apart, so that a face can lay them out as it likes."""
        super().__init__(problem)
        self.problem = problem
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        """Return the whole error on one line: ``place: problem; remedy``."""
        where = f"{self.place}: " if self.place else ""
        what_to_do = f"; {self.remedy}" if self.remedy else ""
        return f"{where}{self.problem}{what_to_do}"


class SourceError(FiredoorError):
    """A source (file, folder, snapshot, cluster) could not be read at all."""


class UsageError(FiredoorError):
    """The question itself is wrong: an unknown pod, a bad port, options that exclude each other."""


class NothingInScopeError(FiredoorError):
    """The sources were read, and hold nothing that the question is about."""


class EditRefusedError(FiredoorError):
    """A manifest is left as it is, because nobody could be sure what a change of it would do."""


class WriteRefusedError(FiredoorError):
    """The server did not do what a request asked for, because of the object or of who asked."""
