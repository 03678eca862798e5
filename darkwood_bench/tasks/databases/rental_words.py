"""The words that the film rental's rows are made of. All names are invented."""

from datetime import date

LANGUAGES = ("English", "English", "English", "French", "French", "Japanese", "Spanish", "Swedish")
GENRES = (
    "animation", "comedy", "crime", "documentary", "drama", "family", "horror", "romance",
    "science fiction", "western",
)  # fmt: skip
FEATURES = ("commentary", "deleted scenes", "making of", "trailers")
RATINGS = ("G", "PG", "12", "15", "18")
"""From films for everybody to films for adults."""
ARTICLES = ("The ", "The ", "A ", "Le ", "La ", "El ", "", "", "", "")
ADJECTIVES = (
    "Amber", "Broken", "Crimson", "Distant", "Électrique", "Forgotten", "Golden", "Hidden",
    "Ivory", "Jagged", "Kind", "Last", "Midnight", "Næste", "Open", "Perdu", "Quiet", "Restless",
    "Silent", "Última",
)  # fmt: skip
NOUNS = (
    "Airport", "Bridge", "Carnival", "Detective", "Étoile", "Ferryman", "Garden", "Harbour",
    "Island", "Jury", "Kitchen", "Lighthouse", "Mañana", "Neighbour", "Orchard", "Piano",
    "Quarry", "River", "Summer", "Tramway",
)  # fmt: skip
SEQUEL_WORDS = ("Returns", "II", "Again", "- The Beginning")

FIRST_NAMES = (
    "Agnès", "Bruno", "Clémence", "Dario", "Ewa", "Félix", "Greta", "Hugo", "Irène", "Joaquín",
    "Kenji", "Lucía", "Mads", "Nora", "Óscar", "Pia", "Rui", "Sanna", "Théo", "Yuki",
)  # fmt: skip
LAST_NAMES = (
    "Almeida", "Bonnet", "Castro", "Dahl", "Estève", "Ferrer", "Gómez", "Holm", "Ito", "Jansen",
    "Kowalski", "Lefèvre", "Marín", "Nakamura", "O'Hara", "Pires", "Ruiz", "Sjöberg", "Tanaka",
    "Vidal",
)  # fmt: skip
ROLES = ("the baker", "the captain", "the doctor", "the judge", "the sister", "the stranger")

STORES = (
    ("Capitole", "Toulouse", date(1998, 3, 2), None, (10, 22)),
    ("Docks", "Bordeaux", date(2004, 9, 17), None, (11, 23)),
    ("Gare", "Bordeaux", date(2011, 5, 30), None, (9, 21)),
    ("Lumière", "Lyon", date(1996, 12, 28), None, (10, 24)),
    ("Pharo", "Marseille", date(2015, 2, 14), None, None),
    ("Vieux Lille", "Lille", date(2001, 6, 1), date(2024, 9, 30), (12, 22)),
    ("Presqu'île", "Lyon", None, None, None),
)
"""Name, city, opened, closed, hours. The last has not opened yet and holds nothing."""
FORMATS = ("DVD", "DVD", "Blu-ray", "Blu-ray", "4K")
CONDITIONS = ("mint", "good", "good", "worn", "damaged")
PLANS = ("basic", "plus", "family")
MAIL_HOSTS = ("example.com", "example.net", "films.example.org")
METHODS = ("card", "card", "card", "Card", "CARD ", "cash", "cash", "Cash", " cash", "voucher")
LATE_FEES = ((1, 100), (3, 250), (7, 600), (14, 1500))
"""From this many days late on, this many cents."""
FIRST_RENTAL, LAST_RENTAL = date(2023, 1, 1), date(2025, 5, 31)
FIRST_WEEK, WEEKS = date(2024, 1, 1), 52
