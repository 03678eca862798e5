# DESC: machine code of its own that makes 32-bit system calls
# EXPECT: forbidden_syscall
import ctypes
import mmap

code = bytes.fromhex("b814000000" "cd80" "c3")  # mov eax, 20 (getpid); int 0x80; ret
area = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
area.write(code)
address = ctypes.addressof(ctypes.c_char.from_buffer(area))
print("BREACH", ctypes.CFUNCTYPE(ctypes.c_long)(address)())
result = 1
