"""`darkwood models`: what can be asked, and its weights."""

import json
from typing import Annotated, Any

import typer
from rich.markup import escape

from darkwood_bench.commands.models_add import add
from darkwood_bench.commands.terminal import compact_table, fail, known, out, shown_progress
from darkwood_bench.harness import (
    ModelSpec,
    WeightsSpec,
    default_model,
    ensure_weights,
    load_models,
)
from darkwood_bench.harness.cached import Held, free, held, sharing, verify
from darkwood_bench.harness.registry import read_registry
from darkwood_bench.settings import settings_from_env

STATES = {
    "cached": "[green]cached[/green]",
    "local": "[green]your file[/green]",
    "partly": "[yellow]partly fetched[/yellow]",
    "missing": "not fetched",
    "served": "–",
}

models = typer.Typer(
    help=(
        "The models that can be asked, and their weights.\n\n"
        "Models come from two registries: the one that comes with darkwood, and your own, which "
        "`darkwood models add` writes. DARKWOOD_MODELS names one that takes the place of both. "
        "Without a command: the list."
    ),
    invoke_without_command=True,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Names = Annotated[list[str] | None, typer.Argument(help="Models; none for the default model.")]
All = Annotated[bool, typer.Option("--all", help="Every model that has weights.")]


@models.callback()
def list_unless_told(context: typer.Context, as_json: AsJson = False) -> None:
    """List the models, unless a command says otherwise."""
    if context.invoked_subcommand is None:
        list_models(as_json)


@models.command("list")
def list_models(as_json: AsJson = False) -> None:
    """Every model of the registries, its kind, its size, and whether its weights are here."""
    settings = settings_from_env()
    specs = load_models(settings.models)
    holdings = {name: held(spec, settings.cache) for name, spec in specs.items()}
    if as_json:
        homes = {name: str(path) for path in settings.models for name in read_registry(path)}
        rows = [_row(name, specs[name], holdings[name], homes[name]) for name in specs]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = compact_table()
    for column in ("model", "kind", "size", "licence", "weights"):
        table.add_column(column, overflow="fold", justify="right" if column == "size" else "left")
    for name, spec in specs.items():
        size = _size(spec.bytes) if isinstance(spec, WeightsSpec) else ""
        default = " [dim](default)[/dim]" if spec.default else ""
        state = STATES[holdings[name].state]
        table.add_row(f"{name}{default}", _kind(spec), size, escape(spec.licence), state)
    out.print(table)
    for path in settings.models:
        out.print(f"[dim]registry: {escape(str(path))}[/dim]", highlight=False, soft_wrap=True)


def _row(name: str, spec: ModelSpec, here: Held, registry: str) -> dict[str, Any]:
    weights = spec if isinstance(spec, WeightsSpec) else None
    return {
        "model": name,
        "title": spec.title,
        "kind": spec.kind,
        "backend": weights.backend if weights else None,
        "bytes": weights.bytes if weights else None,
        "sha256": weights.sha256 if weights else None,
        "quantisation": weights.quantisation if weights else None,
        "licence": spec.licence,
        "default": spec.default,
        "state": here.state,
        "path": str(here.path) if here.path else None,
        "freeable_bytes": here.freeable,
        "registry": registry,
    }


def _kind(spec: ModelSpec) -> str:
    if not isinstance(spec, WeightsSpec):
        return spec.kind
    return spec.kind if spec.backend == "auto" else f"{spec.kind}, {spec.backend}"


@models.command()
def pull(names: Names = None, all_: All = False) -> None:
    """Fetch weights from the first source that has them, and check their SHA-256.

    What is here is not fetched again; what broke off goes on where it stopped, and a second pull
    of the same file waits for the first.
    """
    settings = settings_from_env()
    specs = load_models(settings.models)
    for name, spec in _chosen(specs, names, all_).items():
        with shown_progress() as report:
            weights = ensure_weights(spec, settings.cache, report)
        out.print(f"{name}: {weights.path}", highlight=False, soft_wrap=True)


@models.command("verify")
def verify_models(names: Names = None, all_: All = False) -> None:
    """Hash the weights that are here anew and compare them with the registry.

    Exits with 1 where they differ, or where a model that was named is not here.
    """
    settings = settings_from_env()
    bad = []
    for name, spec in _chosen(load_models(settings.models), names, all_).items():
        verdict = verify(spec, settings.cache)
        if verdict is None:
            said = "not here"
            bad += [] if all_ else [name]
        elif verdict.good:
            said = f"ok, {verdict.sha256}" + ("" if verdict.expected else " (none to compare with)")
        else:
            said = f"SHA-256 is {verdict.sha256}, expected {verdict.expected}: {verdict.path}"
            bad.append(name)
        out.print(f"{name}: {said}", highlight=False, soft_wrap=True)
    if bad:
        fail(f"not as the registry says: {', '.join(bad)}; `darkwood models remove`, then `pull`")


@models.command()
def remove(
    names: Annotated[list[str] | None, typer.Argument(help="Models.")] = None, all_: All = False
) -> None:
    """Free what the cache holds of a model: its weights, downloads, and what was made of them.

    Files of your own stay, and so does the model's entry: it can be fetched again.
    """
    settings = settings_from_env()
    specs = load_models(settings.models)
    if not names and not all_:
        fail("name the models, or give --all", code=2)
    total = 0
    for name, spec in _chosen(specs, names, all_).items():
        freed = free(spec, settings.cache)
        total += freed
        others = sharing(name, specs)
        note = f" (also of {', '.join(others)})" if others and freed else ""
        out.print(f"{name}: {_size(freed)} freed{note}", highlight=False, soft_wrap=True)
    if len(specs) > 1 and (all_ or len(names or ()) > 1):
        out.print(f"together: {_size(total)}", highlight=False)


models.command()(add)


def _chosen(
    specs: dict[str, ModelSpec], names: list[str] | None, everything: bool
) -> dict[str, WeightsSpec]:
    """The asked models, which must have weights; with `everything`, all that have."""
    if everything and names:
        fail("give names or --all, not both", code=2)
    asked = list(specs) if everything else names or [default_model(specs)]
    with_weights = {}
    for name in known("model", asked, list(specs)):
        spec = specs[name]
        if isinstance(spec, WeightsSpec):
            with_weights[name] = spec
        elif not everything:
            fail(f"{name} is a {spec.kind}: it has no weights here", code=2)
    return with_weights


def _size(size: int | None) -> str:
    return "" if size is None else f"{size / 1e6:,.0f} MB"
