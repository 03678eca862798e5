"""Where code runs: the only place where a program that a model wrote is ever executed."""

from darkwood_bench.sandbox.batch import (
    ExecutionJob,
    execute_all,
    sandbox_version,
)
from darkwood_bench.sandbox.errors import SandboxError, SandboxUnavailable
from darkwood_bench.sandbox.execution import Comparison, Execution
from darkwood_bench.sandbox.isolation import IsolationReport, probe_isolation
from darkwood_bench.sandbox.limits import Limits
from darkwood_bench.sandbox.results import ResultStore, ResultStoreError
from darkwood_bench.sandbox.sandbox import Program, Sandbox

__all__ = [
    "Comparison",
    "Execution",
    "ExecutionJob",
    "IsolationReport",
    "Limits",
    "Program",
    "ResultStore",
    "ResultStoreError",
    "Sandbox",
    "SandboxError",
    "SandboxUnavailable",
    "execute_all",
    "probe_isolation",
    "sandbox_version",
]
