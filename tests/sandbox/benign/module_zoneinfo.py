from datetime import datetime
from zoneinfo import ZoneInfo
t = datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("America/New_York"))
result = pl.DataFrame({"paris": [t.astimezone(ZoneInfo("Europe/Paris")).isoformat()], "offset": [t.utcoffset().total_seconds()]})
