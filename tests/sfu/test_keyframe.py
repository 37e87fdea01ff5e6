"""Key frames are asked for once however many want one, and remembered for as long as they are a short burst."""

from sfu.keyframe import CACHE_PACKETS, KeyframeCache, KeyframeRequests


def test_a_thousand_wishes_are_one_request_a_second() -> None:
    requests = KeyframeRequests(1.0)
    sent = []
    for tick in range(300):  # three seconds, no key frame comes
        now = tick / 100
        for _ in range(1000):
            requests.want()
        if requests.take(now):
            sent.append(now)
    assert sent == [0.0, 1.0, 2.0]
    assert requests.requested == 3
    assert requests.merged == 300_000 - 1


def test_a_key_frame_ends_the_wish_but_not_the_interval() -> None:
    requests = KeyframeRequests(1.0)
    requests.want()
    assert requests.next_timeout() == 0.0
    assert requests.take(5.0)
    requests.arrived()
    assert not requests.is_wanted
    assert requests.next_timeout() is None
    assert not requests.take(9.0)
    requests.want()
    assert requests.next_timeout() == 6.0
    assert not requests.take(5.9)
    assert requests.take(6.0)


def test_a_lost_request_is_repeated() -> None:
    requests = KeyframeRequests(0.5)
    requests.want()
    assert requests.take(1.0)
    assert not requests.take(1.4)
    assert requests.take(1.5)


def test_the_cache_holds_a_short_burst() -> None:
    cache = KeyframeCache()
    assert cache.start() is None
    cache.note(10, is_keyframe_start=True)
    assert cache.start() == 10
    cache.note(10 + CACHE_PACKETS - 1, is_keyframe_start=False)
    assert cache.start() == 10
    cache.note(10 + CACHE_PACKETS, is_keyframe_start=False)
    assert cache.start() is None
    cache.note(200, is_keyframe_start=True)
    assert cache.start() == 200


def test_an_older_key_frame_does_not_replace_a_newer_one_and_a_loss_forgets_it() -> None:
    cache = KeyframeCache()
    cache.note(50, is_keyframe_start=True)
    cache.note(40, is_keyframe_start=True)
    assert cache.start() == 50
    cache.clear()
    assert cache.start() is None
    assert cache.is_short(50)
    assert not cache.is_short(50 - CACHE_PACKETS)
