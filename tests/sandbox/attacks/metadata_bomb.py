# DESC: a schema with tens of megabytes of metadata, and twenty thousand fields without a row
# EXPECT: payload_invalid|result_too_large|ok|timeout
import io
import os
import struct

import pyarrow as pa
import pyarrow.ipc as ipc

fields = [pa.field(f"c{i}", pa.int8(), metadata={b"k": b"v" * 10}) for i in range(20_000)]
schema = pa.schema(fields, metadata={f"k{i}": "v" * 1000 for i in range(5_000)})
data = memoryview(schema.serialize().to_pybytes())
os.write(3, b"D" + struct.pack("<Q", len(data)))
while data:
    data = data[os.write(3, data) :]
os.write(3, b"Z" + bytes(8))
os._exit(0)
