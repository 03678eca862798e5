# DESC: put itself in place of every module and codec that the child will use to answer
# EXPECT: payload_invalid|runtime_error|ok|exited_early
import codecs
import io
import json
import sys


class Finder:
    def find_spec(self, name, path=None, target=None):
        print("asked for", name)
        return None


json.dumps = lambda *a, **k: '{"status": "zygote_lost", "kind": "zygote_lost"}'
sys.meta_path.insert(0, Finder())
sys.path_hooks.insert(0, lambda path: 1 / 0)
sys.path_importer_cache.clear()
codecs.register(lambda name: 1 / 0)
codecs.register_error("strict", lambda error: ("", error.end))
codecs.register_error("replace", lambda error: ("zygote_lost", error.end))
for name in list(sys.modules):
    if name not in ("sys", "builtins", "__main__"):
        sys.modules[name] = Finder()
io.BytesIO = lambda *_: 1 / 0
raise ValueError("zygote_lost \ud800")
