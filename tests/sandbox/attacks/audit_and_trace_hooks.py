# DESC: hooks that raise at every audit event, call, line, import and thread
# EXPECT: runtime_error|exited_early|ok|crash|timeout|payload_invalid
import sys
import threading


def refuse(*arguments):
    if armed:
        raise SystemExit("zygote_lost")


armed = False
sys.addaudithook(refuse)
sys.setprofile(refuse)
threading.settrace(refuse)
sys.settrace(refuse)
sys.set_asyncgen_hooks(firstiter=refuse, finalizer=refuse)
sys.breakpointhook = refuse
armed = True
result = orders.head(1)
