"""One module a stage: read, call the stage's package, write, attach metadata."""
