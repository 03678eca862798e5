"""What the sandbox raises. How a program ends is never an exception: see `Execution`."""


class SandboxError(Exception):
    """The sandbox cannot do what it was asked to; the message names the fix."""


class SandboxUnavailable(SandboxError):
    """This machine gives less isolation than was asked for."""
