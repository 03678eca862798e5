# DESC: symbolic links, renames, open folders and dot-dots from its own folder to the host's files
# EXPECT: ok|runtime_error
import os

targets = ["@ROOT@/gold/gold.csv", "/etc/passwd", "/proc/1/environ", "/proc/self/root/etc/passwd", "/"]
ups = ["../" * 12 + target.lstrip("/") for target in targets]
for number, target in enumerate([*targets, *ups]):
    for way in ("link", "hard", "open", "rename"):
        try:
            if way == "link":
                os.symlink(target, f"l{number}")
                print("BREACH", target, open(f"l{number}").read(50) if target != "/" else os.listdir(f"l{number}/root"))
            elif way == "hard":
                os.link(target, f"h{number}")
                print("BREACH", target)
            elif way == "open":
                print("BREACH", open(target).read(50))
            else:
                os.rename(target, f"r{number}")
                print("BREACH", target)
        except OSError as error:
            print("deny", way, target, error.strerror)
folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
for flags in (os.O_RDONLY, os.O_PATH):
    try:
        up = os.open("/", flags | os.O_DIRECTORY)
        for target in targets[:3]:
            descriptor = os.open(target.lstrip("/"), os.O_RDONLY, dir_fd=up)
            print("BREACH", os.read(descriptor, 50))
    except OSError as error:
        print("deny", flags, error.strerror)
os.fchdir(folder)
try:
    os.rename("../" * 5 + "tmp", "moved")
    print("BREACH renamed")
except OSError as error:
    print("deny", error.strerror)
result = orders.head(1)
