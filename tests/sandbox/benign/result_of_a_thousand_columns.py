result = pl.DataFrame({f"c{i}": [i] for i in range(1000)})
