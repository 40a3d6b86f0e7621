"""The JavaScript that draws the charts, from the package that carries it; nothing is fetched."""

from __future__ import annotations

import hashlib
from importlib.metadata import version

from twofront.engine import cache

__all__ = ["bundle"]


def bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script that is safe inside an HTML element.

    Making it takes seconds, so it is kept beside the compiled kernels.
    """
    key = hashlib.sha256(f"vega bundle {version('vl-convert-python')}".encode()).hexdigest()
    kept = cache.load(key)
    if kept is None:
        import vl_convert

        # "</script" may stand in a string of the bundle and would end the element.
        text = vl_convert.javascript_bundle().replace("</script", "<\\/script").replace("<!--", "<\\!--")  # pyright: ignore[reportCallIssue]
        kept = text.encode()
        cache.save(key, kept)
    return kept.decode()
