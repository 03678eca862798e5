# DESC: walk the stack to the code that runs it, change it, and have it claim a fault of ours
# EXPECT: payload_invalid
import gc
import json
import sys

frame, seen = sys._getframe(), []
while frame is not None:
    seen.append((frame.f_code.co_filename, frame.f_code.co_name, sorted(frame.f_locals)))
    for name, value in list(frame.f_globals.items()):
        if name == "frames":
            for status in ("setup_failed", "zygote_lost"):
                said = {"status": status, "error_class": None, "message": "x", "line": None}
                value.write_frame(3, b"E", json.dumps(said).encode())
            value.write_frame(3, b"Z")
            value.write_frame = lambda *_: None
    frame = frame.f_back
for thing in gc.get_objects():
    text = str(type(thing))
    if "Spec" in text or "Zygote" in text or "Control" in text:
        print(text, vars(thing) if hasattr(thing, "__dict__") else "")
print(seen)
for name, module in list(sys.modules.items()):
    if name.startswith("inside"):
        for attribute in list(vars(module)):
            setattr(module, attribute, None)
import os

os._exit(0)
