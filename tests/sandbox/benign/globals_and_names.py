result = pl.DataFrame({"tables": sorted(name for name, value in globals().items() if isinstance(value, pl.DataFrame))})
