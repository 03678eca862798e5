import array, struct
result = pl.DataFrame({"a": list(struct.unpack("<hI", struct.pack("<hI", -1, 7))), "b": list(array.array("i", [1, 2]))})
