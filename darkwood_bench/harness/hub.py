"""A file from the Hugging Face hub. A hub that does not answer costs seconds, not minutes."""

from pathlib import Path

from darkwood_bench.harness.downloads import Download, SourceError
from darkwood_bench.harness.registry import HubFile

ANSWER_S = 5
"""Seconds that the hub has for its first answer; huggingface_hub alone would try six times."""


def fetch_from_hub(source: HubFile, download: Download) -> Path:
    """Download the file, or the rest of it after a kill. Raises SourceError when it cannot be."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.utils import disable_progress_bars, enable_progress_bars

    url = hf_hub_url(source.repo, source.file, revision=source.revision)
    try:
        metadata = get_hf_file_metadata(url, timeout=ANSWER_S)
    except HfHubHTTPError as error:
        raise SourceError(f"the hub refuses {source.file} ({_first_line(error)})") from error
    except Exception as error:  # whichever HTTP library the hub's client uses raises its own
        raise SourceError(f"the hub does not answer ({_first_line(error)})") from error
    if metadata.size is not None and metadata.size != download.total:
        raise SourceError(f"its {source.file} has {metadata.size} bytes, not {download.total}")
    download.require_space(download.total)
    disable_progress_bars()
    try:
        with download.watched():
            path = hf_hub_download(
                source.repo, source.file, revision=source.revision, local_dir=download.folder
            )
    except Exception as error:
        raise SourceError(f"the download broke off ({_first_line(error)}); run again") from error
    finally:
        enable_progress_bars()
    return Path(path)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
