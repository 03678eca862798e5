# DESC: have the C library read files on its own account: zones, locales, users, names, converters
# EXPECT: ok|runtime_error
import ctypes
import ctypes.util
import locale
import os
import time
import zoneinfo

libc = ctypes.CDLL(None, use_errno=True)
found = []
for value in (":/etc/passwd", ":@ROOT@/gold/gold.db", ":../../../../etc/passwd", "/proc/1/environ"):
    os.environ["TZ"] = value
    time.tzset()
    found.append((value, time.tzname))
for key in ("../../../../etc/passwd", "@ROOT@/gold/gold.db", "/etc/passwd"):
    try:
        zoneinfo.reset_tzpath(to=["/", "/etc", "@ROOT@/gold"])
        print("BREACH", zoneinfo.ZoneInfo(key.lstrip("/")))
    except Exception as error:
        print("deny", key, type(error).__name__)
    try:
        print("BREACH", orders.select(pl.lit("2024-01-01").str.to_datetime(time_zone=key)).rows()[0])
    except BaseException as error:
        print("deny polars", key, type(error).__name__)
for module, call in (("pwd", "getpwall"), ("pwd", "getpwnam"), ("grp", "getgrall"), ("spwd", "getspall")):
    try:
        library = __import__(module)
        entries = getattr(library, call)(*(["root"] if call == "getpwnam" else []))
        print("BREACH" if entries else "none", call, entries)
    except Exception as error:
        print("deny", call, type(error).__name__)
os.environ |= {"LOCPATH": "@ROOT@/gold", "GCONV_PATH": os.getcwd(), "LC_ALL": "evil", "NLSPATH": "/etc/passwd", "HOSTALIASES": "/etc/passwd",
               "LD_PRELOAD": "./evil.so", "PYTHONSTARTUP": "/etc/passwd", "SSL_CERT_FILE": "@ROOT@/gold/gold.csv"}
libc.setenv(b"GCONV_PATH", os.getcwd().encode(), 1)
libc.iconv_open.restype = ctypes.c_void_p
if libc.iconv_open(b"EVIL//", b"UTF-8") not in (ctypes.c_void_p(-1).value, None):
    print("BREACH converter")
for path in ("~", "~root", "~nobody", "$HOME", "~/.ssh/id_rsa", "~/.aws/credentials", "~/.netrc", "~/.bash_history"):
    full = os.path.expandvars(os.path.expanduser(path))
    try:
        print("BREACH" if os.path.isfile(full) else "own", full, open(full).read(20))
    except OSError as error:
        print("deny", full, error.strerror)
print(found)
result = orders.head(1)
