"""How Neo4j Browser draws the graph: a style sheet (GraSS) with a colour and a caption for each class."""

from __future__ import annotations

from colorsys import hls_to_rgb
from zlib import crc32

from loader.services import entity_types

# Every class with its colour. Browser applies all rules that fit a node in the order of the sheet, the last one wins:
# so what a node is besides (a store of data, a finding) stands before what it is first of all (a disk, a database).
# Related classes have related colours.
COLOURS = {
    "Entity": "#a5abb6",
    "Resource": "#8f97a3",
    "Configuration": "#b9c0ca",
    "Record": "#c7ccd4",
    # Where things are: slate
    "Site": "#5b7083",
    "Group": "#7d93a8",
    "Account": "#44586b",
    "Subscription": "#92a5b5",
    # Networks: blue
    "Network": "#4c8eda",
    "NetworkEndpoint": "#2f6fb7",
    "NetworkInterface": "#9cc6f5",
    "IpAddress": "#6fb4e8",
    "DomainZone": "#3a6ea5",
    "DomainRecord": "#85aede",
    "Channel": "#b5d5f7",
    "Gateway": "#1f5a96",
    # What holds traffic and settings to rules: orange
    "Rule": "#ffd08a",
    "Ruleset": "#ffc05c",
    "Policy": "#f7b267",
    "ControlPolicy": "#f0a03c",
    "Requirement": "#e9a86a",
    "Firewall": "#f79767",
    # What runs: green
    "Service": "#57a98a",
    "Host": "#4fa25c",
    "Device": "#a3d9a5",
    "Process": "#cfeccb",
    "Image": "#b9dfb0",
    "Deployment": "#79b87f",
    "Container": "#8dcc93",
    "Cluster": "#37803f",
    "Function": "#5fc3b4",
    "Application": "#2f9e8f",
    "ApplicationEndpoint": "#8adacd",
    # Data: purple
    "DataStore": "#9a7fd1",
    "Repository": "#c3b1e8",
    "Queue": "#b79ce0",
    "Logs": "#d3c5ee",
    "Disk": "#ad94d9",
    "Database": "#7a58b8",
    # What opens them: gold
    "Certificate": "#ffe08a",
    "Key": "#f2c230",
    "Secret": "#d9a400",
    # Who: pink
    "Employee": "#f7c8da",
    "Person": "#f0a8c5",
    "AccessPolicy": "#f5d0e0",
    "AccessRole": "#d88fb5",
    "UserGroup": "#c990c0",
    "User": "#da7194",
    # What is wrong: red
    "Finding": "#f5a3a3",
    "Review": "#f7b8b0",
    "Assessment": "#ef8a80",
    "Vulnerability": "#e05a52",
    "Internet": "#c62828",
}
# What azgraph itself keeps in the graph. Each of these has the property of its caption.
BOOKKEEPING = {
    "SyncRun": ("#555b66", "{status}"),
    "SyncScope": ("#6b717c", "{step}"),
    "Change": ("#ffb4a2", "{entityName}"),
    "Alert": ("#d62839", "{title}"),
    "AlertRule": ("#e5989b", "{id}"),
}
# Entity types that differ from their class in colour, because people take them for something else.
_TYPES = {
    "azure_service_principal": ("#e39ac0", "{displayName}"),
    "azure_user_assigned_identity": ("#e9b3d0", "{displayName}"),
    "azure_keyvault_service": ("#b8860b", "{displayName}"),
    "azure_storage_account": ("#8157c4", "{displayName}"),
}
_LARGE = ("Internet", "Account", "User")


def style_sheet() -> str:
    """The style sheet's text, to drop on Neo4j Browser's window or to name in `:style URL`.

    Its parser knows no comments, and every `:` and `;` of it separates.
    """
    rules = [
        _rule("node", diameter="80px", color=COLOURS["Entity"], font_size="10px", caption="{name}"),
        _rule(
            "relationship",
            color="#a5abb6",
            shaft_width="2px",
            font_size="10px",
            padding="4px",
            text_color_external="#4a505a",
            text_color_internal="#ffffff",
            caption="<type>",
        ),
        *(_rule(f"relationship.{name}", caption=caption) for name, caption in _ARROWS.items()),
    ]
    colours = class_colours()
    for label, colour in colours.items():
        rules.append(_node(label, colour, "{displayName}"))
    # Types look like their class: Browser's legend shows the colour of every label by itself.
    order = list(colours)
    for name, entity_type in entity_types().items():
        first = max(entity_type.classes, key=order.index)
        colour, caption = _TYPES.get(name, (colours[first], "{displayName}"))
        rules.append(_node(name, colour, caption, large=first in _LARGE))
    for label, (colour, caption) in BOOKKEEPING.items():
        rules.append(_node(label, colour, caption))
    return "\n".join(rules)


def class_colours() -> dict[str, str]:
    """Every class of the model with its colour, in the order of the sheet.

    A class that a new service brings and the table above does not know gets a colour made of its name.
    """
    classes = {one for entity_type in entity_types().values() for one in entity_type.classes}
    return {name: _made_of(name) for name in sorted(classes - set(COLOURS))} | COLOURS


def _made_of(name: str) -> str:
    """The same pale colour for the same name, always."""
    parts = hls_to_rgb(crc32(name.encode()) % 360 / 360, 0.75, 0.5)
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


# What an arrow says before its name, where it has it: the ports that a rule lets through or that are reached, a role.
# Browser cuts a caption off where its arrow is short, so they stand first. What a relationship lacks is blank.
_ARROWS = {
    "ALLOWS": "{portRange} {protocol}{ipProtocols} ALLOWS",
    "DENIES": "{portRange} {protocol}{ipProtocols} DENIES",
    "REACHES": "{ports} REACHES",
    "CONNECTS": "{publicPorts} CONNECTS",
    "CAN": "{roleName} CAN",
}


def _node(label: str, colour: str, caption: str, *, large: bool = False) -> str:
    return _rule(
        f"node.{label}",
        diameter="95px" if large else "80px",
        color=colour,
        border_color=_darker(colour),
        border_width="2px",
        text_color_internal=text_colour(colour),
        font_size="10px",
        caption=caption,
    )


def _rule(selector: str, **properties: str) -> str:
    # Quotes keep the braces of a caption from ending the rule.
    quoted = {name: f'"{value}"' if name == "caption" else value for name, value in properties.items()}
    lines = [f"  {name.replace('_', '-')}: {value};" for name, value in quoted.items()]
    return "\n".join([f"{selector} {{", *lines, "}", ""])


def text_colour(colour: str) -> str:
    """Near-black or white, whichever is easier to read on the colour (WCAG 2's contrast)."""
    light = luminance(colour) + 0.05
    return "#ffffff" if 1.05 / light > light / (luminance("#1b1f24") + 0.05) else "#1b1f24"


def luminance(colour: str) -> float:
    """The relative luminance of `#rrggbb` as WCAG 2 defines it, 0 to 1."""
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _darker(colour: str) -> str:
    return "#" + "".join(f"{round(part * 0.78):02x}" for part in _parts(colour))


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
