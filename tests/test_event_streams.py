"""Server-sent events by line, whatever the network cuts them into."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstream import sse
from upstream.errors import Malformed
from upstream.scalars import ScalarJoiner, clean_text
from upstream.sse import EventStream

pytestmark = pytest.mark.once


def _read(*reads: bytes) -> list[bytes]:
    stream = EventStream()
    found = [data for read in reads for data in stream.feed(read)]
    return found + list(stream.end())


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_each_kind_of_line_end(line_end: bytes) -> None:
    raw = b": comment|event: message|data: one||data:two|data: lines||id: 7||".replace(
        b"|", line_end
    )
    assert _read(raw) == [b"one", b"two\nlines"]


def test_line_separators_of_unicode_are_text() -> None:
    text = "a\u2028b\u2029c\u0085d\x0be\x1cf".encode()
    assert _read(b"data: " + text + b"\n\n") == [text]


def test_a_last_event_without_its_blank_line() -> None:
    assert _read(b"data: one\n\ndata: [DONE]") == [b"one", b"[DONE]"]


@given(
    st.lists(
        st.text(max_size=30).map(lambda text: text.replace("\n", "").replace("\r", "")), max_size=8
    ),
    st.data(),
)
def test_cutting_the_bytes_anywhere_changes_nothing(texts: list[str], data: st.DataObject) -> None:
    raw = b"".join(b"data: " + text.encode() + b"\r\n\r\n" for text in texts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=6)))
    pieces = [raw[start:end] for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    assert _read(*pieces) == [text.encode() for text in texts]


def test_a_frame_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "LONGEST_FRAME", 1000)
    stream = EventStream()
    with pytest.raises(Malformed):
        for _ in range(20):
            list(stream.feed(b"data: " + b"x" * 100))


@given(st.text(st.characters(), max_size=40))
def test_clean_text_can_be_encoded_and_has_no_nul(text: str) -> None:
    cleaned = clean_text(text)
    assert "\0" not in cleaned.encode().decode()


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
    st.data(),
)
def test_pairs_cut_apart_are_joined_again(text: str, data: st.DataObject) -> None:
    halves = text.encode("utf-16-le", "surrogatepass")
    units = [
        halves[i : i + 2].decode("utf-16-le", "surrogatepass") for i in range(0, len(halves), 2)
    ]
    joiner, out = ScalarJoiner(), ""
    while units:
        size = data.draw(st.integers(1, len(units)))
        out += joiner.add("".join(units[:size]))
        units = units[size:]
    assert out + joiner.end() == text
