# DESC: a payload of hundreds of thousands of record batches of one row
# EXPECT: payload_invalid|timeout
import io
import os
import struct

import pyarrow as pa
import pyarrow.ipc as ipc

batch = pa.record_batch({name: pa.array([1], pa.int8()) for name in "abcdefgh"})
sink = io.BytesIO()
with ipc.new_stream(sink, batch.schema) as writer:
    writer.write_batch(batch)
    start = sink.tell()
    writer.write_batch(batch)
    one = sink.getvalue()[start:]
    head = sink.getvalue()
data = memoryview(head + one * (60_000_000 // len(one)))
os.write(3, b"D" + struct.pack("<Q", len(data)))
while data:
    data = data[os.write(3, data) :]
os.write(3, b"Z" + bytes(8))
os._exit(0)
