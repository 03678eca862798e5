events = pl.DataFrame({"at": readings["at"].gather([5, 50, 90]).dt.offset_by("7m"), "e": ["x", "y", "z"]}).sort("at")
result = events.join_asof(readings.sort("at"), on="at", strategy="backward", tolerance="2h")
