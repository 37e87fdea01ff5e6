"""What pages see of the agenda: numbers of the whole, items of the scope."""

from bridge.agenda_commands import AgendaEntry, NextSpeaker, SetAgenda
from bridge.agenda_views import agenda_view, spoken_view
from bridge.commands import TakeBackFloor
from tests.bridge.scene import FAR, OTHER, WARD, Scene, small_directory

DIRECTORY = small_directory()


def test_a_scope_sees_its_own_items_with_the_numbers_of_the_whole() -> None:
    scene = Scene()
    scene.do(SetAgenda((AgendaEntry(WARD, "một"), AgendaEntry(FAR, "hai", 60_000), AgendaEntry(OTHER, "ba")), "center"))
    agenda = scene.bridge.state.agenda
    whole = agenda_view(agenda, DIRECTORY, lambda _: True)
    assert (whole["next"], len(whole["items"])) == ("i1", 3)  # type: ignore[arg-type]
    own = agenda_view(agenda, DIRECTORY, {FAR}.__contains__)
    assert own["next"] is None
    items = own["items"]
    assert isinstance(items, list)
    (item,) = items
    assert (item["place"], item["point_name"], item["subject"], item["duration_ms"]) == (2, "Xã Long Hậu", "hai", 60_000)


def test_speaking_time_the_longest_first() -> None:
    scene = Scene()
    scene.do(SetAgenda((AgendaEntry(WARD, ""), AgendaEntry(FAR, "")), "center"))
    for point, ms in ((WARD, 1_000), (FAR, 9_000)):
        scene.connect(point)
        scene.do(NextSpeaker("center"))
        scene.do(TakeBackFloor(point, "center"), ms)
    rows = spoken_view(scene.bridge.state.agenda, DIRECTORY, lambda _: True)
    assert [(row["point"], row["spoken_ms"]) for row in rows] == [(FAR, 9_000), (WARD, 1_000)]
    assert spoken_view(scene.bridge.state.agenda, DIRECTORY, {WARD}.__contains__)[0]["point_name"] == "Phường 10"
