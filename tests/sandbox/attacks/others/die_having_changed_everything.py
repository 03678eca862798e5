# DESC: changes whatever of the interpreter and of the engine a later program could share
# EXPECT: exited_early
import builtins
import ctypes
import decimal
import gc
import json
import os
import random
import sys
import warnings

sys.setrecursionlimit(77)
sys.setswitchinterval(9)
gc.disable()
random.seed(1)
decimal.getcontext().prec = 2
warnings.simplefilter("error")
json.dumps = lambda *a, **k: '{"status": "zygote_lost"}'
pl.Config.set_tbl_rows(1)
pl.DataFrame.group_by = lambda *a, **k: 1 / 0
pl.col("x").__class__.sum = lambda *a, **k: 1 / 0
for number in range(2, 200):  # small integers are shared by all of an interpreter
    ctypes.c_uint32.from_address(id(number) + 24).value = 1
builtins.len = lambda _: 7
os._exit(0)
