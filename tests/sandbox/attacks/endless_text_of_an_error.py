# DESC: an error whose text, and a result whose parts, take forever to be asked for
# EXPECT: timeout|cpu_limit
class Evil(Exception):
    def __str__(self):
        while True:
            pass


raise Evil
