"""Reads a link as Neo4j Browser does: it decodes the address whole, and then looks for the argument."""

import re
from urllib.parse import unquote


def text_in_editor(link: str) -> str:
    assert re.search(r"[?&]cmd=([^&#]*)", link)[1] == "edit"
    return "\n".join(re.findall(r"[?&]arg=([^&#]*)", unquote(link.replace("+", " "))))
