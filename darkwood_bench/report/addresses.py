"""Where each page is. Names come from registries and suites: what is no plain letter is encoded."""

import re

_PLAIN = re.compile(r"[A-Za-z0-9._-]")


def slug(name: str) -> str:
    """A name as a path segment and fragment: other names give other slugs, none climbs a folder.

    What needs encoding in a URL becomes ~ and the hexadecimal of its UTF-8 bytes.
    """
    text = "".join(
        char
        if _PLAIN.fullmatch(char)
        else "".join(f"~{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))
        for char in name
    )
    return f"~{ord('.'):02x}{text[1:]}" if text.startswith(".") else text


def system_page(model: str, variant: str) -> str:
    return f"systems/{slug(model)}/{slug(variant)}.html"


def task_page(task_id: str) -> str:
    return f"tasks/{_path(task_id)}.html"


def answers_page(task_id: str, model: str) -> str:
    """The page of a model's answers to a task, one under each prompt variant."""
    return f"answers/{_path(task_id)}/{slug(model)}.html"


def answer_link(task_id: str, model: str, variant: str) -> str:
    """One answer on its page."""
    return f"{answers_page(task_id, model)}#{slug(variant)}"


def baseline_page(baseline: str) -> str:
    return f"prompts/{slug(baseline)}.html"


def root_of(page: str) -> str:
    """The way from a page to the report's folder: '' or '../' for each level."""
    return "../" * page.count("/")


def _path(task_id: str) -> str:
    return "/".join(slug(part) for part in task_id.split("/"))
