import base64, binascii, hashlib, hmac, uuid, zlib
result = pl.DataFrame({
    "sha": [hashlib.sha256(b"a").hexdigest()], "md5": [hashlib.md5(b"a").hexdigest()], "u": [str(uuid.uuid5(uuid.NAMESPACE_DNS, "x.org"))], "b": [base64.b64encode(b"xyz").decode()], "c": [zlib.crc32(b"abc")], "h": [hmac.new(b"k", b"m", "sha1").hexdigest()], "x": [binascii.hexlify(b"\x01").decode()],
})
