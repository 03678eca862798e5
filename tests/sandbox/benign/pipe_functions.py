def keep(frame, least):
    return frame.filter(pl.col("qty") >= least)
result = sales.pipe(keep, least=8).pipe(lambda f: f.select("id", "qty")).sort("id")
