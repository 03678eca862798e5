# DESC: a dictionary of one huge text, or one huge list, that millions of rows refer to
# EXPECT: result_too_large|payload_invalid|ok
import io
import os
import struct

import pyarrow as pa
import pyarrow.ipc as ipc

indices = pa.repeat(pa.scalar(0, pa.int8()), 3_000_000)
text = pa.DictionaryArray.from_arrays(indices, pa.array(["x" * 4_000_000]))
lists = pa.DictionaryArray.from_arrays(indices, pa.array([[1] * 500_000]))
table = pa.table({"text": text, "lists": lists})
sink = io.BytesIO()
with ipc.new_stream(sink, table.schema) as writer:
    writer.write_table(table)
data = memoryview(sink.getvalue())
os.write(3, b"D" + struct.pack("<Q", len(data)))
while data:
    data = data[os.write(3, data) :]
os.write(3, b"Z" + bytes(8))
os._exit(0)
