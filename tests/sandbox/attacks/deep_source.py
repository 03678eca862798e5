# DESC: sources that overflow the compiler's stack, literal by literal
# EXPECT: crash|runtime_error|syntax_error|oom|timeout|ok
import sys

sys.setrecursionlimit(1 << 30)
for source in ("(" * 100_000, "-" * 1_000_000 + "1", "[" * 90 + "]" * 90, "x" + ".a" * 1_000_000, "1+" * 1_000_000 + "1"):
    try:
        compile(source, "<deep>", "eval")
    except (SyntaxError, MemoryError, RecursionError) as error:
        print(type(error).__name__)


def fall():
    fall()


fall()
result = 1
