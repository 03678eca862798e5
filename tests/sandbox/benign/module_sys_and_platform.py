import os, sys
result = pl.DataFrame({"main": [__name__], "version": [sys.version_info[0]], "deep": [sys.getrecursionlimit() > 100], "sep": [os.sep], "argv": [isinstance(sys.argv, list)]})
