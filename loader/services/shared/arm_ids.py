"""What an ARM id tells about where a resource stands: `/subscriptions/{s}/resourceGroups/{g}/providers/{type}/{name}…`.

Azure varies the casing of ids between services, so names are found without regard to case and returned as written.
"""

from __future__ import annotations

from collections.abc import Callable

from loader.model import Json, Relationship, incoming


def segment(arm_id: str, name: str) -> str | None:
    """What follows `/{name}/` in the id: `segment(id, "virtualNetworks")` is the network's name."""
    parts = arm_id.strip("/").split("/")
    for label, value in zip(parts[::2], parts[1::2], strict=False):  # in pairs: a group may be called "images"
        if label.lower() == name.lower():
            return value
    return None


def subscription_of(arm_id: str) -> str | None:
    """The ARM id of the subscription; None for tenant-level ids."""
    guid = segment(arm_id, "subscriptions")
    return f"/subscriptions/{guid}" if guid else None


def resource_group_of(arm_id: str) -> str | None:
    """The ARM id of the resource group; None for subscription-level and tenant-level ids."""
    subscription, group = subscription_of(arm_id), segment(arm_id, "resourceGroups")
    return f"{subscription}/resourceGroups/{group}" if subscription and group else None


def parent_of(arm_id: str) -> str | None:
    """The id without its last type and name: the vnet of a subnet, the server of a database.

    None where nothing is left that is a resource: a top-level resource has a resource group, not a parent.
    """
    parts = arm_id.strip("/").split("/")
    kept = parts[:-2]
    if len(kept) < 2 or kept[-2].lower() == "providers":
        return None
    return "/" + "/".join(kept)


def below_parent(kind: str) -> Callable[[Json], str | None]:
    """The key of a part that Azure gives no id: its parent's, and its name; none where it does not tell that."""

    def key(answer: Json) -> str | None:
        parent, name = answer.get("@parent"), answer.get("name")
        above = parent.get("id") if isinstance(parent, dict) else None
        told = isinstance(name, str) and name.strip() and isinstance(above, str)
        return f"{above}/{kind}/{str(name).strip()}" if told else None

    return key


def in_resource_group() -> Relationship:
    """`azure_resource_group HAS` this entity, read from the entity's own id."""
    return incoming("HAS", "azure_resource_group", _resource_group, "the resource group it is in")


def _resource_group(answer: Json) -> str | None:
    return resource_group_of(str(answer.get("id") or ""))


def in_subscription(verb: str = "HAS") -> Relationship:
    """`azure_subscription HAS` (or another verb) this entity, read from the entity's own id."""

    def subscription(answer: Json) -> str | None:
        # Azure leaves the leading slash out of some ids.
        return subscription_of(str(answer.get("id") or ""))

    return incoming(verb, "azure_subscription", subscription, "the subscription it is in")
