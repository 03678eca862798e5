"""The closed lists that the music store's values are made from. All names are invented.

Questions may rely on what stands here: it is the same for every seed.
"""

FIRST_NAMES = (
    "Agnès", "Björn", "Céline", "Dara", "Emeka", "Flóra", "Gaël", "Hana", "Íris", "Jonas",
    "Kenji", "Łucja", "Mei", "Noé", "Oyelaran", "Paula", "Quim", "Rosa", "Søren", "Tomás",
)  # fmt: skip
LAST_NAMES = (
    "Abara", "Bélanger", "Castañeda", "Dufour", "Eriksen", "Ferrão", "Grøn", "Haddad", "Ito",
    "Jankovic", "Köhler", "Lindqvist", "Moreau", "Nwosu", "Okada", "Petit",
)  # fmt: skip
BAND_ADJECTIVES = (
    "Amber", "Broken", "Copper", "Distant", "Electric", "Faded", "Golden", "Hollow", "Ivory",
    "Lonesome", "Midnight", "Neon", "Paper", "Quiet", "Silver", "Velvet",
)  # fmt: skip
BAND_NOUNS = (
    "Antennas", "Bicycles", "Cathedrals", "Dolphins", "Engines", "Foxes", "Gardens", "Harbours",
    "Lanterns", "Mirrors", "Owls", "Rivers", "Satellites", "Tigers",
)  # fmt: skip
FRENCH_BANDS = ("Les Éphémères", "Forêt Noire", "Où Va L'Été", "La Marée", "Déjà Demain")
TITLE_VERBS = (
    "Chasing", "Counting", "Drawing", "Falling for", "Finding", "Holding", "Leaving", "Losing",
    "Missing", "Painting", "Remembering", "Waiting for",
)  # fmt: skip
TITLE_THINGS = (
    "August", "Bruises", "Café Lights", "Dust", "Éternité", "Fire", "Ghosts", "Home", "Islands",
    "July", "Letters", "Mañana", "Noise", "Rain", "Shadows", "the Tide", "Winter", "You",
)  # fmt: skip
GENRES: tuple[tuple[int, str, int | None], ...] = (
    (1, "rock", None),
    (2, "electronic", None),
    (3, "jazz", None),
    (4, "chanson", None),
    (5, "folk", None),
    (11, "indie rock", 1),
    (12, "post-punk", 1),
    (13, "Metal", 1),
    (21, "house", 2),
    (22, "ambient", 2),
    (31, "bebop", 3),
    (32, "Latin jazz", 3),
    (51, "americana", 5),
    (90, "polka", None),
)
"""genre_id, genre, parent_id. Nothing is ever played of the last one."""
LABELS = ("Blue Door", "Grand Large", "Kestrel", "Ninth Floor", "Small Hours")
CLASSES = ("studio", "studio", "studio", "live", "demo", "remix")
ROLES = ("vocals", "guitar", "drums", "keys", "producer")
SCALES = ("major", "minor")
COUNTRIES = ("FR", "FR", "DE", "GB", "JP", "BR", "NG", "SE")
PLANS = ("free", "basic", "family", "premium")
"""From the least to the most expensive: the order of the Enum."""
DEVICES = ("phone", "phone", "Phone", "desktop", "speaker", "car")
TAGS = ("chill", "focus", "gym", "party", "rainy day", "road trip", "sleep")
PLAYLIST_WORDS = ("Morning", "Dimanche", "Night", "Workout", "été", "Slow", "Throwback")
PLAYLIST_ENDS = ("mix", "Mix", "favourites", "session", "100%")
