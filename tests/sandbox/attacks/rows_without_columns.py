# DESC: a frame of 2^62 rows and no columns, and one of a negative number of rows
# EXPECT: result_too_large|payload_invalid
import io
import os
import struct

import pyarrow as pa
import pyarrow.ipc as ipc

batch = pa.RecordBatch.from_struct_array(pa.array([{}] * 12_345, pa.struct([])))
sink = io.BytesIO()
with ipc.new_stream(sink, batch.schema) as writer:
    writer.write_batch(batch)
data = sink.getvalue()
assert struct.pack("<q", 12_345) in data
data = data.replace(struct.pack("<q", 12_345), struct.pack("<q", 1 << 62))
os.write(3, b"D" + struct.pack("<Q", len(data)) + data + b"Z" + bytes(8))
os._exit(0)
