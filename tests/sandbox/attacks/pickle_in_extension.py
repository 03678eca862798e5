# DESC: an Arrow extension type whose metadata is a pickle, which old readers load
# EXPECT: ok|payload_invalid
import io
import os
import pickle
import struct

import pyarrow as pa
import pyarrow.ipc as ipc


class Evil:
    def __reduce__(self):
        return exec, ("open('@ROOT@/canary/unpickled', 'w').write('x')\nprint('BREACH unpickled')",)


metadata = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": pickle.dumps(Evil())}
schema = pa.schema([pa.field("x", pa.int64(), metadata=metadata)], metadata={b"pandas": pickle.dumps(Evil())})
sink = io.BytesIO()
with ipc.new_stream(sink, schema) as writer:
    writer.write_table(pa.table([pa.array([1, 2])], schema=schema))
data = sink.getvalue()
os.write(3, b"D" + struct.pack("<Q", len(data)) + data + b"Z" + bytes(8))
os._exit(0)
