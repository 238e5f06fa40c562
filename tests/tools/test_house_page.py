"""The picture of the house and its table are those of the imports; every room says what it is."""

import pytest

from tools import house, house_page


def test_the_picture_and_the_table_are_those_of_the_imports():
    assert house_page.PICTURE.read_text() == house_page.svg(), "python -m tools house"
    assert house_page.PAGE.read_text() == house_page.page(), "python -m tools house"


@pytest.mark.parametrize("room", sorted(house.floors()))
def test_every_room_says_in_one_line_what_it_is(room):
    assert 20 <= len(house_page.first_line(room)) <= 140
