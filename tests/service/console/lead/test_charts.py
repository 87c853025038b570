"""Charts as the pages write them."""

from xml.etree import ElementTree as ET

import pytest
from jinja2 import Environment, PackageLoader, select_autoescape

from service.console.lead.charts import WIDTH, Chart, Label, Line, Rect, bars, columns, intervals
from service.insights.estimates import Estimate

ROWS = [("Rule 1", 12.0), ("Rule 2", 3.0), ("No rule", 0.0)]
SHARES = [("Seen", Estimate(0.6, 0.4, 0.75, 100)), ("Wrongly flagged", Estimate(0.02, 0.01, 0.04, 100))]
CHARTS = [
    bars("Removed", "By rule.", ROWS),
    columns("Comments", "By hour.", ROWS, shaded=[True, False, True]),
    intervals("Shares", "With intervals.", SHARES),
    bars("Removed", "Nothing yet.", []),
    columns("Comments", "Nothing yet.", []),
]


def drawn(chart: Chart) -> ET.Element:
    """Write a chart as its page does, and read it as a browser does."""
    environment = Environment(loader=PackageLoader("service"), autoescape=select_autoescape(["html"]))
    macros = environment.get_template("console/_chart.html").module
    return ET.fromstring(str(macros.draw(chart, "c")))  # type: ignore[attr-defined]  # noqa: S314 - our own


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_has_a_name_and_a_description_for_those_who_do_not_see_it(chart: Chart) -> None:
    svg = drawn(chart)
    assert svg.attrib["role"] == "img"
    named = {child.attrib["id"]: child.text for child in svg if "id" in child.attrib}
    assert [named[part] for part in svg.attrib["aria-labelledby"].split()] == [chart.title, chart.description]


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_draws_within_its_frame_and_without_inline_style(chart: Chart) -> None:
    for shape in drawn(chart).iter():
        assert "style" not in shape.attrib
        for edge, size in (("x", "width"), ("y", "height")):
            if shape.tag == "rect":
                end = float(shape.attrib[edge]) + float(shape.attrib[size])
                assert 0 <= float(shape.attrib[edge]) <= end <= getattr(chart, size) + 1


def test_bars_are_as_long_as_their_values() -> None:
    lengths = [shape.width for shape in CHARTS[0].shapes if isinstance(shape, Rect)]
    assert [length / lengths[0] for length in lengths] == pytest.approx([1, 0.25, 0], abs=0.001)


def test_an_interval_reaches_from_its_lower_to_its_upper_end() -> None:
    scale = {shape.text: shape.x for shape in CHARTS[2].shapes if isinstance(shape, Label)}
    whisker = next(shape for shape in CHARTS[2].shapes if isinstance(shape, Line) and shape.kind == "whisker")
    room = scale["100%"] - scale["0%"]
    ends = [(x - scale["0%"]) / room for x in (whisker.x1, whisker.x2)]
    assert ends == pytest.approx([0.4, 0.75], abs=0.001)
    assert scale["100%"] < WIDTH


def test_a_hostile_name_is_text() -> None:
    chart = bars('"><script>', "</svg><script>alert(1)</script>", [("<b>&'\"", 1.0)])
    svg = drawn(chart)
    assert {child.tag for child in svg} == {"title", "desc", "text", "rect", "line"}
    assert [child.text for child in svg][:3] == ['"><script>', "</svg><script>alert(1)</script>", "<b>&'\""]
