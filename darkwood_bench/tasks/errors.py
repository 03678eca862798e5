"""What can be wrong with the task bank: one flat family; each message is a line with the fix."""


class TaskBankError(Exception):
    """Files of the bank are wrong, or a suite that was asked for does not exist.

    Takes one line a problem: `file:line: field: problem; fix` where a file is to blame.
    """

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that was found wrong, a line each."""
        return tuple(map(str, self.args))

    def __str__(self) -> str:
        return "\n".join(self.problems)


class DatabaseError(TaskBankError):
    """A suite's tables could not be built."""
