try:
    raise ExceptionGroup("both", [ValueError("a"), KeyError("b")])
except* ValueError as group:
    result = len(group.exceptions)
except* KeyError:
    pass
