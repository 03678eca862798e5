"""Where a jailed process starts: its first argument names its part, its second is its spec."""

import sys

from . import loops, packages
from .spec import Spec


def main() -> None:
    part, text = sys.argv[1:]
    spec = Spec.from_json(text)
    packages.offer(spec.packages)
    loops.wake_by_pipe()
    if part == "zygote":
        from . import zygote

        zygote.main(spec)
    elif part == "parser":
        from . import parser

        parser.main(spec)
    elif part == "selftest":
        from . import selftest

        selftest.main(spec)
    else:
        raise SystemExit(f"no such part: {part}")
