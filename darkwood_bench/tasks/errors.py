"""What can be wrong with the task bank: one flat family; each message is a line with the fix."""


class TaskBankError(Exception):
    """A file of the bank is wrong, or a suite that was asked for does not exist.

    Reads `file:line: field: problem; fix` where a file is to blame.
    """


class DatabaseError(TaskBankError):
    """A suite's tables could not be built."""
