import sys
result = len(sys.stdin.read())
