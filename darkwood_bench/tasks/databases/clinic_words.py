"""What the clinic is made of: words, codes and reference ranges, which no seed changes."""

from datetime import date

FIRST_DAY = date(2022, 1, 1)
LAST_DAY = date(2024, 12, 31)

FIRST_NAMES = (
    "Adèle", "Björn", "Carmen", "Dmitri", "Élodie", "Fatou", "Gaël", "Hélène", "Iñaki", "Joana",
    "Kenza", "Luc", "Maëlys", "Nils", "Oumar", "Paula", "Rosa", "Şirin", "Théo", "Ursula",
    "Viktor", "Wanda", "Yusuf", "Zoé",
)  # fmt: skip
LAST_NAMES = (
    "Almeida", "Benoît", "Castro", "Da Silva", "Diallo", "Dupont", "Eriksson", "Fernández",
    "Gauthier", "Hansen", "Ivanova", "Jansen", "Keller", "Le Goff", "Moreau", "Nguyen", "O'Neill",
    "Perez", "Rossi", "Sørensen", "Traoré", "Ümit", "Vogel", "Weber",
)  # fmt: skip
SEXES = ("female", "male", "other")
BLOOD_TYPES = ("0+", "0+", "A+", "A+", "A+", "B+", "AB+", "0-", "A-", "B-", "AB-")
ALLERGIES = ("aspirin", "latex", "nuts", "penicillin", "pollen")
INSURANCES = ("public", "public", "public", "private")
CITIES = ("Angers", "Brest", "Évreux", "Le Mans", "Nantes", "Saint-Malo")

SPECIALTIES = (
    "cardiology", "dermatology", "emergency", "general medicine", "general medicine", "oncology",
    "paediatrics",
)  # fmt: skip
TITLES = ("Dr.", "Dr.", "Dr.", "Prof. Dr.")
IDLE_DOCTORS = 2
"""The last of them have not seen anybody yet."""

KINDS = ("routine", "follow-up", "urgent", "emergency")
"""The least pressing first, which is the order of the Enum."""
DIAGNOSES = ("E11", "E78", "I10", "I21", "J06", "J45", "K21", "L20", "M54", "N39", "R07", "Z00")
FEES = (0, 2650, 2650, 3000, 6000, 11990, 25000)
"""Cents."""

DRUGS = (
    "Amoxicillin", "Ibuprofen", "Insulin glargine", "Metformin", "Omeprazole", "Paracetamol",
    "Ramipril", "Salbutamol",
)  # fmt: skip
DOSES = ("500 mg", "500 mg", "250mg", "1 g", "0.5 g", "0.25 g", "10 ml", "5 ml", "75 mg")
NO_DATE = "n/a"

ASSAYS = (
    # analyte, unit, lowest and highest value by tenths
    ("glucose", "mg/dL", 450, 2600),
    ("glucose", "mmol/L", 25, 145),
    ("creatinine", "µmol/L", 300, 1800),
    ("haemoglobin", "g/dL", 70, 190),
    ("potassium", "mmol/L", 25, 65),
    ("CRP", "mg/L", 0, 1200),
    ("HDL", "mmol/L", 5, 25),
    ("ferritin", "µg/L", 50, 5000),
    ("TSH", "mU/L", 0, 90),
    ("troponin", "ng/L", 10, 400),
    ("ammonia", "mmol/L", 1, 9),
)
NEVER_WORKED = "ammonia"
"""The device for it has failed each time."""
REFERENCE_RANGES = (
    ("glucose", "mg/dL", 70.0, 99.0),
    ("glucose", "mmol/L", 3.9, 5.5),
    ("creatinine", "µmol/L", 45.0, 104.0),
    ("haemoglobin", "g/dL", 12.0, 17.5),
    ("potassium", "mmol/L", 3.5, 5.1),
    ("CRP", "mg/L", None, 5.0),
    ("HDL", "mmol/L", 1.0, None),
    ("ferritin", "µg/L", 15.0, 300.0),
    ("TSH", "mU/L", 0.4, 4.0),
    ("lactate", "mmol/L", 0.5, 2.2),
    ("sodium", "mmol/L", None, None),
)
"""Troponin and ammonia have none; lactate and sodium were never measured."""

WAVES = (2022, 2023, 2024)
LANGUAGES = ("fr", "fr", "fr", "br", "en")
CHANNELS = ("paper", "web", "Web", " web", "phone ")
QUESTIONS = tuple(f"q{number:02d}" for number in range(1, 73))
NOT_ASKED = "q37"
DOES_NOT_APPLY = 9
"""The answer to a question of the scale that concerns somebody else."""
REMARKS = ("Merci !", "too long", "Parking is a nightmare", "RAS", "")
