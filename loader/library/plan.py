"""What a server's plan for a Cypher text (its EXPLAIN) says that the text does: read the graph, or anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from loader.library.cypher import plugin_function, tokens

# The operators that only read the graph or work on rows, without what stands in brackets after some: `Expand(All)`.
# Taken from the planners of Neo4j 5.26.18 and 2026.05.0 (the names in LogicalPlan2PlanDescription, which has those of
# Enterprise too), and compared with the manual (Cypher manual, "Operators") and with the plans of the whole shipped
# library on both. What is not here is refused, so a new way to write or to reach outside never passes by its newness.
_READING = """
    AllNodesScan NodeByLabelScan UnionNodeByLabelsScan IntersectionNodeByLabelsScan SubtractionNodeByLabelsScan
    NodeByIdSeek NodeByElementIdSeek MultiNodeIndexSeek NodeIndexSeek NodeIndexSeekByRange NodeUniqueIndexSeek
    NodeUniqueIndexSeekByRange NodeIndexScan NodeIndexContainsScan NodeIndexEndsWithScan NodeCountFromCountStore
    NodeVectorIndexSearch DynamicLabelNodeLookup
    DirectedAllRelationshipsScan DirectedRelationshipTypeScan DirectedUnionRelationshipTypesScan
    DirectedRelationshipByIdSeek DirectedRelationshipByElementIdSeek DirectedRelationshipIndexSeek
    DirectedRelationshipIndexSeekByRange DirectedRelationshipUniqueIndexSeek DirectedRelationshipUniqueIndexSeekByRange
    DirectedRelationshipIndexScan DirectedRelationshipIndexContainsScan DirectedRelationshipIndexEndsWithScan
    DirectedRelationshipVectorIndexSearch DynamicDirectedRelationshipTypeLookup
    UndirectedAllRelationshipsScan UndirectedRelationshipTypeScan UndirectedUnionRelationshipTypesScan
    UndirectedRelationshipByIdSeek UndirectedRelationshipByElementIdSeek UndirectedRelationshipIndexSeek
    UndirectedRelationshipIndexSeekByRange UndirectedRelationshipUniqueIndexSeek
    UndirectedRelationshipUniqueIndexSeekByRange UndirectedRelationshipIndexScan
    UndirectedRelationshipIndexContainsScan UndirectedRelationshipIndexEndsWithScan
    UndirectedRelationshipVectorIndexSearch DynamicUndirectedRelationshipTypeLookup RelationshipCountFromCountStore
    Expand OptionalExpand VarLengthExpand ShortestPath StatefulShortestPath Repeat BidirectionalRepeat
    PathPropagatingBFS ProjectEndpoints
    Apply SemiApply AntiSemiApply LetSemiApply LetAntiSemiApply SelectOrSemiApply SelectOrAntiSemiApply
    LetSelectOrSemiApply LetSelectOrAntiSemiApply ConditionalApply AntiConditionalApply RollUpApply Argument Optional
    TriadicSelection TriadicBuild TriadicFilter CartesianProduct NodeHashJoin NodeLeftOuterHashJoin
    NodeRightOuterHashJoin ValueHashJoin ValueMergeJoin Union OrderedUnion
    Filter Projection CacheProperties RemoteBatchProperties RemoteBatchPropertiesWithFilter Unwind Distinct
    OrderedDistinct EagerAggregation OrderedAggregation Eager PreserveOrder Sort PartialSort Top Top1WithTies PartialTop
    Limit ExhaustiveLimit Skip EmptyResult ProduceResults
"""
READING = frozenset(_READING.split())
# How the plan writes a procedure's call where it stands in a subquery that is evaluated within an expression.
_CALL = re.compile(r"\w*Resolved\w*Call")


def objection(plan: Mapping[str, Any] | None, place: str) -> str | None:
    """What in a plan is not plain reading of the graph, to stand after "it …"; None where there is nothing.

    plan: as the driver's `ResultSummary.plan` has it. place: what stands after the `@` of an operator that works on
    the connected database (`place_of`).
    """
    if plan is None:
        return "is a command for the server"
    for operator in _walk(plan):
        kind, _, database = operator["operatorType"].partition("@")
        details = str(operator.get("args", {}).get("Details", ""))
        name = kind.partition("(")[0].strip()
        if name not in READING:
            return _told(name, details)
        if database != place:
            return f"reads the database {database}, not the one it is asked of"
        if found := _within(details):
            return found
    return None


def place_of(plan: Mapping[str, Any] | None) -> str:
    """What the plan writes after an operator's `@`: the database's name, or nothing."""
    return str((plan or {}).get("operatorType", "")).partition("@")[2]


def _walk(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for child in plan.get("children", ()):
        yield from _walk(child)


def _told(name: str, details: str) -> str:
    if name == "LoadCSV":
        return "reads a file or an address (LOAD CSV)"
    if name.endswith("ProcedureCall"):
        return f"calls the procedure {details.partition('(')[0]}, and the library calls none"
    return f"does something else, or something new that azgraph does not know (Neo4j plans {name})"


def _within(details: str) -> str | None:
    """The same of an operator's details.

    A subquery inside of an expression (`CASE WHEN COUNT { … } …`) has no operators of its own in the plan: Neo4j writes
    it out there, parsed, resolved and quoted anew.
    """
    found = tokens(details)
    for index, token in enumerate(found):
        if token.kind == "sign" and token.text != "(":
            continue
        before = found[index - 1].text if index else ""
        after = found[index + 1].text if index + 1 < len(found) else ""
        if token.text == "(" and (name := plugin_function(found, index)):
            return f"calls the function {name}, which is none of Neo4j's own"
        if token.kind != "word":
            continue
        if token.text == "LOAD" and after == "CSV":
            return _told("LoadCSV", details)
        if _CALL.fullmatch(token.text) and after == "(":
            name = details.partition(token.text + "(")[2]
            return _told("ProcedureCall", name)
        if token.text == "TRANSACTIONS" and before in ("IN", "CONCURRENT"):
            return _told("TransactionApply", details)
        if token.text == "USE" and before in ("{", "UNION", "ALL"):
            return "reads another database (USE)"
    return None
