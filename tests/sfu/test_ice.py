"""The ICE-lite agent: addresses, nomination, consent, restart, and what gets no answer."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from sfu.ice import (
    CONSENT_TIMEOUT_S,
    MAX_ADDRESSES,
    MAX_PENDING_ANSWERS,
    SILENT_SELECTED_S,
    TRANSITIONS,
    AddressChanged,
    AddressForgotten,
    AddressValidated,
    ChecksMissing,
    ConsentLost,
    IceAgent,
    IceCredentials,
    IceInput,
    IceState,
    UfragForgotten,
    advance,
)
from sfu.wire import stun
from tests.harness.ice_client import IceClient

LOCAL = IceCredentials("serverAB", "p" * 24)
REMOTE = IceCredentials("clnt", "r" * 24)
A = ("192.0.2.1", 50_000)
B = ("192.0.2.1", 50_001)
SIX = ("2001:db8::7", 50_002)


def make_agent(now: float = 0.0, **options: float) -> IceAgent:
    return IceAgent(LOCAL, REMOTE, now, **options)


def make_client(local: IceCredentials = LOCAL, remote: IceCredentials = REMOTE) -> IceClient:
    return IceClient(local.ufrag, local.pwd, remote.ufrag)


def check(agent: IceAgent, address: tuple[str, int], now: float = 0.0, *, nominate: bool = False) -> None:
    """A check that has to be answered, with the right address."""
    client = make_client()
    agent.receive_stun(client.check(nominate=nominate), address, now)
    answers = agent.datagrams_to_send()
    assert [to for _, to in answers] == [address]
    assert client.receive(answers[0][0]) == address


class TestCredentials:
    """RFC 8445 §5.3."""

    def test_generated(self) -> None:
        made = [IceCredentials.generate() for _ in range(200)]
        assert len({one.ufrag for one in made}) == 200
        assert len({one.pwd for one in made}) == 200
        for one in made:
            assert re.fullmatch(r"[A-Za-z0-9]{8}", one.ufrag)
            assert re.fullmatch(r"[A-Za-z0-9]{24}", one.pwd)

    def test_the_password_is_not_shown(self) -> None:
        assert LOCAL.pwd not in repr(LOCAL)


class TestTable:
    """`TRANSITIONS`."""

    def test_every_state_but_the_last_takes_every_input(self) -> None:
        for state in IceState:
            for move in IceInput:
                if state is IceState.ENDED and move is not IceInput.CLOSE:
                    with pytest.raises(RuntimeError):
                        advance(state, move)
                else:
                    assert advance(state, move) is TRANSITIONS[state, move]

    def test_no_way_back(self) -> None:
        order = list(IceState)
        assert all(order.index(after) >= order.index(before) for (before, _), after in TRANSITIONS.items())

    def test_the_document_shows_this_table(self) -> None:
        text = (Path(__file__).parents[2] / "sfu" / "ICE.md").read_text(encoding="utf-8")
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
        header = next(row for row in rows if row[1:] == [move.value for move in IceInput])
        shown = {
            (IceState(row[0]), IceInput(move)): IceState(cell)
            for row in rows[rows.index(header) + 2 : rows.index(header) + 2 + len(IceState)]
            for move, cell in zip(header[1:], row[1:], strict=True)
            if cell != "–"
        }
        assert shown == TRANSITIONS


class TestChecks:
    """What is answered and what it teaches."""

    def test_the_first_check_validates(self) -> None:
        agent = make_agent()
        assert agent.address is None
        check(agent, A)
        assert agent.events() == [AddressValidated(A)]
        assert agent.address == A
        assert agent.is_validated(A, 0.0)
        assert not agent.is_validated(B, 0.0)
        assert agent.state is IceState.VALIDATED

    def test_ipv6(self) -> None:
        agent = make_agent()
        check(agent, SIX)
        assert agent.address == SIX

    def test_ffmpeg(self) -> None:
        """Neither PRIORITY nor ICE-CONTROLLING."""
        agent, client = make_agent(), make_client()
        agent.receive_stun(client.check(nominate=True, priority=False, controlling=False), A, 0.0)
        assert client.receive(agent.datagrams_to_send()[0][0]) == A
        assert agent.state is IceState.NOMINATED

    def test_an_unknown_remote_fragment_is_taken_when_none_was_offered(self) -> None:
        agent = IceAgent(LOCAL, IceCredentials("", ""), 0.0)
        agent.receive_stun(make_client(remote=IceCredentials("any1", "")).check(), A, 0.0)
        assert agent.address == A

    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(make_client().check(password="q" * 24), id="wrong password"),
            pytest.param(make_client().check(password=REMOTE.pwd), id="the other side's password"),
            pytest.param(make_client().check(username="serverAB:else"), id="wrong remote fragment"),
            pytest.param(make_client().check(username="serverXX:clnt"), id="wrong local fragment"),
            pytest.param(make_client().check(username="clnt:serverAB"), id="reversed"),
            pytest.param(make_client().check()[:-1], id="truncated"),
            pytest.param(stun.serialize(1, bytes(12)), id="no credentials"),
            pytest.param(
                stun.serialize(0x11, bytes(12), ((6, b"serverAB:clnt"),), stun.IntegrityKey(LOCAL.pwd)), id="indication"
            ),
            pytest.param(stun.serialize(0x101, bytes(12), ((6, b"serverAB:clnt"),), stun.IntegrityKey(LOCAL.pwd)), id="response"),
            pytest.param(b"\x00\x01", id="scrap"),
        ],
    )
    def test_silence(self, data: bytes) -> None:
        """Nothing is sent, learned or changed, before and after a real check."""
        agent = make_agent()
        for now in (0.0, 1.0):
            agent.receive_stun(data, B, now)
            assert agent.datagrams_to_send() == []
            assert not agent.is_validated(B, now)
            check(agent, A, now)
        assert agent.address == A
        assert agent.events() == [AddressValidated(A)]
        counters = agent.counters
        assert counters.malformed + counters.unknown_user + counters.unauthenticated == 2

    def test_role_conflict(self) -> None:
        """RFC 8445 §6.1.1 and §7.3.1.1: a lite agent stays controlled."""
        agent, client = make_agent(), make_client()
        agent.receive_stun(client.check(controlled=True), A, 0.0)
        assert client.receive(agent.datagrams_to_send()[0][0]) is None
        assert client.errors == [487]
        assert agent.address is None
        assert agent.counters.rejected == 1

    def test_attribute_that_must_be_understood(self) -> None:
        agent, client = make_agent(), make_client()
        attributes = ((6, b"serverAB:clnt"), (0x7ABC, bytes(8)), (0x24, bytes(4)))
        agent.receive_stun(stun.serialize(1, bytes(12), attributes, stun.IntegrityKey(LOCAL.pwd)), A, 0.0)
        assert client.receive(agent.datagrams_to_send()[0][0]) is None
        assert client.errors == [420]
        assert agent.address is None

    @pytest.mark.parametrize("address", [A, SIX])
    def test_no_answer_is_larger_than_its_request(self, address: tuple[str, int]) -> None:
        client = make_client()
        for priority in (True, False):
            for fingerprint in (True, False):
                agent = make_agent()
                data = client.check(priority=priority, controlling=priority, fingerprint=fingerprint)
                agent.receive_stun(data, address, 0.0)
                sent = sum(len(answer) for answer, _ in agent.datagrams_to_send())
                assert sent <= len(data)
                assert (sent > 0) == (agent.counters.withheld_answers == 0)

    def test_undrained_answers_are_bounded(self) -> None:
        agent, client = make_agent(), make_client()
        for _ in range(MAX_PENDING_ANSWERS + 5):
            agent.receive_stun(client.check(), A, 0.0)
        assert len(agent.datagrams_to_send()) == MAX_PENDING_ANSWERS
        assert agent.counters.withheld_answers == 5


class TestNomination:
    """USE-CANDIDATE moves the address, nothing else does."""

    def test_before_a_nomination_the_first_address_stays(self) -> None:
        agent = make_agent()
        check(agent, A)
        check(agent, B)
        assert agent.address == A
        assert agent.events() == [AddressValidated(A), AddressValidated(B)]

    def test_nominated_on_the_first_check_like_firefox(self) -> None:
        agent = make_agent()
        check(agent, A, nominate=True)
        assert agent.events() == [AddressValidated(A)]
        assert agent.state is IceState.NOMINATED

    def test_nominated_on_the_second_like_chromium(self) -> None:
        agent = make_agent()
        check(agent, A)
        check(agent, A, nominate=True)
        assert agent.events() == [AddressValidated(A)]
        assert agent.state is IceState.NOMINATED

    def test_another_address_is_nominated(self) -> None:
        agent = make_agent()
        check(agent, A)
        check(agent, B, nominate=True)
        assert agent.address == B
        assert agent.events() == [AddressValidated(A), AddressValidated(B), AddressChanged(B)]

    def test_a_later_nomination_moves_it_and_back(self) -> None:
        agent = make_agent()
        check(agent, A, nominate=True)
        check(agent, B, 1.0)
        assert agent.address == A
        check(agent, B, 2.0, nominate=True)
        assert agent.address == B
        check(agent, A, 3.0, nominate=True)
        assert agent.address == A
        assert agent.events() == [AddressValidated(A), AddressValidated(B), AddressChanged(B), AddressChanged(A)]

    def test_silence_of_the_selected_lets_a_living_one_take_over(self) -> None:
        agent = make_agent()
        check(agent, A, 0.0, nominate=True)
        check(agent, B, SILENT_SELECTED_S - 0.1)
        assert agent.address == A
        check(agent, B, SILENT_SELECTED_S)
        assert agent.address == B
        assert agent.events()[-1] == AddressChanged(B)


class TestConsent:
    """RFC 7675, by the peer's own checks."""

    def test_lost_when_checks_stop(self) -> None:
        agent = make_agent()
        check(agent, A, 5.0, nominate=True)
        agent.events()
        assert agent.next_timeout() == 5.0 + CONSENT_TIMEOUT_S
        agent.handle_timeout(34.9)
        assert agent.events() == []
        agent.handle_timeout(35.0)
        assert agent.events() == [AddressForgotten(A), ConsentLost()]
        assert agent.state is IceState.ENDED
        assert agent.next_timeout() is None

    def test_every_check_renews(self) -> None:
        agent = make_agent()
        for second in range(0, 300, 5):
            check(agent, A, float(second), nominate=True)
            agent.handle_timeout(float(second))
        assert agent.events() == [AddressValidated(A)]
        assert agent.next_timeout() == 295.0 + CONSENT_TIMEOUT_S

    def test_unauthenticated_checks_do_not_renew(self) -> None:
        agent = make_agent()
        check(agent, A, 0.0)
        for second in range(30):
            agent.receive_stun(make_client().check(password="w" * 24), A, float(second))
        agent.handle_timeout(30.0)
        assert agent.state is IceState.ENDED

    def test_the_timeout_is_a_parameter(self) -> None:
        agent = make_agent(consent_timeout_s=4.0)
        check(agent, A, 1.0)
        assert agent.is_validated(A, 4.9)
        assert not agent.is_validated(A, 5.0)
        agent.handle_timeout(5.0)
        assert agent.state is IceState.ENDED

    def test_a_peer_that_never_checks(self) -> None:
        agent = make_agent(100.0)
        assert agent.next_timeout() == 100.0 + CONSENT_TIMEOUT_S
        agent.handle_timeout(129.0)
        assert agent.events() == []
        agent.handle_timeout(130.0)
        assert agent.events() == [ChecksMissing()]

    def test_an_old_address_is_forgotten_alone(self) -> None:
        agent = make_agent()
        check(agent, A, 0.0)
        check(agent, B, 10.0, nominate=True)
        agent.events()
        assert agent.next_timeout() == CONSENT_TIMEOUT_S
        agent.handle_timeout(30.0)
        assert agent.events() == [AddressForgotten(A)]
        assert agent.addresses == (B,)
        assert agent.address == B

    def test_the_selected_expires_and_another_takes_over(self) -> None:
        agent = make_agent()
        check(agent, A, 0.0, nominate=True)
        check(agent, B, 11.0)
        agent.events()
        agent.handle_timeout(30.0)
        assert agent.events() == [AddressForgotten(A), AddressChanged(B)]
        assert agent.address == B

    def test_nothing_after_the_end(self) -> None:
        agent = make_agent()
        check(agent, A)
        agent.close()
        agent.close()
        agent.events()
        agent.receive_stun(make_client().check(), A, 1.0)
        agent.handle_timeout(100.0)
        agent.restart(REMOTE, LOCAL, 1.0)
        assert agent.datagrams_to_send() == []
        assert agent.events() == []
        assert agent.next_timeout() is None


class TestAddressTable:
    """Bounded, and never without the selected."""

    def test_the_oldest_goes(self) -> None:
        agent = make_agent()
        addresses = [("192.0.2.9", port) for port in range(1, MAX_ADDRESSES + 3)]
        for second, address in enumerate(addresses):
            check(agent, address, second / 100)
        assert len(agent.addresses) == MAX_ADDRESSES
        assert agent.address == addresses[0]
        assert agent.address in agent.addresses
        forgotten = [event.address for event in agent.events() if isinstance(event, AddressForgotten)]
        assert forgotten == addresses[1:3]

    def test_random_histories(self) -> None:
        """Whatever the order: the address was checked, the table is bounded, events and table agree."""
        rng = random.Random(8445)
        for _ in range(30):
            agent, now = make_agent(), 0.0
            known: set[tuple[str, int]] = set()
            selected = None
            for _ in range(120):
                now += rng.choice((0.01, 0.5, 3.0, 9.0))
                if rng.random() < 0.2:
                    agent.handle_timeout(now)
                else:
                    address = ("192.0.2.9", rng.randrange(1, 14))
                    agent.receive_stun(make_client().check(nominate=rng.random() < 0.3), address, now)
                    agent.datagrams_to_send()
                for event in agent.events():
                    match event:
                        case AddressValidated(address):
                            assert address not in known
                            known.add(address)
                            selected = selected or address
                        case AddressForgotten(address):
                            known.remove(address)
                        case AddressChanged(address):
                            assert address in known
                            assert address != selected
                            selected = address
                assert set(agent.addresses) == known
                assert len(known) <= MAX_ADDRESSES
                if agent.state is IceState.ENDED:
                    assert not known
                    break
                assert agent.address == selected


class TestRestart:
    """RFC 8445 §9."""

    NEW_LOCAL = IceCredentials("fresh123", "n" * 24)
    NEW_REMOTE = IceCredentials("clt2", "s" * 24)

    def restarted(self) -> IceAgent:
        agent = make_agent()
        check(agent, A, 0.0, nominate=True)
        agent.events()
        agent.restart(self.NEW_REMOTE, self.NEW_LOCAL, 1.0)
        return agent

    def new_check(self, agent: IceAgent, address: tuple[str, int], now: float, *, nominate: bool) -> None:
        client = make_client(self.NEW_LOCAL, self.NEW_REMOTE)
        agent.receive_stun(client.check(nominate=nominate), address, now)
        assert client.receive(agent.datagrams_to_send()[0][0]) == address

    def test_both_are_answered_until_the_new_nominates(self) -> None:
        agent = self.restarted()
        assert list(agent.ufrags) == [LOCAL.ufrag, self.NEW_LOCAL.ufrag]
        check(agent, A, 2.0, nominate=True)
        self.new_check(agent, B, 3.0, nominate=False)
        assert agent.address == A
        check(agent, A, 4.0)
        agent.events()
        self.new_check(agent, B, 5.0, nominate=True)
        assert agent.address == B
        assert agent.events() == [AddressChanged(B), UfragForgotten(LOCAL.ufrag)]
        assert list(agent.ufrags) == [self.NEW_LOCAL.ufrag]
        agent.receive_stun(make_client().check(nominate=True), A, 6.0)
        assert agent.datagrams_to_send() == []
        assert agent.address == B

    def test_passwords_do_not_mix(self) -> None:
        agent = self.restarted()
        agent.receive_stun(make_client(self.NEW_LOCAL, self.NEW_REMOTE).check(password=LOCAL.pwd), B, 2.0)
        agent.receive_stun(make_client(LOCAL, self.NEW_REMOTE).check(), B, 2.0)
        assert agent.datagrams_to_send() == []
        assert agent.addresses == (A,)

    def test_on_the_same_address(self) -> None:
        agent = self.restarted()
        self.new_check(agent, A, 2.0, nominate=True)
        assert agent.events() == [UfragForgotten(LOCAL.ufrag)]
        assert agent.address == A

    def test_twice_before_a_nomination(self) -> None:
        agent = self.restarted()
        third = IceCredentials("third123", "t" * 24)
        agent.restart(self.NEW_REMOTE, third, 2.0)
        assert agent.events() == [UfragForgotten(self.NEW_LOCAL.ufrag)]
        assert agent.ufrags == (LOCAL.ufrag, third.ufrag)
        check(agent, A, 3.0)

    def test_consent_goes_on(self) -> None:
        agent = self.restarted()
        assert agent.next_timeout() == CONSENT_TIMEOUT_S
        agent.handle_timeout(CONSENT_TIMEOUT_S)
        assert agent.events()[-1] == ConsentLost()


class TestLostAddress:
    """A TCP connection that closed."""

    TCP = ("tcp:192.0.2.1", 50_000)

    def agent(self, *addresses: tuple[str, int]) -> IceAgent:
        agent = make_agent()
        for address in addresses:
            agent.receive_stun(make_client().check(), address, 0.0)
        agent.events()
        agent.datagrams_to_send()
        return agent

    def test_the_answer_has_the_address_without_its_transport(self) -> None:
        agent, client = make_agent(), make_client()
        agent.receive_stun(client.check(), self.TCP, 0.0)
        ((answer, to),) = agent.datagrams_to_send()
        assert to == self.TCP
        assert client.receive(answer) == ("192.0.2.1", 50_000)
        assert agent.events() == [AddressValidated(self.TCP)]

    def test_another_address_takes_over(self) -> None:
        agent = self.agent(self.TCP, A, B)
        agent.receive_stun(make_client().check(), B, 1.0)
        agent.lose_address(self.TCP, 1.0)
        assert agent.events() == [AddressForgotten(self.TCP), AddressChanged(B)]
        assert agent.address == B
        assert agent.addresses == (A, B)

    def test_one_that_was_not_selected_is_only_forgotten(self) -> None:
        agent = self.agent(A, self.TCP)
        agent.lose_address(self.TCP, 1.0)
        assert agent.events() == [AddressForgotten(self.TCP)]
        assert agent.address == A

    def test_without_another_there_is_none_until_the_next_check(self) -> None:
        agent = self.agent(self.TCP)
        agent.lose_address(self.TCP, 10.0)
        assert agent.events() == [AddressForgotten(self.TCP)]
        assert agent.address is None
        assert not agent.is_validated(self.TCP, 10.0)
        assert agent.next_timeout() == 10.0 + CONSENT_TIMEOUT_S
        agent.handle_timeout(10.0 + CONSENT_TIMEOUT_S - 0.1)
        assert agent.events() == []
        agent.receive_stun(make_client().check(), B, 39.0)
        assert agent.events() == [AddressValidated(B)]
        assert agent.address == B
        agent.handle_timeout(10.0 + CONSENT_TIMEOUT_S)
        assert agent.events() == []

    def test_without_a_next_check_consent_is_lost(self) -> None:
        agent = self.agent(self.TCP)
        agent.lose_address(self.TCP, 10.0)
        agent.events()
        agent.handle_timeout(10.0 + CONSENT_TIMEOUT_S)
        assert agent.events() == [ConsentLost()]
        assert agent.state is IceState.ENDED
        agent.lose_address(self.TCP, 50.0)

    def test_what_was_never_validated_is_nobodys_loss(self) -> None:
        agent = self.agent(A)
        agent.lose_address(self.TCP, 1.0)
        assert agent.events() == []
        assert agent.address == A
