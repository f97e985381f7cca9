"""Parts of Cypher that several derivations and `azgraph reach` read the same rows with."""

# Every inbound rule of the groups of the bearer and of its subnet; `bearer` is the variable of an interface or a set.
GROUPS = """
        CALL ({bearer}) {{
            OPTIONAL MATCH ({bearer})<-[:HAS]-{{0,1}}()<-[:PROTECTS]-(group:azure_security_group)
            OPTIONAL MATCH (group)<-[rule:ALLOWS|DENIES]-() WHERE rule.inbound
            WITH group, collect(DISTINCT rule) AS rules WHERE group IS NOT NULL
            RETURN collect({{key: group._key, rules: [one IN rules | properties(one)]}}) AS groups
        }}"""

# Admin rules of Virtual Network Manager for the network of the bearer. A Deny counts only where it is known that its
# configuration is deployed to the network's region; what lets in counts also where that is not known.
ADMIN_RULES = """
        CALL ({bearer}) {{
            OPTIONAL MATCH ({bearer})<-[:HAS]-(:azure_subnet)<-[:CONTAINS]-(own:azure_vnet)
                <-[:CONTAINS]-(:azure_network_group)<-[:PROTECTS]-(collection:azure_security_admin_collection)
                -[:HAS]->(rule:azure_security_admin_rule)
            WHERE rule.direction = 'Inbound'
            OPTIONAL MATCH (manager:azure_network_manager)-[:HAS]->(:azure_security_admin_configuration)
                -[:HAS]->(collection)
            WITH DISTINCT rule, own, collection, manager,
                 manager.deployments IS NULL AS unknown,
                 collection.configurationId + '@' + own.location IN coalesce(manager.deployments, []) AS deployed
            WHERE rule IS NOT NULL AND (deployed OR (unknown AND toLower(rule.access) = 'alwaysallow'))
            UNWIND rule.portRanges AS ports
            RETURN collect({{id: rule._key, priority: rule.priority, access: rule.access, protocol: rule.protocol,
                    fromPort: toInteger(split(ports, '-')[0]), toPort: toInteger(split(ports, '-')[1]),
                    inbound: true, sourcePrefixes: rule.sources, destinationPrefixes: rule.destinations,
                    sourcePortRanges: rule.sourcePortRanges}}) AS admin
        }}"""

PERIMETER_INPUTS = (
    "azure_network_security_perimeter_association",
    "azure_network_security_perimeter_profile",
    "azure_network_security_perimeter_rule",
)
# Whether a service stands in an enforced network security perimeter: what it says itself does not count then.
# https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition
ENFORCED = """EXISTS {{ ({service})<-[:PROTECTS]-(wall:azure_network_security_perimeter_association)
                WHERE toLower(wall.accessMode) = 'enforced' }}"""
