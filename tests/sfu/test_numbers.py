"""What the node says about itself."""

from __future__ import annotations

from sfu.numbers import LAG_WINDOW_S, LoopLag, layer_numbers
from tests.sfu.world import World


def test_the_worst_of_ten_to_twenty_seconds_is_told() -> None:
    lag = LoopLag(100.0)
    assert lag.worst_s(100.0) == 0
    lag.note(101.0, 101.25)
    lag.note(102.0, 102.125)
    assert lag.worst_s(102.2) == 0.25
    assert lag.worst_s(100.0 + 2 * LAG_WINDOW_S - 0.01) == 0.25
    assert lag.worst_s(100.0 + 2 * LAG_WINDOW_S) == 0


def test_a_window_without_a_timer_forgets_too() -> None:
    lag = LoopLag(0.0)
    lag.note(1.0, 4.0)
    lag.note(35.0, 35.5)
    assert lag.worst_s(36.0) == 0.5


def test_pictures_are_counted_by_layer_and_sound_is_not() -> None:
    world = World()
    world.plan(main=("center",), center=("center",))
    center = world.publish("center")
    for number in range(3):
        world.watch(f"viewer-{number}")
    world.run(0.3)
    center.frame()
    center.sound(1)
    world.run(0.3)
    assert layer_numbers(world.engine.peers()) == {"pictures_best_layer": 3, "pictures_lower_layer": 0, "viewers_paced": 0}


def test_what_came_and_what_was_given_on_is_counted_by_kind() -> None:
    world = World()
    world.plan(main=("center",), center=("center",))
    center = world.publish("center")
    viewers = [world.watch(f"viewer-{number}") for number in range(2)]
    world.run(0.3)
    center.frame(packets=4, size=200)
    for number in range(5):
        center.sound(number)
    world.run(0.3)
    counters, gauges = world.engine.counters, world.engine.gauges()
    sent = [packet.payload for packet in center.sent.values()]
    assert (counters["received_video_packets"], counters["received_audio_packets"]) == (4, 5)
    assert counters["received_video_bytes"] > sum(map(len, sent)) + 4 * 12
    assert gauges["forwarded_video_packets"] == sum(len(viewer.payloads("main")) for viewer in viewers) == 8
    plain = 2 * sum(map(len, sent))
    assert plain <= gauges["forwarded_video_bytes"] <= plain + 8 * 16, "some are padded to the length of others"
    assert gauges["forwarded_audio_packets"] == 10
    assert counters["keyframe_requests"] == len(center.plis)
