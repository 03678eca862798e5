# DESC: three million texts of a megabyte that share one buffer: 48 MB to send, 3 TB to look at
# EXPECT: result_too_large|payload_invalid|oom
result = pl.DataFrame({"x": pl.repeat("x" * 1_000_000, 3_000_000, eager=True)})
