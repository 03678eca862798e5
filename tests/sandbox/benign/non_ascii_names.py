größe = sales.select(größe=pl.col("qty")).head(2)
result = größe.rename({"größe": "taille_é"})
