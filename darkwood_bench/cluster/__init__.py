"""More machines than one: Ray's nodes as places for executions, and runs launched on them.

Only what is chosen by configuration gets here, so that Ray need not be installed elsewhere.
"""
