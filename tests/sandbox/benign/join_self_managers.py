staff = pl.DataFrame({"id": [1, 2, 3, 4], "name": ["Ann", "Bo", "Cy", "Di"], "boss": [None, 1, 1, 2]})
result = staff.join(staff.select(boss="id", boss_name="name"), on="boss", how="left").sort("id")
