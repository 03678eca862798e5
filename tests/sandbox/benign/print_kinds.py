import sys
print("a", 1, None, sep="-", end="!\n")
print("to stderr", file=sys.stderr)
sys.stdout.write("written\n")
print(*range(3), flush=True)
print("é 日本 👍")
result = 1
