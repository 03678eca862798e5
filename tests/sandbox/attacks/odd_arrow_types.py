# DESC: Arrow types that Polars never writes: unions, maps, run-ends, list views, intervals, halves
# EXPECT: payload_invalid|ok
import io
import os
import struct
from decimal import Decimal

import pyarrow as pa
import pyarrow.ipc as ipc

arrays = {
    "union": pa.UnionArray.from_dense(pa.array([0, 1], pa.int8()), pa.array([0, 0], pa.int32()), [pa.array([1]), pa.array(["x"])]),
    "map": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
    "run_ends": pa.RunEndEncodedArray.from_arrays(pa.array([2], pa.int32()), pa.array([7])),
    "list_view": pa.array([[1], [2]], pa.list_view(pa.int64())),
    "interval": pa.array([(1, 2, 3), None], pa.month_day_nano_interval()),
    "half": pa.array([1.0, None], pa.float16()),
    "decimal256": pa.array([Decimal(1), None], pa.decimal256(76, 3)),
    "date64": pa.array([0, 86_400_000], pa.date64()),
    "time": pa.array([-5, 1 << 40], pa.time64("us")),
}
table = pa.table(arrays)
sink = io.BytesIO()
with ipc.new_stream(sink, table.schema) as writer:
    writer.write_table(table)
data = sink.getvalue()
os.write(3, b"D" + struct.pack("<Q", len(data)) + data + b"Z" + bytes(8))
os._exit(0)
