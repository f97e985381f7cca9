"""Web application firewall policies: those of application gateways, and those of Front Door."""

from __future__ import annotations

from loader.model import Arm, EntityType, Json, Property, Service, flag, text, texts, whole
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.wire import how_many, is_on, part, parts

_BOT_RULES = "microsoft_botmanagerruleset"


def _sets(answer: Json) -> list[Json]:
    """The managed rule sets; Front Door's field is `managedRuleSets` as well."""
    return parts(answer, "properties", "managedRules", "managedRuleSets")


def rule_sets(answer: Json) -> list[str]:
    """Name and version of each managed rule set."""
    return [f"{one.get('ruleSetType')} {one.get('ruleSetVersion')}" for one in _sets(answer)]


def _bot_sets(answer: Json) -> list[Json]:
    """The sets of some version of Microsoft's bot manager."""
    return [one for one in _sets(answer) if str(one.get("ruleSetType")).lower() == _BOT_RULES]


def protects_from_bots(answer: Json) -> bool | None:
    """The bot manager rule set is there, and no rule of it about bad or unknown bots is switched off."""
    if not part(answer, "properties", "managedRules"):
        return None
    return bool(_bot_sets(answer)) and not bot_rules_off(answer)


def bot_rules_off(answer: Json) -> list[str]:
    """Rules of the bot manager that are switched off, or let through what they find; good bots do no harm."""
    groups = [group for one in _bot_sets(answer) for group in parts(one, "ruleGroupOverrides")]
    return [off for group in groups if str(group.get("ruleGroupName")).lower() != "goodbots" for off in _off_in(group)]


def _off_in(group: Json) -> list[str]:
    """What of a group of rules an override switches off: where it names no rule and no exclusion, all of it.

    https://learn.microsoft.com/rest/api/application-gateway/web-application-firewall-policies/list-all, and Front
    Door's: "If none specified, all rules in the group will be disabled."
    """
    rules = parts(group, "rules")
    if not rules and not group.get("exclusions"):
        return [f"all of {group.get('ruleGroupName')}"]
    return [str(rule.get("ruleId")) for rule in rules if _is_off(rule) or str(rule.get("action")).lower() == "allow"]


def _is_off(rule: Json) -> bool:
    """An override that does not say so switches the rule off: Disabled is the default of both kinds of policy."""
    return not is_on(rule, "state", default=is_on(rule, "enabledState"))


def _disabled(answer: Json) -> int:
    """How many managed rules are switched off one by one."""
    return sum(
        _is_off(rule)
        for rule_set in _sets(answer)
        for group in parts(rule_set, "ruleGroupOverrides")
        for rule in parts(group, "rules")
    )


def _common(custom_rules: str) -> tuple[Property, ...]:
    return (
        text("mode", "properties.policySettings.mode", "Prevention refuses, Detection only writes it down"),
        flag("requestBodyCheck", "properties.policySettings.requestBodyCheck", "bodies of requests are looked at"),
        texts("managedRuleSets", rule_sets, "rule sets kept by Microsoft"),
        flag("botProtection", protects_from_bots, "the bot manager rule set is on, with its rules on"),
        texts("botRulesOff", bot_rules_off, "rules of the bot manager that are off"),
        whole("disabledRules", _disabled, "managed rules that are switched off one by one"),
        whole("customRules", how_many(f"properties.{custom_rules}"), "how many rules of one's own it has"),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
    )


WAF_POLICY = EntityType(
    type="azure_waf_policy",
    resource="Application Gateway WAF Policy",
    classes=("ControlPolicy",),
    arm_type="Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies",
    inventory="Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies",
    documentation="https://learn.microsoft.com/rest/api/application-gateway/web-application-firewall-policies/list-all",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="web_application_firewall_policies.list_all",
        permission="Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies/read",
    ),
    properties=(
        flag("enabled", "properties.policySettings.state", "it is on"),
        *_common("customRules"),
        whole("maxRequestBodySizeInKb", "properties.policySettings.maxRequestBodySizeInKb", "how much of a body"),
        whole("fileUploadLimitInMb", "properties.policySettings.fileUploadLimitInMb", "largest upload"),
    ),
    relationships=(in_resource_group(),),
)

FRONT_DOOR_WAF_POLICY = EntityType(
    type="azure_front_door_waf_policy",
    resource="Front Door WAF Policy",
    classes=("ControlPolicy",),
    arm_type="Microsoft.Network/FrontDoorWebApplicationFirewallPolicies",
    inventory="Microsoft.Network/FrontDoorWebApplicationFirewallPolicies",
    documentation="https://learn.microsoft.com/rest/api/frontdoor/webapplicationfirewall/policies/list-by-subscription",
    fetch=Arm(
        client="azure.mgmt.frontdoor.aio:FrontDoorManagementClient",
        operation="policies.list_by_subscription",
        permission="Microsoft.Network/FrontDoorWebApplicationFirewallPolicies/read",
    ),
    properties=(
        flag("enabled", "properties.policySettings.enabledState", "it is on"),
        *_common("customRules.rules"),
        text("sku", "sku.name", "Classic_, Standard_ or Premium_AzureFrontDoor"),
    ),
    relationships=(in_resource_group(),),
)

SERVICE = Service(name="Web application firewalls", entity_types=(WAF_POLICY, FRONT_DOOR_WAF_POLICY))
