"""What a page sends is taken only as the contract says."""

from __future__ import annotations

from typing import Any

import pytest

from ipy_llmtrace import wire
from ipy_llmtrace.encoding.page_request import kind_of, parsed


def test_a_request_is_known_by_its_kind():
    types = (wire.Here, wire.Resync, wire.DetailRequest, wire.SearchRequest, wire.FeedbackRequest)
    assert [kind_of(request_type) for request_type in types] == ["here", "resync", "detail", "search", "feedback"]


def test_a_request_has_the_fields_of_its_type_and_no_others():
    sent = {"kind": "detail", "id": "a1", "more": 1}
    assert parsed(sent, wire.DetailRequest) == {"kind": "detail", "id": "a1"}
    searched = {"kind": "search", "number": 2, "words": ["lisbon"], "attributes": [["city", "lis*"]]}
    assert parsed(searched, wire.SearchRequest) == searched


def test_a_field_that_need_not_be_there_may_be_null():
    sent = {"kind": "feedback", "trace": "tr-1", "span": None, "value": True, "comment": None}
    assert parsed(sent, wire.FeedbackRequest) == {"kind": "feedback", "trace": "tr-1", "value": True}


@pytest.mark.parametrize(
    ("message", "request_type"),
    [
        (None, wire.Resync),
        ("resync", wire.Resync),
        ([], wire.Resync),
        ({}, wire.Resync),
        ({"kind": "detail"}, wire.Resync),
        ({"kind": "here"}, wire.Here),
        ({"kind": "here", "seq": "1"}, wire.Here),
        ({"kind": "here", "seq": True}, wire.Here),
        ({"kind": "feedback", "trace": "tr-1", "value": True, "comment": 2}, wire.FeedbackRequest),
        ({"kind": "detail", "id": None}, wire.DetailRequest),
        ({"kind": "search", "number": 1, "words": "lisbon", "attributes": []}, wire.SearchRequest),
        ({"kind": "search", "number": 1, "words": [1], "attributes": []}, wire.SearchRequest),
        ({"kind": "search", "number": 1, "words": [], "attributes": [["city"]]}, wire.SearchRequest),
        ({"kind": "search", "number": 1, "words": [], "attributes": ["ab"]}, wire.SearchRequest),
        ({"kind": "feedback", "trace": "tr-1", "value": "yes"}, wire.FeedbackRequest),
    ],
)
def test_anything_else_is_no_request(message: Any, request_type: Any):
    assert parsed(message, request_type) is None
