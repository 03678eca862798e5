import contextlib, io
out = io.StringIO()
with contextlib.redirect_stdout(out), contextlib.suppress(ZeroDivisionError):
    print("hidden")
    1 / 0
result = out.getvalue()
