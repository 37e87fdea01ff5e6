"""Checks read by aioice, and answers that aioice and the service write."""

from aioice import stun

from rehearsal.checks import CheckWriter, answered_transaction
from sfu.wire.stun import IntegrityKey, binding_success, read_request

WRITER = CheckWriter("clnt", "srvr/ufr+", "a password of 24 letters", 0x1122334455667788)


def test_another_implementation_reads_a_check() -> None:
    for number in range(3):
        transaction = number.to_bytes(12, "big")
        message = stun.parse_message(WRITER.check(transaction))
        assert message.check_message_integrity(b"a password of 24 letters")
        assert message.transaction_id == transaction
        assert message.attributes["USERNAME"] == "srvr/ufr+:clnt"
        assert message.attributes["ICE-CONTROLLING"] == 0x1122334455667788
        assert "USE-CANDIDATE" in message.attributes
        assert "PRIORITY" in message.attributes


def test_the_service_reads_a_check() -> None:
    request = read_request(WRITER.check(bytes(12)))
    assert request.username == "srvr/ufr+:clnt"
    assert request.use_candidate


def test_answers_are_told_by_their_integrity() -> None:
    transaction = bytes(range(12))
    for answer in (own_answer(transaction, "a password of 24 letters"), foreign_answer(transaction, "a password of 24 letters")):
        assert answered_transaction(answer) == transaction
        assert WRITER.is_authentic(answer)
        assert not WRITER.is_authentic(answer[:25] + bytes([answer[25] ^ 1]) + answer[26:])
    assert not WRITER.is_authentic(foreign_answer(transaction, "another password"))
    assert not WRITER.is_authentic(answer[:20])


def own_answer(transaction: bytes, password: str) -> bytes:
    answer = binding_success(transaction, ("127.64.0.1", 40_000), IntegrityKey(password), 200)
    assert answer is not None
    return answer


def foreign_answer(transaction: bytes, password: str) -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=transaction)
    message.attributes["XOR-MAPPED-ADDRESS"] = ("127.64.0.1", 40_000)
    message.add_message_integrity(password.encode())
    return bytes(message)


def test_what_is_no_success_answers_nothing() -> None:
    assert answered_transaction(WRITER.check(bytes(12))) is None
    assert answered_transaction(b"\x01\x01") is None
    error = stun.Message(stun.Method.BINDING, stun.Class.ERROR, transaction_id=bytes(12))
    error.attributes["ERROR-CODE"] = (487, "Role Conflict")
    assert answered_transaction(bytes(error)) is None
