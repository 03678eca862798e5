# DESC: Polars' own extension type for Python objects, whose metadata names a process and an address
# EXPECT: ok|payload_invalid
import io
import os
import struct

import pyarrow as pa
import pyarrow.ipc as ipc

columns, fields = [], []
for number, name in enumerate(("POLARS_EXTENSION_TYPE", "polars.object", "_PL_OBJECT")):
    for pid in (os.getpid(), os.getppid(), 1, 2):
        metadata = {
            b"ARROW:extension:name": name.encode(),
            b"ARROW:extension:metadata": f"{pid};{0x4141414141414141 + number}".encode(),
            b"_PL_OBJECT": b"1",
            b"_PL_CATEGORICAL": b"lexical",
            b"_PL_ENUM_VALUES": b"5;AAAA",
        }
        for kind, values in ((pa.binary(8), [b"A" * 8]), (pa.int64(), [0x4141414141414141]), (pa.string(), ["x"])):
            fields.append(pa.field(f"{name}{pid}{kind}", kind, metadata=metadata))
            columns.append(pa.array(values, kind))
schema = pa.schema(fields)
sink = io.BytesIO()
with ipc.new_stream(sink, schema) as writer:
    writer.write_table(pa.table(columns, schema=schema))
data = sink.getvalue()
os.write(3, b"D" + struct.pack("<Q", len(data)) + data + b"Z" + bytes(8))
os._exit(0)
