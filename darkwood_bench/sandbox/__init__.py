"""Where code runs: the only place where a program that a model wrote is ever executed."""

from darkwood_bench.sandbox.batch import execute_all, sandbox_version
from darkwood_bench.sandbox.diagnosis import (
    LEVEL_MEANINGS,
    Layer,
    Machine,
    diagnose,
    this_machine,
)
from darkwood_bench.sandbox.errors import SandboxError, SandboxUnavailable
from darkwood_bench.sandbox.execution import Comparison, Execution
from darkwood_bench.sandbox.folders import package_versions
from darkwood_bench.sandbox.isolation import (
    ALLOW_UNISOLATED,
    IsolationReport,
    probe_isolation,
)
from darkwood_bench.sandbox.limits import Limits
from darkwood_bench.sandbox.results import ResultStore, ResultStoreError
from darkwood_bench.sandbox.runner import (
    HERE,
    ExecutionJob,
    Here,
    Runner,
    by_suite,
    is_doubtful,
    run_once,
)
from darkwood_bench.sandbox.sandbox import Brought, Program, Sandbox

__all__ = [
    "ALLOW_UNISOLATED",
    "HERE",
    "LEVEL_MEANINGS",
    "Brought",
    "Comparison",
    "Execution",
    "ExecutionJob",
    "Here",
    "IsolationReport",
    "Layer",
    "Limits",
    "Machine",
    "Program",
    "ResultStore",
    "ResultStoreError",
    "Runner",
    "Sandbox",
    "SandboxError",
    "SandboxUnavailable",
    "by_suite",
    "diagnose",
    "execute_all",
    "is_doubtful",
    "package_versions",
    "probe_isolation",
    "run_once",
    "sandbox_version",
    "this_machine",
]
