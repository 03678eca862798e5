# DESC: nulls cost no bytes: quadrillions of them in lists of a few rows, and rows without columns
# EXPECT: result_too_large|payload_invalid
import io
import os
import struct

import pyarrow as pa
import pyarrow.ipc as ipc

# Lists of nulls: only the lengths are in the data, and they are made larger afterwards.
inner = pa.FixedSizeListArray.from_arrays(pa.nulls(4 * 12_345), 12_345)
table = pa.table({"x": inner})
sink = io.BytesIO()
with ipc.new_stream(sink, table.schema) as writer:
    writer.write_table(table)
data = sink.getvalue()
for kind, small, large in (("<i", 12_345, 1 << 28), ("<q", 4 * 12_345, 1 << 30)):
    assert struct.pack(kind, small) in data
    data = data.replace(struct.pack(kind, small), struct.pack(kind, large))
os.write(3, b"D" + struct.pack("<Q", len(data)) + data + b"Z" + bytes(8))
os._exit(0)
