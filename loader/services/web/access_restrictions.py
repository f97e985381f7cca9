"""Who may call an app: app access first, then its access restrictions, of which the first rule that fits decides.

Source: https://learn.microsoft.com/azure/app-service/overview-access-restrictions
"""

from __future__ import annotations

from collections.abc import Iterable

from loader.model import Json
from loader.services.shared.addresses import Block, blocks, is_internet, share_of
from loader.services.shared.ports import Interval, intersect, join, subtract
from loader.services.shared.private_links import connection_states
from loader.services.shared.reachable import AZURE, EVERYBODY, NOBODY, OPEN, SELECTED, Firewall, Reach
from loader.services.shared.wire import is_on, part, parts
from loader.shapes import read

APP_ACCESS = "properties.publicNetworkAccess | $web.properties.publicNetworkAccess"
_LAST = 2**31 - 1
Spans = dict[int, list[Interval]]


def says_no_access(site: Json) -> bool:
    """Nobody has set app access of the site, so that its private endpoints decide."""
    return not any(read(site, APP_ACCESS))


def unless_private(restrictions: Firewall) -> Firewall:
    """The restrictions of a site, which nobody meets where app access is not set and a private endpoint exists."""

    def met(site: Json) -> Reach:
        states = connection_states(site) if says_no_access(site) else []
        if "approved" in states:
            return Reach(NOBODY, "it has a private endpoint, and nobody has turned public access on", 0.0)
        if states:
            why = f"public access is not set, and the connection of a private endpoint is {states[0]}"
            return Reach(None, f"{why}, of which Azure's pages do not say whether it closes")
        return restrictions(site)

    return met


def access_restrictions(site: Json) -> Reach:
    """From where `$web.properties.ipSecurityRestrictions` lets callers in, once public access is on.

    Rules for service tags, for subnets and for certain headers name some callers, never everybody. What no rule fits
    is as the default action says, which without one is to refuse once there is a rule.
    """
    config = part(site, "$web", "properties")
    return _restricted(parts(config, "ipSecurityRestrictions"), config.get("ipSecurityRestrictionsDefaultAction"))


def scm_restrictions(site: Json) -> Reach:
    """The same of its deployment site (SCM): rules of its own, or the app's where it is set to use these."""
    config = part(site, "$web", "properties")
    if is_on(config, "scmIpSecurityRestrictionsUseMain"):
        return access_restrictions(site)
    return _restricted(parts(config, "scmIpSecurityRestrictions"), config.get("scmIpSecurityRestrictionsDefaultAction"))


def _restricted(written: list[Json], default_action: object) -> Reach:
    rules = sorted(written, key=lambda rule: int(rule.get("priority") or _LAST))
    default = str(default_action or ("Deny" if rules else "Allow")).lower()
    if default not in ("allow", "deny"):
        return Reach(None, f"the default action of the access restrictions is {default}, which azgraph does not know")
    left, allowed = _by_version(blocks("*")), Spans({4: [], 6: []})
    azure, named = False, list[str]()
    for rule in rules:
        action = str(rule.get("action") or "Allow").lower()
        if action not in ("allow", "deny"):
            return Reach(None, f"a rule's action is {rule['action']}, which azgraph does not know")
        azure = azure or (action == "allow" and _lets_azure_in(rule))
        if _names_some_callers(rule):
            named += [str(rule["ipAddress"])] if action == "allow" and _is_tag(rule) else []
            continue
        for text in _addresses(rule):
            spans = _by_version(blocks(text))
            met = {version: intersect(left[version], found) for version, found in spans.items()}
            if action == "allow" and any(met.values()):
                named.append(text.strip())
                allowed = {version: allowed[version] + met[version] for version in allowed}
            left = {version: subtract(left[version], spans[version]) for version in left}
    if default == "allow":
        allowed = {version: allowed[version] + left[version] for version in allowed}
    share = share_of((version, *span) for version, spans in allowed.items() for span in spans)
    return _told(share, azure, tuple(named))


def _told(share: float, azure: bool, named: tuple[str, ...]) -> Reach:
    if share == 1:
        return OPEN
    if is_internet(share):
        return Reach(EVERYBODY, f"the access restrictions let in {share:.0%} of the Internet", share, named)
    if azure:
        return Reach(AZURE, "an access restriction lets in whatever runs in Azure", share, named)
    return Reach(SELECTED, "the access restrictions name who is let in", share, named)


def _addresses(rule: Json) -> list[str]:
    """The ranges of a rule; an address without a prefix may have its mask beside it, in rules of the older kind.

    https://learn.microsoft.com/rest/api/appservice/web-apps/get-configuration#ipsecurityrestriction
    """
    mask = str(rule.get("subnetMask") or "").strip()
    several = str(rule.get("ipAddress") or "").split(",")
    return [f"{one.strip()}/{mask}" if mask and "/" not in one else one for one in several]


def _is_tag(rule: Json) -> bool:
    """A rule for a service tag and nothing narrower."""
    tagged = str(rule.get("tag") or "Default").lower() == "servicetag"
    return tagged and bool(rule.get("ipAddress")) and not (rule.get("vnetSubnetResourceId") or rule.get("headers"))


def _names_some_callers(rule: Json) -> bool:
    """A rule for a service tag, a subnet, or requests with certain headers."""
    tagged = str(rule.get("tag") or "Default").lower() == "servicetag"
    return tagged or bool(rule.get("vnetSubnetResourceId") or rule.get("headers"))


def _lets_azure_in(rule: Json) -> bool:
    """The tag AzureCloud, of all regions or of one, is whatever runs in Azure, at any customer."""
    return str(rule.get("ipAddress") or "").lower().startswith("azurecloud")


def _by_version(several: Iterable[Block]) -> Spans:
    spans = Spans({4: [], 6: []})
    for version, first, last in several:
        spans[version].append((first, last))
    return {version: join(found) for version, found in spans.items()}
