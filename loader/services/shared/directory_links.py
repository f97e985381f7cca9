"""What several Entra types share: their page in the portal, and the tenant they are in."""

from __future__ import annotations

from loader.model import Json, Property, Relationship, incoming, text
from loader.services.shared.wire import explained


def portal_page(view: str, parameter: str) -> Property:
    """`webLink` of a directory object, whose id is not an ARM id: the portal's `view`, told the id as `parameter`."""

    def link(answer: Json) -> str:
        return f"https://portal.azure.com/#view/{view}/{parameter}/{answer.get('id')}"

    return text("webLink", explained(f"`id`, in the portal's {view}", link), "opens it in the Azure portal")


def in_tenant() -> Relationship:
    """`azure_account HAS` this entity."""
    return incoming("HAS", "azure_account", "@tenant", "the tenant it is in")
