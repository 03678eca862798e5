# DESC: read what lies beside the packages, the environment, the interpreter, under /usr/src and in the checkout
# EXPECT: ok|runtime_error
import glob
import os
import sys

for p in @PLANTED@ + ["@PROJECT@/pyproject.toml", "@PROJECT@/datasets"]:
    for read in (
        lambda: open(p, "rb").read(),
        lambda: os.listdir(p),
        lambda: pl.read_csv(p, has_header=False),
        lambda: pl.scan_csv(os.path.dirname(p) + "/**/*.csv", has_header=False).collect(),
        lambda: glob.glob(os.path.dirname(p) + "/*/*.csv"),
        lambda: os.readlink("/proc/self/cwd/../.." + p),
        lambda: open("/proc/self/root" + p, "rb").read(),
    ):
        try:
            print("GOT BREACH" if read() else "deny", p)
            print(read())
        except BaseException as e:
            print("deny", p, type(e).__name__)
packages = [os.path.dirname(p) for p in @PLANTED@]
sys.path += [*map(os.path.dirname, packages), "@PROJECT@"]
for name in (*map(os.path.basename, packages), "darkwood_bench", "dagster", "pytest"):
    try:
        print("GOT BREACH", __import__(name))
    except ImportError as e:
        print("deny", e)
result = orders.head(1)
