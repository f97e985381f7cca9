"""Paths, conversions and what every record has."""

import re
from datetime import UTC, datetime

import pytest

from loader.mapping import build_record, convert, parse_time
from loader.model import Embedded, EntityType, Outcome, Status, date, flag, incoming, outgoing, text, texts
from loader.shapes import Missing, WrongShapeError, read

SERVER_ID = "/subscriptions/11111111-AAAA-4000-8000-000000000001/resourceGroups/Shop/providers/Microsoft.Sql/servers/db"
SERVER = EntityType(
    type="azure_sql_server",
    resource="SQL Server",
    classes=("Database", "Host"),
    fetch=Embedded(parent="azure_resource_group", at="servers[]"),
    properties=(
        text("version", "properties.version", "Engine version"),
        flag("auditingEnabled", "$auditing.properties.state", "Whether auditing is on"),
        date("createdOn", "properties.creationDate | properties.created", "When it was made"),
        texts("ports", "properties.rules[].port", "Ports"),
    ),
    relationships=(
        incoming("HAS", "azure_resource_group", lambda answer: str(answer["id"]).rsplit("/providers/", 1)[0]),
        outgoing("USES", "azure_storage_account", "$auditing.properties.storageAccountId"),
    ),
)


def answer(**more: object) -> dict:
    return {"id": SERVER_ID, "name": "db", "location": "East US 2", "properties": {"version": "12.0"}, **more}


def test_paths_take_the_first_alternative_that_has_a_value():
    assert read({"a": {"b": None}, "c": 2}, "a.b | c") == [2]
    assert read({"a": [{"b": 1}, {"b": None}, {}, {"b": 3}]}, "a[].b") == [1, 3]
    assert read({"a": "text", "c": 2}, "a.b | c") == [2]
    assert read({"a": [None, {"b": 1}]}, "a[].b") == [1]


@pytest.mark.parametrize("name", [None, "", "  ", 7, 0, True, {"value": "x"}, ["x"]], ids=repr)
def test_a_resource_that_does_not_tell_its_name_is_called_as_its_id_says(name):
    record = build_record(SERVER, answer(name=name))
    assert (record.properties["name"], record.properties["displayName"]) == ("db", "db")
    del (bare := answer())["name"]
    assert build_record(SERVER, bare).properties["name"] == "db"


@pytest.mark.parametrize("name", [7, True, {"value": "x"}, ["x"]], ids=repr)
def test_what_is_called_by_no_text_is_called_as_it_was(name):
    group = EntityType(type="g", resource="Group", classes=("G",), fetch=None)
    record = build_record(group, {"id": "g-1", "displayName": name})
    assert (record.unknown, record.odd) == (
        {"displayName"},
        "its displayName cannot be read: displayName | name is no text",
    )
    assert build_record(group, {"id": "g-1", "displayName": None}).properties["displayName"] == "g-1"


def test_what_is_only_pointed_at_or_not_configured_has_no_properties():
    assert read({"a": {"id": "/x"}}, "a.properties.b") == []
    assert read({"$d": {}}, "$d.properties.b") == []
    assert read({"$d": Missing(Outcome(Status.FORBIDDEN))}, "$d.properties.b") == []
    assert read({"name": "x", "b": 1}, "properties.b | b") == [1]


@pytest.mark.parametrize(
    ("answer", "path", "told"),
    [
        ({"a": "text"}, "a.b", "a is no object"),
        ({"a": []}, "a.b", "a is no object"),
        ({"a": {"b": {}}}, "a.b[]", "a.b is no list"),
        ({"a": "text"}, "a[].b", "a is no list"),
        ({"a": ["text"]}, "a[].b", "a[] is no object"),
        ({"a": "text"}, "a.b | c", "a is no object"),
        ({"name": "x"}, "properties.b", "properties is no object"),
        ({"name": "x", "properties": None}, "properties.b[].c", "properties is no object"),
        ({"properties": None}, "properties.b | c", "properties is no object"),
        ({"a": [{"id": "/x", "name": "x"}]}, "a[].properties.b", "a[].properties is no object"),
        ({"$d": {"id": "/x", "properties": None}}, "$d.properties.b", "$d.properties is no object"),
    ],
)
def test_what_has_another_shape_than_its_path_says_is_not_absent(answer, path, told):
    with pytest.raises(WrongShapeError, match=re.escape(told)):
        read(answer, path)


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("flag", "Enabled", True),
        ("flag", "False", False),
        ("flag", "Perhaps", None),
        ("whole", "12", 12),
        ("whole", 12.0, 12),
        ("whole", "twelve", None),
        ("number", "NaN", None),
        ("text", True, "true"),
        ("text", {"nested": 1}, None),
        ("texts", ["b", "a", "b", None], ["a", "b"]),
    ],
)
def test_conversions(kind, value, stored):
    assert convert(kind, value) == stored


@pytest.mark.parametrize(
    ("sku", "modes", "stored"),
    [
        ("Basic", ["Push"], ("Basic", ["Push"])),
        ("BASIC", ["pull", "PUSH", "push"], ("Basic", ["Pull", "Push"])),
        ("basic ", ["Drag", "pull"], ("basic ", ["Drag", "Pull"])),
        (7, [], ("7", [])),
    ],
)
def test_known_values_are_stored_in_one_spelling(sku, modes, stored):
    kind = EntityType(
        type="k",
        resource="Kind",
        classes=("K",),
        fetch=None,
        properties=(
            text("sku", "sku", "Its size", values=("Basic", "Premium")),
            texts("modes", "modes", "How it goes", values=("Push", "Pull")),
        ),
    )
    record = build_record(kind, {"id": "k-1", "sku": sku, "modes": modes})
    assert (record.properties["sku"], record.properties["modes"]) == stored


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-05-06T07:08:09.1234567Z", datetime(2024, 5, 6, 7, 8, 9, 123456, UTC)),
        ("2024-05-06T09:08:09+02:00", datetime(2024, 5, 6, 7, 8, 9, 0, UTC)),
        ("2024-05-06", datetime(2024, 5, 6, tzinfo=UTC)),
        (1_700_000_000, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("soon", None),
    ],
)
def test_times_are_utc_whatever_azure_writes(written, moment):
    assert parse_time(written) == moment


def test_a_record_has_its_place_in_azure_and_its_tags():
    record = build_record(SERVER, answer(tags={"Cost.Center": "42", "no": None}, **{"@tenant": "t"}))
    assert record is not None
    assert record.key == SERVER_ID.lower()
    assert record.properties["id"] == SERVER_ID
    assert record.properties["location"] == "eastus2"
    assert record.properties["resourceGroup"] == "shop"
    assert record.properties["subscriptionId"] == "11111111-aaaa-4000-8000-000000000001"
    assert record.properties["tag.Cost.Center"] == "42"
    assert "tag.no" not in record.properties
    assert record.properties["webLink"] == f"https://portal.azure.com/#@t/resource{SERVER_ID}"
    assert [(link.verb, link.incoming) for link in record.links] == [("HAS", True)]


def test_a_failed_detail_is_unknown_and_an_absent_one_is_not():
    failed = build_record(SERVER, answer(**{"$auditing": Missing(Outcome(Status.FORBIDDEN, "no"))}))
    assert failed is not None
    assert failed.unknown == {"auditingEnabled"}
    assert failed.unknown_verbs == {"USES"}
    absent = build_record(SERVER, answer(**{"$auditing": {}}))
    assert absent is not None
    assert not absent.unknown
    assert "auditingEnabled" not in absent.properties


def test_an_answer_without_an_id_is_no_entity():
    assert build_record(SERVER, {"name": "db"}) is None


@pytest.mark.parametrize("written", [7, True, "  ", {"value": SERVER_ID}, [SERVER_ID]], ids=repr)
def test_an_id_that_is_no_text_is_none(written):
    assert build_record(SERVER, {"name": "db", "id": written}) is None


@pytest.mark.parametrize("written", [None, {"value": "db"}, ["db"], ""], ids=repr)
def test_a_name_that_is_no_text_is_none(written):
    record = build_record(SERVER, answer(name=written))
    assert record is not None
    assert record.properties["displayName"] == "db"


@pytest.mark.parametrize("written", [f"{SERVER_ID}/", SERVER_ID[1:], f" {SERVER_ID}\n", f"{SERVER_ID[1:]}/ "], ids=repr)
def test_what_services_write_around_an_id_is_no_part_of_it(written):
    vault = "/subscriptions/1/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/audit"
    auditing = {"properties": {"storageAccountId": f"{vault[1:]}/"}}
    plain = build_record(SERVER, answer(**{"$auditing": {"properties": {"storageAccountId": vault}}}))
    assert build_record(SERVER, answer(**{"id": written, "$auditing": auditing})) == plain
    assert plain is not None
    assert plain.properties["id"] == SERVER_ID


@pytest.mark.parametrize("written", ["/", "/subscriptions//resourceGroups//providers/x", "https://kv.example/keys/a/"])
def test_the_rest_of_an_id_is_what_it_is(written):
    record = build_record(SERVER, {"name": "x", "id": written})
    assert record is not None
    assert record.key == written.lower()


def test_no_null_reaches_the_graph():
    record = build_record(SERVER, answer(properties={"version": None, "creationDate": "soon"}))
    assert record is not None
    assert None not in record.properties.values()
    assert {"version", "createdOn"}.isdisjoint(record.properties)


def test_who_made_it_is_told_of_every_resource_of_azure():
    made = {
        "createdBy": "ada@contoso.example",
        "createdByType": "User",
        "createdAt": "2024-01-02T03:04:05Z",
        "lastModifiedBy": None,
        "lastModifiedAt": "0001-01-01T00:00:00Z",
    }
    record = build_record(SERVER, answer(systemData=made))
    assert record is not None
    assert record.properties["createdBy"] == "ada@contoso.example"
    assert record.properties["createdByType"] == "User"
    assert record.properties["createdAt"] == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert {"lastModifiedBy", "lastModifiedAt"}.isdisjoint(record.properties)
    odd = build_record(SERVER, answer(systemData="secret"))
    assert odd is not None
    assert "createdBy" not in odd.properties


GUID = "c0705000-1111-4222-8333-444455556666"
KV = f"/subscriptions/{GUID}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"


@pytest.mark.parametrize(
    ("answer", "called"),
    [
        ({"id": f"{KV}/providers/microsoft.insights/diagnosticSettings/{GUID}", "name": GUID}, "Thing c0705000 of kv"),
        ({"id": f"/subscriptions/{GUID}/providers/microsoft.x/things/{GUID}", "name": GUID}, "Thing c0705000"),
        ({"id": GUID}, "Thing c0705000"),
        ({"id": f"{KV}/providers/microsoft.x/states/{'ab12' * 8}"}, "Thing ab12ab12 of kv"),
        ({"id": f"{KV}/providers/microsoft.x/states/one"}, "one"),
        ({"id": GUID, "displayName": f"azureml-{GUID}"}, f"azureml-{GUID}"),
    ],
)
def test_nothing_is_called_by_a_guid(answer, called):
    record = build_record(EntityType(type="azure_thing", resource="Thing", classes=(), fetch=None), answer)
    assert record is not None
    assert record.properties["displayName"] == called
    assert record.key == answer["id"].lower()
