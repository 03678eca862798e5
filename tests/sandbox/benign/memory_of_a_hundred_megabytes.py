block = bytearray(100 << 20)
block[-1] = 7
result = block[-1]
