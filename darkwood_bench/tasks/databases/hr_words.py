"""What the HR history is made of: words, codes and the departments, which no seed changes."""

from datetime import date

FIRST_DAY = date(2012, 1, 2)
LAST_DAY = date(2024, 12, 31)
"""The records end here; whoever is still employed then has no last day."""

DEPARTMENTS = (
    (1, "Group", None, "Lyon", date(2012, 1, 2), None),
    (2, "Operations", 1, "Lyon", date(2012, 1, 2), None),
    (3, "Technology", 1, "Lyon", date(2013, 4, 1), None),
    (4, "People & Culture", 1, "Lyon", date(2012, 1, 2), None),
    (5, "Finance", 1, None, date(2012, 1, 2), None),
    (6, "Commercial", 1, "Malmö", date(2014, 9, 1), None),
    (7, "Plant North", 2, "Malmö", date(2012, 6, 1), None),
    (8, "Plant South", 2, "Besançon", date(2012, 1, 2), None),
    (9, "Logistics", 2, "Łódź", date(2015, 3, 2), None),
    (10, "Software", 3, "Łódź", date(2014, 1, 1), None),
    (11, "Data", 3, "Lyon", date(2018, 10, 1), None),
    (12, "Support", 3, None, date(2015, 3, 2), None),
    (13, "Recruiting", 4, "Lyon", date(2016, 2, 29), None),
    (14, "payroll ", 4, "Besançon", date(2012, 1, 2), None),
    (15, "Accounting", 5, "Lyon", date(2012, 1, 2), None),
    (16, "Sales France", 6, "Besançon", date(2014, 9, 1), None),
    (17, "Sales Nordics", 6, "Malmö", date(2014, 9, 1), None),
    (18, "Support", 6, "Malmö", date(2019, 5, 6), date(2023, 3, 31)),
    (19, "Innovation Lab", 11, "Lyon", date(2019, 1, 1), date(2022, 6, 30)),
    (20, "Archive", 4, None, date(2020, 1, 1), None),
    (21, "Crisis Team", None, None, date(2020, 3, 16), date(2020, 3, 16)),
)
"""Two are called Support; two have no parent; Crisis Team existed for a day."""
EMPTY_DEPARTMENTS = (20, 21)
PLAN_YEARS = ("2021", "2022", "2023", "2024")
UNKNOWN_DEPARTMENT = 99
"""In the plan, and in no list of departments."""

FIRST_NAMES = (
    "Aïcha", "Bengt", "Chloé", "Dorota", "Émile", "Farah", "Göran", "Hanna", "Ivo", "Jürgen",
    "Kasia", "Léa", "Maud", "Noé", "Olga", "Paweł", "Quentin", "Rasmus", "Søren", "Tove",
    "Ulla", "Vera", "Wim", "Xavier", "Yann", "Zofia",
)  # fmt: skip
LAST_NAMES = (
    "Andersson", "Åkesson", "Bernard", "d'Alembert", "de la Tour", "Dubois", "Ekström", "Fischer",
    "Garcia", "Högberg", "Ito", "Kowalska", "Lefèvre", "Lindqvist", "Martin", "Müller", "Nowak",
    "O'Brien", "Petit", "Roux", "Schmidt", "Tremblay", "van Dijk", "Wójcik", "Yılmaz", "Zieliński",
)  # fmt: skip
COUNTRIES = ("DE", "FR", "FR", "FR", "PL", "SE", "SE")
CURRENCIES = {"DE": "EUR", "FR": "EUR", "PL": "PLN", "SE": "SEK"}
LANGUAGES = ("de", "en", "fr", "pl", "sv")
CONTRACTS = ("permanent", "fixed-term", "apprentice", "intern", "freelance")
"""In the order of the Enum."""
TITLES = (
    "Analyst", "Assistant", "Buyer", "Controller", "Coordinator", "Data Engineer", "Engineer",
    "Fitter", "Lead Engineer", "Recruiter", "Sales Manager", "Senior Analyst", "Senior Engineer",
    "Team Lead", "Technician",
)  # fmt: skip
GRADES = ("A", "B", "C", "D", "E", "F")
"""Lowest first, which is the order of the Enum too."""
PERCENTS = (100, 100, 100, 100, 80, 80, 60, 50, 40)
RAISES = ("raise", "raise", "promotion", "review", None)
ABSENCES = ("sick", "sick", "sick", "holiday", "holiday", "holiday", "parental", "unpaid")

COURSES = (
    ("FIRE-1", "Fire safety", 3, 24, True, ("safety",)),
    ("FIRE-2", "Fire warden", 8, 24, False, ("safety", "leadership")),
    ("AID-1", "First aid", 14, 24, True, ("safety", "health")),
    ("GDPR", "Données personnelles", 2, 12, True, ("law", "data")),
    ("SEC-1", "Secure work", 2, 12, True, ("law", "it")),
    ("SQL-1", "SQL for everyone", 12, None, False, ("data", "it")),
    ("SQL-2", "SQL, second part", 12, None, False, ("data", "it")),
    ("PY-1", "Python", 30, None, False, ("it",)),
    ("LEAD-1", "Leading people", 16, None, False, ("leadership",)),
    ("FR-B1", "Français B1", 60, None, False, ("language",)),
    ("SV-A2", "Svenska A2", 40, 60, False, ("language",)),
    ("ERGO", "Ergonomics", 1, None, True, ()),
    ("YOGA", "Yoga", 0, None, False, None),
    ("FORK", "Forklift", 20, 60, False, ("safety",)),
)
UNTAUGHT_COURSES = ("FORK",)
UNKNOWN_COURSE = "OLD-7"
CLASSES = ("room", "room", "online", "online", "Online", "ROOM ")
