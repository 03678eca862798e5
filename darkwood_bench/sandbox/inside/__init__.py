"""What runs within the jail. It imports the standard library and Polars only, and nothing of the
project outside this package: the jail holds no more than this folder."""
