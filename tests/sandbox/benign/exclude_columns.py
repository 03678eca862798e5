result = sales.select(pl.exclude("blob", "tags", "place", "^p.*$")).head(4)
