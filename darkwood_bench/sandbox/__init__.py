"""Where code runs: the only place where a program that a model wrote is ever executed."""

from darkwood_bench.sandbox.errors import SandboxError, SandboxUnavailable
from darkwood_bench.sandbox.execution import Comparison, Execution
from darkwood_bench.sandbox.isolation import IsolationReport, probe_isolation
from darkwood_bench.sandbox.limits import Limits
from darkwood_bench.sandbox.sandbox import Sandbox

__all__ = [
    "Comparison",
    "Execution",
    "IsolationReport",
    "Limits",
    "Sandbox",
    "SandboxError",
    "SandboxUnavailable",
    "probe_isolation",
]
