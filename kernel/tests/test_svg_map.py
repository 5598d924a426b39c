"""Drawn maps: polygons and points in degrees become paths and places of one drawing."""

import pytest

from kernel.svg_map import Area, Point, draw


def square(west: float, south: float, side: float, css_class: str = "") -> Area:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return Area("a", "方块", {"type": "Polygon", "coordinates": [ring]}, css_class)


def numbers(path: str) -> list[tuple[float, float]]:
    return [tuple(map(float, pair.split(","))) for pair in path.strip("MZ").split("L")]


def test_nothing_to_draw_gives_no_drawing():
    assert draw([]) is None


def test_a_square_on_the_equator_fills_the_page_inside_its_margin():
    drawing = draw([square(0, -0.5, 1, "here")])
    assert drawing.view_box == "0 0 1060 1060"
    assert drawing.shapes[0].path == "M30,1030L1030,1030L1030,30L30,30Z"
    assert drawing.shapes[0].css_class == "here"


def test_north_is_up():
    drawing = draw([], [Point("南", 117.6, 35.4), Point("北", 117.6, 35.6)])
    south, north = drawing.spots
    assert (south.y, north.y) == (1030, 30)


def test_a_degree_of_longitude_is_as_much_narrower_as_it_is_on_the_ground():
    drawing = draw([square(117, 59.5, 1)])
    (left, bottom), (right, _), (_, top), _ = numbers(drawing.shapes[0].path)
    assert bottom - top == 1000
    assert right - left == pytest.approx(500, abs=1)


def test_a_hole_is_a_second_ring_of_the_same_path():
    outer, inner = square(0, 0, 3).geometry["coordinates"][0], square(1, 1, 1).geometry["coordinates"][0]
    drawing = draw([Area("a", "环", {"type": "Polygon", "coordinates": [outer, inner]})])
    assert drawing.shapes[0].path.count("M") == 2


def test_a_multipolygon_is_one_shape():
    rings = [[square(0, 0, 1).geometry["coordinates"][0]], [square(2, 2, 1).geometry["coordinates"][0]]]
    drawing = draw([Area("a", "飞地", {"type": "MultiPolygon", "coordinates": rings})])
    assert [shape.path.count("Z") for shape in drawing.shapes] == [2]


def test_a_single_point_stands_in_the_middle_of_a_neighbourhood():
    drawing = draw([], [Point("此处", 117.6407, 35.5059)])
    assert drawing.view_box == "0 0 1060 1060"
    assert (drawing.spots[0].x, drawing.spots[0].y) == (pytest.approx(530, abs=1), pytest.approx(530, abs=1))


def test_altitude_in_a_position_is_passed_over():
    ring = [[0, 0, 88], [1, 0, 88], [1, 1, 88], [0, 0, 88]]
    drawing = draw([Area("a", "坡", {"type": "Polygon", "coordinates": [ring]})])
    assert len(numbers(drawing.shapes[0].path)) == 3


def test_a_line_is_not_an_area():
    with pytest.raises(ValueError, match="LineString"):
        draw([Area("a", "河", {"type": "LineString", "coordinates": [[0, 0], [1, 1]]})])
