# DESC: is anything that the job before changed in the interpreter or in Polars still changed
# EXPECT: ok
# BEFORE: die_having_changed_everything
import ctypes
import decimal
import gc
import json
import random
import sys
import warnings

if sys.getrecursionlimit() == 77 or sys.getswitchinterval() > 1 or not gc.isenabled():
    print("BREACH interpreter")
if decimal.getcontext().prec == 2 or len("abc") != 3 or json.dumps([]) != "[]":
    print("BREACH library")
if any(entry[0] == "error" for entry in warnings.filters):
    print("BREACH warnings")
if "tbl_rows" in str(pl.Config.state(if_set=True)).lower() and "'1'" in str(pl.Config.state()):
    print("BREACH config")
for number in range(2, 200):
    if ctypes.c_uint32.from_address(id(number) + 24).value != number:
        print("BREACH integers")
        break
if orders.group_by("name").agg(pl.col("total").sum()).height != 50:
    print("BREACH engine")
result = orders.head(1)
