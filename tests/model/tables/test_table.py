"""Whatever a newsroom's programs saved, the rows come out as they were, or the row that is wrong is told."""

import gzip
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import InvalidInput
from model.tables import batch, json_rows
from model.tables.comments import read_article, read_comments
from model.tables.table import read_batches, read_rows

ROWS: list[dict[str, Any]] = [
    {"id": "7", "text": "The pier, they say, is “safe”.", "label": "approved"},
    {"id": "8", "text": 'Two lines,\nand a "quote".', "label": None},
    {"id": "9", "text": "Łódź 🚢", "label": "rejected"},
]
COMMA = """id,text,label
7,"The pier, they say, is “safe”.",approved
8,"Two lines,
and a ""quote"".",
9,Łódź 🚢,rejected
"""
#: A table of one comment, as the cells of a sheet.
COMMENT = [["text", "label"], ["The pool reopens in May.", "kept"]]


def rows(file: Path, content: bytes | str | None = None) -> list[dict[str, Any]]:
    if content is not None:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return [row for _, row in read_rows(str(file))]


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz", "a.json.gz", "a.txt"])
def test_a_small_file_that_unpacks_to_an_endless_line_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for module in ("decoding", "json_rows", "comments"):
        monkeypatch.setattr(f"model.tables.{module}.LONGEST_LINE", 100_000)
    start = {"a.csv.gz": "text\n", "a.jsonl.gz": '{"text": "', "a.json.gz": '[{"text": "'}.get(name, "")
    packed = gzip.compress((start + "a" * 300_000).encode())
    (tmp_path / name).write_bytes(packed)
    with pytest.raises(InvalidInput, match=r"more than 100,000 characters|row 1: not JSON"):
        read_article(str(tmp_path / name))


def test_a_list_may_be_a_single_long_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.tables.decoding.LONGEST_LINE", 100_000)
    many = [{"id": str(number), "text": "A comment of some length."} for number in range(10_000)]

    assert rows(tmp_path / "list.json", json.dumps(many)) == many
    assert rows(tmp_path / "below blank lines.json", "\n\n " + json.dumps(many)) == many


def test_a_comment_of_several_lines_stays_one(tmp_path: Path) -> None:
    first = 'text,label\n"Well,no\nand yes, again",kept\n"One,two\nthree,four",removed\nAye.,kept\n'
    last = 'label,text\nkept,"Well, you see,\nno, I mean, kept, as it were"\nremoved,"a\n\n,b"\n'

    assert [row["label"] for row in rows(tmp_path / "first.csv", first)] == ["kept", "removed", "kept"]
    assert [row["label"] for row in rows(tmp_path / "last.csv", last)] == ["kept", "removed"]


@pytest.mark.parametrize(
    "comment",
    [
        "A crowd:\n9,000 people.",
        "It was\n2010, I think.",
        "See\nhttp://a.example/?pg=4634,5262094\nhere",
    ],
)
def test_a_comma_within_a_comment_of_several_lines_begins_no_row(tmp_path: Path, comment: str) -> None:
    for columns in (["id", "text"], ["text", "id"], ["text", "label"], ["label", "text"]):
        table = pd.DataFrame([{"id": n, "text": text, "label": "kept"} for n, text in enumerate(["a", comment, "b"])])
        table[columns].to_csv(tmp_path / "a.csv", index=False)

        assert [row["text"] for row in rows(tmp_path / "a.csv")] == ["a", comment, "b"]


def with_delimiter(mark: str) -> str:
    return "".join(
        mark.join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n"
        for row in (("id", "text", "label"), *((r["id"], r["text"], r["label"] or "") for r in ROWS))
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("commas.csv", COMMA),
        ("semicolons.csv", with_delimiter(";")),
        ("tabs.csv", with_delimiter("\t")),
        ("tabs.TSV", with_delimiter("\t")),
        ("mark.csv", "\ufeff" + COMMA),
        ("said.csv", "sep=;\r\n" + with_delimiter(";")),
        ("said, quoted.csv", '"sep=;"\n\n' + with_delimiter(";")),
        ("said, though names have commas.csv", "sep=,\n" + COMMA),
        ("blank lines.csv", "\n ;;\n\n" + with_delimiter(";").replace('"9"', '\n"9"') + "\n\n"),
        ("trailing columns.csv", re.sub(r'(label|approved|rejected|",)\n', r"\1,,\n", COMMA)),
        ("index.csv", re.sub(r"^(?=[789i])", ",", COMMA, flags=re.MULTILINE)),
        ("utf-16.csv", COMMA.encode("utf-16")),
        ("big-endian.csv", ("\ufeff" + COMMA).encode("utf-16-be")),
        ("small.csv.gz", gzip.compress(COMMA.encode())),
        ("gzip, unsaid.csv", gzip.compress(COMMA.encode("utf-16"))),
        ("lines.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS)),
        ("lines.ndjson.gz", gzip.compress("\n\n".join(map(json.dumps, ROWS)).encode())),
        ("utf-16.jsonl", "\r".join(json.dumps(row, ensure_ascii=False) for row in ROWS).encode("utf-16")),
        ("list.json", json.dumps(ROWS)),
        ("list.jsonl", "\ufeff\n" + json.dumps(ROWS, indent=4, ensure_ascii=False) + "\n"),
    ],
)
def test_the_rows_are_the_same_however_they_were_saved(tmp_path: Path, name: str, content: bytes | str) -> None:
    assert rows(tmp_path / name, content) == ROWS


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_other_systems_end_their_lines_otherwise(tmp_path: Path, end: str) -> None:
    found = rows(tmp_path / "a.csv", COMMA.replace("\n", end))

    assert found == [{**row, "text": str(row["text"]).replace("\n", end)} for row in ROWS]


def test_parquet_and_excel_hold_the_same_rows(tmp_path: Path) -> None:
    pd.DataFrame(ROWS).to_parquet(tmp_path / "a.parquet")
    book = openpyxl.Workbook()
    second = book.create_sheet("comments")
    for row in [[], [None, None], [None, "id", "text", "label", None], *([None, *row.values(), None] for row in ROWS)]:
        second.append(row)
    second.append([None, None, None])
    book.save(tmp_path / "a.xlsx")

    assert rows(tmp_path / "a.parquet") == ROWS
    assert rows(tmp_path / "a.xlsx") == ROWS


@pytest.mark.parametrize(
    ("sheets", "hidden", "message"),
    [
        (
            {"Januar": COMMENT, "leer": [], "Februar": COMMENT},
            "",
            (
                "has 2 sheets that hold something, 'Januar', 'Februar': keep the one with the comments, or save each "
                "as a file of its own."
            ),
        ),
        ({"Deckblatt": [["Export vom 1. März"]], "Daten": COMMENT}, "", "2 sheets that hold something, 'Deckblatt'"),
        ({"Daten": COMMENT, "Listen": [["removed"]]}, "Listen", "hold something, 'Daten', 'Listen' (hidden): keep"),
        ({f"Woche {week}": COMMENT for week in range(1, 9)}, "", "'Woche 4', 'Woche 5' and 3 more: keep the one"),
    ],
    ids=["two months", "a cover sheet", "a hidden list", "eight weeks"],
)
def test_of_several_filled_sheets_none_is_chosen(
    tmp_path: Path, sheets: dict[str, list[list[str]]], hidden: str, message: str
) -> None:
    book = openpyxl.Workbook()
    for name, cells in sheets.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
        for row in cells:
            sheet.append(row)
    book.save(tmp_path / "a.xlsx")

    with pytest.raises(InvalidInput, match=re.escape(f"{str(tmp_path / 'a.xlsx')!r} ") + ".*" + re.escape(message)):
        rows(tmp_path / "a.xlsx")


def test_a_cell_of_excel_is_what_excel_would_write(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "text", "label", "toxicity", "time"])
    sheet.append([12, "a_x000D_\nb", True, 0.5, datetime(2026, 11, 5, 9, 30, tzinfo=UTC).replace(tzinfo=None)])
    book.save(tmp_path / "a.xlsx")

    assert rows(tmp_path / "a.xlsx") == [
        {"id": "12", "text": "a\r\nb", "label": "TRUE", "toxicity": "0.5", "time": "2026-11-05T09:30:00"}
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('id,text\n1,a\n2,"b\n3,c\n', "row 2 (line 3), column 'text': a quote is never closed"),
        ('id,text\n1,a\n2,"b\n3,"c"\n', "row 2 (line 3), column 'text': a quote is never closed"),
        ('id,text\n1,a\n2,"b\n3,it is 5"\n4,c\n', "row 2 (line 3), column 'text': a quote is never closed"),
        ('id;text;x\nc1;"a";y\nc2;b";"open;y\nc3;d;"z"\n', "row 2 (line 3), column 'x': a quote is never closed"),
        ('id,text\n1,"a" he said\n', "row 1 (line 2), column 'text': a quote is never closed"),
        (
            'text,label\nfine,kept\n"open,kept\nanother,removed\nlast one",kept\nb,kept\n',
            "row 2 (line 3), column 'text': a quote is never closed",
        ),
        ('text,id\n"open quote,1\nlast one",3\n', "row 1 (line 2), column 'text': a quote is never closed"),
        # Two columns, and the label that was swallowed is only known from a later row.
        (
            'text,label\nAye.,kept\n"Where is it,removed\nYou idiot",kept\nNo,removed\n',
            "row 2 (line 3), column 'text': a quote is never closed",
        ),
        (
            'label,text\nkept,Aye.\nremoved,"Where is it\nremoved,You idiot"\n',
            "row 2 (line 3), column 'text': a quote is never closed",
        ),
        (
            'label,text\nkept,Aye.\nkept,"Where is it\nremoved,You idiot"\nremoved,No\n',
            "row 2 (line 3), column 'text': a quote is never closed",
        ),
        ('text;id;on\na;1;x\n"open;2;x\nb, c;3;x\nd";4;x\n', "row 2 (line 3), column 'text'"),
        ('id,"text\n1,a\n', "the names (line 1), column 2: a quote is never closed"),
        ("id,text,label\n1," + "word " * 200_001 + ",kept\n", "row 1 (line 2), column 'text': longer than 1,000,000 c"),
        ('id,text\n1,"' + "word " * 200_001, "row 1 (line 2), column 'text': a quote is never closed"),
        (
            "id,text\n1,Nice view, you lying idiot\n",
            "row 1 (line 2), column 3: ' you lying idiot' is beyond the last column",
        ),
        ("id,text,label\n1,Nice, you fool,\n", "row 1 (line 2), column 4: '' is beyond the last column, 'label'"),
        ("id,text,,\n1,a,,kept\n", "row 1 (line 2), column 4: 'kept' is beyond the last column, 'text'"),
        ("\nid,text,label\n1,a,\n\n2,b\n", "row 2 (line 5) ends before column 'label': it has 2 cells for 3 columns"),
        ("id,text\n1,a\rb\n", "row 2 (line 3) ends before column 'text'"),
        (b"id,text,label\n1,fine,\n2,caf\xe9,\n", "row 2 (line 3), column 'text': byte 0xe9 is not UTF-8"),
        (b"id,caf\xe9\n1,a\n", "line 1: byte 0xe9 is not UTF-8"),
        (b"\xff\xfei\0d\0,\0t\0\n\0001\0,\0\0\xd8\n\0", "row 1 (line 2), column 't': byte 0x80 is not UTF-8"),
        ("id,text".encode("utf-16-le"), "is neither UTF-8 nor UTF-16 with a byte-order mark"),
        (
            "id;text, whole\n1;a\n",
            "line 1: ',' or ';' could separate the columns: write sep=, or",
        ),
        ("id,text,text\n1,a,b\n", "has more than one column named 'text'"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x01", "cannot be read: Compressed file ended"),
    ],
)
def test_a_row_that_is_no_row_is_told_with_its_place(tmp_path: Path, content: bytes | str, message: str) -> None:
    file = tmp_path / "a.csv"
    with pytest.raises(InvalidInput, match=re.escape(message)) as told:
        rows(file, content)

    assert str(told.value).startswith(f"'{file}'")
    assert "\n" not in str(told.value)


def test_lines_within_quotes_are_no_rows(tmp_path: Path) -> None:
    text = "First, the pier.\n\n2. Then, the boats, and so on.\nThird: “done”, I hope"
    assert rows(tmp_path / "a.csv", f'id,text\n1,"{text}"\n2,b\n') == [
        {"id": "1", "text": text},
        {"id": "2", "text": "b"},
    ]


def test_lines_of_a_comment_that_stands_first_are_no_rows(tmp_path: Path) -> None:
    texts = ["First, kept in mind.\nSecond, removed.\nI like it,\nbut 1, 2 and 3", "Well,\nwell", "a"]
    content = f'text,label\nx,kept\n"{texts[0]}",kept\n"{texts[1]}",\na,removed\n'

    assert [row["text"] for row in rows(tmp_path / "a.csv", content)] == ["x", *texts]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"text": "a"}\n{"text": \n', "row 2: not JSON"),
        ('{"text": "a"\n', "row 1: not JSON"),
        ('{"text": "a"}\n["b"]\n', "row 2: '[\"b\"]' is not an object"),
        ('["a", "b"]', "row 1: '\"a\"' is not an object"),
        ('[{"text": "a"}, {"text": "b"}', "row 3: the list is not closed"),
        ('[{"text": "a"}, {"text": "b"', "row 2: not JSON"),
        ('[{"text": "a"}] [{"text": "b"}]', "there is more after the list"),
        (b'{"text": "a"}\n{"text": "caf\xe9"}\n', "row 2, column 'text': byte 0xe9 is not UTF-8"),
        (b'[{"text": "caf\xe9"}]', "row 1, column 'text': byte 0xe9 is not UTF-8"),
        ("[" * 100_000, "row 1: not JSON"),
    ],
)
def test_what_is_no_json_is_told_with_its_row(tmp_path: Path, content: bytes | str, message: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(message)):
        rows(tmp_path / "a.json", content)


def test_an_escaped_half_of_a_pair_is_no_broken_byte(tmp_path: Path) -> None:
    assert rows(tmp_path / "a.jsonl", r'{"text": "half \udce9"}') == [{"text": "half \udce9"}]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xlsx", b"PK no workbook", "cannot be read as an Excel workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "is none of .csv, .tsv, .jsonl"),
        ("a.parquet", b"PAR1 cut off", "cannot be read"),
        ("a.parquet.gz", b"PAR1", "is none of"),
        ("a.csv", b"", "is empty"),
    ],
)
def test_a_file_that_holds_no_table_is_told(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(message)):
        rows(tmp_path / name, content)


@pytest.mark.parametrize(
    "save",
    [
        lambda file, row: file.write_text("".join(json.dumps(row) + "\n" for _ in range(7))),
        lambda file, row: file.write_text(json.dumps([row] * 7)),
    ],
    ids=["lines", "a list"],
)
def test_rows_come_in_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, save: Callable[[Path, dict[str, Any]], object]
) -> None:
    monkeypatch.setattr(batch, "_AT_ONCE", 3)
    monkeypatch.setattr(json_rows, "_CHUNK", 5)
    save(tmp_path / "a.json", {"text": "ä[]{}\\\"'" * 5})

    assert [list(some.numbers) for some in read_batches(str(tmp_path / "a.json"))] == [[1, 2, 3], [4, 5, 6], [7]]


@settings(max_examples=150)
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "N"], exclude_characters="\0"), min_size=1), min_size=1),
    st.sampled_from([",", ";", "\t"]),
)
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str], mark: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.csv"
    pd.DataFrame({"id": range(len(texts)), "text": texts}).to_csv(file, sep=mark, index=False, lineterminator="\r\n")

    assert [row["text"] for row in rows(file)] == texts


@settings(max_examples=300)
@given(st.data())
def test_of_a_damaged_file_all_is_told_in_a_line(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    name, whole = data.draw(
        st.sampled_from(
            [
                ("a.csv", COMMA.encode()),
                ("b.csv", with_delimiter(";").encode("utf-16")),
                ("c.csv", gzip.compress(COMMA.encode())),
                ("d.json", json.dumps(ROWS).encode()),
                ("e.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS).encode()),
            ]
        )
    )
    place = data.draw(st.integers(0, len(whole)))
    put = data.draw(st.lists(st.sampled_from(b'",;\r\n\t\0\xff\xe9[]{}'), max_size=3).map(bytes))
    file = tmp_path_factory.getbasetemp() / name

    try:
        rows(file, whole[:place] + put + whole[place + data.draw(st.integers(0, 3)) :])
    except InvalidInput as error:
        assert str(error).startswith(f"'{file}'")  # noqa: PT017 - most of them can be read
        assert "\n" not in str(error)  # noqa: PT017


def test_a_comment_is_found_by_the_names_that_others_give_its_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("comment_ID,comment_post_ID,comment_content\n3,10,Fine.\n4,,\n")

    first, second = read_comments(str(tmp_path / "a.csv"))
    assert (first.id, first.article_id, first.text) == ("3", "10", "Fine.")
    assert (second.id, second.article_id, second.text) == ("4", None, "")


def test_ids_that_became_floats_are_whole_again(tmp_path: Path) -> None:
    pd.DataFrame({"text": ["a", None], "article_id": [5.0, None]}).to_parquet(tmp_path / "a.parquet")

    assert [(one.id, one.text, one.article_id) for one in read_comments(str(tmp_path / "a.parquet"))] == [
        ("0", "a", "5"),
        ("1", "", None),
    ]
