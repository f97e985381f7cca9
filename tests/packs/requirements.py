"""What the frameworks of our mappings ask for: every requirement's id by its section, in their order.

Facts, written from the frameworks themselves, so that neither a mapping nor this table can lose one unseen.
"""

from __future__ import annotations

# Microsoft cloud security benchmark v1: how many controls each domain has.
_MCSB = {
    "NS": 10,
    "IM": 9,
    "PA": 8,
    "DP": 8,
    "AM": 5,
    "LT": 7,
    "IR": 7,
    "PV": 7,
    "ES": 3,
    "BR": 4,
    "DS": 7,
    "GS": 11,
}
# NIST SP 800-53 r5 (5.1.1): the last base control of each family, and those that were withdrawn.
_NIST: dict[str, tuple[int, set[int]]] = {
    "AC": (25, {13, 15}),
    "AU": (16, {15}),
    "CA": (9, {4}),
    "CM": (14, set()),
    "CP": (13, {5}),
    "IA": (13, set()),
    "IR": (9, set()),
    "RA": (10, {4}),
    "SC": (51, {9, 14, 19, 33}),
    "SI": (23, {9}),
}
# PCI DSS 4.0: how many requirements of the second level each of the twelve has.
_PCI = {1: 5, 2: 3, 3: 7, 4: 2, 5: 4, 6: 5, 7: 3, 8: 6, 9: 5, 10: 7, 11: 6, 12: 10}
# MITRE ATT&CK for Enterprise 16.1, platforms IaaS and Identity Provider: techniques by their first tactic.
_ATTACK = {
    "TA0001": "T1078 T1189 T1190 T1199 T1566",
    "TA0002": "T1059 T1204 T1648 T1651",
    "TA0003": "T1098 T1136 T1525 T1546 T1556",
    "TA0004": "T1484 T1548",
    "TA0005": "T1211 T1535 T1550 T1562 T1578 T1666",
    "TA0006": "T1040 T1110 T1212 T1528 T1552 T1555 T1606 T1621 T1649",
    "TA0007": "T1046 T1049 T1069 T1082 T1087 T1201 T1518 T1526 T1538 T1580 T1614 T1619 T1654",
    "TA0008": "T1021",
    "TA0009": "T1074 T1119 T1213 T1530",
    "TA0010": "T1048 T1537",
    "TA0040": "T1485 T1486 T1490 T1491 T1496 T1498 T1499 T1531",
}

REQUIREMENTS: dict[str, dict[str, list[str]]] = {
    "mcsb-1": {domain: [f"{domain}-{number + 1}" for number in range(count)] for domain, count in _MCSB.items()},
    "nist-800-53-r5": {
        family: [f"{family}-{number}" for number in range(1, last + 1) if number not in withdrawn]
        for family, (last, withdrawn) in _NIST.items()
    },
    "pci-dss-4.0": {str(one): [f"{one}.{number + 1}" for number in range(count)] for one, count in _PCI.items()},
    "mitre-attack": {tactic: techniques.split() for tactic, techniques in _ATTACK.items()},
}
