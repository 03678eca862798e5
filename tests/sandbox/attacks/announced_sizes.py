# DESC: compressed buffers that announce exabytes, and messages that announce more than there is
# EXPECT: payload_invalid
import io
import os
import struct

import pyarrow as pa
import pyarrow.ipc as ipc

sink = io.BytesIO()
table = pa.table({"x": pa.array(range(100_000), pa.int64()), "s": pa.array(["abc"] * 100_000)})
with ipc.new_stream(sink, table.schema, options=ipc.IpcWriteOptions(compression="zstd")) as writer:
    writer.write_table(table)
data = bytearray(sink.getvalue())
size = struct.pack("<q", 800_000)  # the announced size of the first column, before it is compressed
at = bytes(data).find(size)
assert at > 0
data[at : at + 8] = struct.pack("<q", 1 << 60)
os.write(3, b"D" + struct.pack("<Q", len(data)) + bytes(data) + b"Z" + bytes(8))
os._exit(0)
