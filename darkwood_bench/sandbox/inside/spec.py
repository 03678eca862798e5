"""What a jailed process is told when it starts."""

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Spec:
    """Everything that a jailed process needs to know; it travels as one JSON argument."""

    packages: dict[str, str]
    """Name to folder of the packages that can be imported beside the standard library."""
    scratch: str
    """The folder that it starts in, and may write to if that is a mount of its own."""
    scratch_bytes: int
    readable: list[str]
    """Files and folders that it may read; Landlock refuses the rest."""
    mount_scratch: bool = False
    """Mount a tmpfs of `scratch_bytes` there first (needs CAP_SYS_ADMIN of a namespace)."""
    own_user_namespace: bool = False
    """Whether each process leaves for a user namespace of its own, being the same user there."""
    uid: int | None = None
    """Become this user, who is nobody."""
    landlock: bool = False
    seccomp: bool = False
    max_processes: int | None = None
    """RLIMIT_NPROC, which counts threads too, and all of a user's; None where that user has other
    processes."""
    tables: dict[str, str] = field(default_factory=dict)
    """Variable name to file."""
    memory_bytes: int = 1 << 30
    cpu_s: int = 10
    threads: int = 1
    huge_pages: bool = False
    """Whether the system gives huge pages to who asks for them; no file in the jail says."""
    result_fd: int = 3
    code_fd: int = 4

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Spec":
        return cls(**json.loads(text))
