from pathlib import Path

import pytest

from darkwood_bench.prompting import VariantError, load_variants, variant_hash
from darkwood_bench.settings import PACKAGE

REGISTRY = PACKAGE / "prompting" / "variants.yaml"


def write(folder: Path, text: str) -> Path:
    path = folder / "variants.yaml"
    path.write_text(text)
    return path


def test_the_registry_has_the_three_variants_of_the_board() -> None:
    variants = load_variants(REGISTRY)
    assert list(variants) == ["minimal", "schema", "few_shot"]
    assert variants["minimal"].schema_style == "names"
    assert variants["few_shot"].examples is not None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("v:\n  about: a\n  system: s\n  schema: full\n", "v.schema"),
        ("v:\n  about: a\n  schema: typed\n", "v.system"),
        ("v:\n  about: a\n  system: s\n  schema: typed\n  colour: red\n", "v.colour"),
        ("a|b:\n  about: a\n  system: s\n  schema: typed\n", "a|b"),
        (
            "v:\n  about: a\n  system: s\n  schema: typed\n  examples: {categories: [poetry]}\n",
            "v.",
        ),
        ("- 1\n", "mapping"),
        ("v: [\n", "not YAML"),
    ],
)
def test_a_bad_registry_gives_one_line_that_names_the_place(
    tmp_path: Path, text: str, names: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(VariantError) as caught:
        load_variants(path)
    message = str(caught.value)
    assert str(path) in message
    assert names in message
    assert "\n" not in message


def test_a_missing_registry_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(VariantError, match="DARKWOOD_VARIANTS"):
        load_variants(tmp_path / "none.yaml")


def test_the_hash_follows_what_is_asked_and_not_its_description(tmp_path: Path) -> None:
    entry = "v:\n  about: {about}\n  system: {system}\n  schema: typed\n"

    def hash_of(about: str, system: str) -> str:
        path = write(tmp_path, entry.format(about=about, system=system))
        return variant_hash(load_variants(path)["v"])

    assert hash_of("one", "rules") == hash_of("two", "rules")
    assert hash_of("one", "rules") != hash_of("one", "other rules")
