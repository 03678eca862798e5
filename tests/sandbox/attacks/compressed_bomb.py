# DESC: zstd record batches of zeros: a few MB that unpack to 29 GB
# EXPECT: payload_invalid|result_too_large
import io
import os
import struct

import pyarrow as pa
import pyarrow.ipc as ipc

batch = pa.record_batch({"x": pa.repeat(pa.scalar(0, pa.int64()), 4_000_000)})
sink = io.BytesIO()
with ipc.new_stream(sink, batch.schema, options=ipc.IpcWriteOptions(compression="zstd")) as writer:
    writer.write_batch(batch)
    start = sink.tell()
    writer.write_batch(batch)
    one = sink.getvalue()[start:]
    head = sink.getvalue()
data = head + one * 900
os.write(3, b"D" + struct.pack("<Q", len(data)))
view = memoryview(data)
while view:
    view = view[os.write(3, view) :]
os.write(3, b"Z" + bytes(8))
os._exit(0)
