"""Limits that hostile programs reach soon."""

from darkwood_bench.sandbox import Limits

LIMITS = Limits(wall_s=1.5, memory_bytes=512 << 20)
