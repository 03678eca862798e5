"""The `darkwood` command line: one module a group of commands."""
