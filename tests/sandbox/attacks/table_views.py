# DESC: write into the tables through numpy, buffers and raw pointers, by every view that there is
# EXPECT: ok|runtime_error
import ctypes

import numpy as np

done = 0
for table in (orders, customers):
    for column in table.get_columns():
        for way in ("numpy", "arrow", "pointer"):
            try:
                if way == "numpy":
                    view = column.to_numpy(allow_copy=False)
                    address, size = view.__array_interface__["data"][0], view.nbytes
                    raw = np.ctypeslib.as_array((ctypes.c_ubyte * size).from_address(address))
                    raw[:] = 0x5A
                elif way == "arrow":
                    for part in column.to_arrow().buffers():
                        if part is not None:
                            ctypes.memset(part.address, 0x5A, part.size)
                else:
                    pointer, _, size = column._get_buffer_info()
                    ctypes.memset(pointer, 0x5A, size)
                done += 1
            except Exception as error:
                print("deny", way, type(error).__name__)
assert done
result = customers.head(1).select("cid")
