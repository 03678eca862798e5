parts = sales.partition_by("shop", as_dict=True, maintain_order=True)
result = pl.DataFrame({"shop": [key[0] for key in parts], "n": [part.height for part in parts.values()]})
