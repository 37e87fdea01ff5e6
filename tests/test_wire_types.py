"""The pages' types are the service's models."""

from tools.wire_types import TARGET, schema, text


def test_the_file_is_what_the_models_say_now() -> None:
    assert TARGET.read_text() == text(), "run python -m tools.wire_types"


def test_what_the_server_sends_has_every_field_and_what_a_client_sends_may_leave_some_out() -> None:
    definitions = schema()["definitions"]
    call = definitions["CallView"]
    assert set(call["required"]) == set(call["properties"])
    assert "report" not in definitions["Hello"]["required"]
    assert {"$ref": "#/definitions/Tick"} in definitions["ServerMessage"]["anyOf"]
    assert {"$ref": "#/definitions/PlaceCallOrder"} in definitions["Command"]["anyOf"]
