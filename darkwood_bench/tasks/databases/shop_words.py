"""The words that the shop's rows are made of. All names are invented."""

from datetime import date

CATEGORIES = ("Camping", "Climbing", "Cycling", "Running", "Water sports", "Winter")
PREFIXES = {
    "Camping": "CAM",
    "Climbing": "CLI",
    "Cycling": "CYC",
    "Running": "RUN",
    "Water sports": "WAT",
    "Winter": "WIN",
}
UNSOLD_CATEGORY = "Fishing"
"""Has targets and no product."""
GOODS = {
    "Camping": ("Tent", "Stove", "Lantern", "Sleeping bag", "Hammock"),
    "Climbing": ("Rope", "Harness", "Helmet", "Chalk bag", "Quickdraw"),
    "Cycling": ("Pannier", "Bell", "Jersey", "Pump", "Saddle"),
    "Running": ("Shoe", "Singlet", "Belt", "Cap", "Gel"),
    "Water sports": ("Kayak", "Paddle", "Dry bag", "Wetsuit", "Buoyancy aid"),
    "Winter": ("Ski", "Snowshoe", "Beanie", "Glove", "Sledge"),
}
MODELS = (
    "Arête", "Birch", "Cairn", "Dune", "Écrin", "Fjord", "Grizzly", "Höhe", "Ibex", "Juniper",
    "Kestrel", "Lynx", "Merle", "Névé", "Osprey", "Piñon",
)  # fmt: skip
SIZES = ("S", "M", "L", "XL")
TAGS = ("bestseller", "clearance", "gift", "new", "recycled", "vegan")
CLASSES = ("A", "B", "B", "C", "C", "C")

COMPANIES = (
    "Alpenwerk GmbH", "Bergström AB", "Cordelia Ltd", "Dolomiti S.r.l.", "Équipe Nord SARL",
    "Fjällgear AB", "Gorski d.o.o.", "Hochtour GmbH", "Isère Sport SARL", "Jura Textile SA",
    "Karwendel GmbH", "Loch & Sons Ltd", "Montaña S.L.", "Nordlys AS", "Old Mill Ltd",
    "Pyrénées Outdoor SARL", "Quay Works Ltd", "Rocca S.r.l.", "Skåne Sadel AB", "Tatra Sp.",
    "Umbra S.r.l.", "Vosges Laine SARL", "Watzmann GmbH", "Yggdrasil AS",
)  # fmt: skip
SUPPLIERS_WITHOUT_PRODUCTS = 3
COUNTRIES = ("Germany", "France", "Italy", "Norway", "Spain", "Sweden", "United Kingdom")

FIRST_NAMES = (
    "Anaïs", "Björn", "Carmen", "Dieter", "Élodie", "Fatima", "Giulia", "Håkon", "Ingrid",
    "Jean-Luc", "Katja", "Lars", "Maëlle", "Niamh", "Olivier", "Paula", "Quentin", "Rosa",
    "Søren", "Tomás",
)  # fmt: skip
LAST_NAMES = (
    "Álvarez", "Berger", "Costa", "Dupont", "Eriksen", "Fournier", "García", "Hansen",
    "Johansson", "Keller", "Lindqvist", "Moreau", "Novak", "O'Brien", "Petit", "Rossi",
    "Schäfer", "Thomas", "van Dijk", "Weiß",
)  # fmt: skip
MAIL_HOSTS = ("example.com", "example.org", "mail.example.net", "post.example.de")
CUSTOMER_COUNTRIES = (
    "Germany", "Germany", "France", "France", "France", "Italy", "Spain", "Sweden", "france",
    "GERMANY", "France ", " France", "Portugal",
)  # fmt: skip
CITIES = {
    "Germany": ("Berlin", "München", "Köln"),
    "France": ("Grenoble", "Paris", "Saint-Étienne"),
    "Italy": ("Torino", "Bolzano"),
    "Spain": ("Jaca", "Madrid"),
    "Sweden": ("Östersund", "Umeå"),
    "Portugal": ("Porto",),
}
SEGMENTS = ("private", "club", "school", "business")
JOBS = ("clerk", "clerk", "clerk", "buyer", "guide", "mechanic")
OFFICES = ("Chamonix", "Innsbruck", "Online", None)

CREDIT_LIMITS = (0, 25000, 50000, 100000, 250000)
"""In cents."""
STATUSES = ("draft", "paid", "shipped", "delivered", "returned", "cancelled")
"""In the order in which an order passes through them."""
CHANNELS = ("web", "web", "web", "phone", "store")
COUPONS = ("SPRING10", "spring10", " spring10", "Summer5", "SUMMER5 ", "VIP", "vip ")
FEES = (0, 0, 490, 490, 790, 1290)
"""In cents."""
PIECES = (1, 1, 1, 2, 2, 3, 5, 10)
DISCOUNTS = (0.0, 0.0, 0.05, 0.1, 0.15, 0.2, 0.5)
FIRST_ORDER, LAST_ORDER = date(2023, 1, 1), date(2025, 6, 30)
