"""What every part of a registry entry is, and how its texts have to look."""

from pydantic import BaseModel, ConfigDict

FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
SHA256 = r"^[0-9a-f]{64}$"
ADDRESS = r"^https?://[^/\s?#@]+(/[^\s?#]*)?$"
VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
SHAPES = {
    FILE_NAME: "a file's name, without folders and blanks",
    SHA256: "a SHA-256: 64 digits 0-9 and a-f",
    ADDRESS: "an address such as http://127.0.0.1:8000/v1, without user, ? and #",
    VARIABLE: "an environment variable's name, such as OPENAI_API_KEY",
}
"""What the texts are that have to look in a certain way."""


class Entry(BaseModel):
    """A part of a registry file: no fields but the known ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)
