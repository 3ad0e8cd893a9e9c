"""Frame times of a page while a person's input comes to it, as the browser gets it from a wheel and from keys."""

from __future__ import annotations

import math
from typing import Any

from playwright.sync_api import ElementHandle, Page

# A frame counts if it comes after an event, or after a frame that began less than this after one: what an event starts may
# take more than one frame, and idle ones between two gestures would flatter.
RECENT_MS = 100

RECORD = """([kind, recent_ms]) => {
    const times_ms = [];
    let event_ms = -Infinity;
    let last_ms = Infinity;
    let frame = 0;
    const heard = event => { event_ms = event.timeStamp; };
    const look = now_ms => {
        if (event_ms > last_ms - recent_ms) times_ms.push(now_ms - last_ms);
        last_ms = now_ms;
        frame = requestAnimationFrame(look);
    };
    addEventListener(kind, heard, { capture: true, passive: true });
    look(Infinity);
    window.recordedFrames = () => {
        cancelAnimationFrame(frame);
        removeEventListener(kind, heard, { capture: true });
        return times_ms;
    };
}"""

WHEEL_FRAMES = 200
WHEEL_PX = 120
"""What a wheel scrolls in a frame."""

FRAMES_PER_S = 60


def record(page: Page, kind: str) -> None:
    """From now on, frame times that follow a DOM event of a ``kind`` are kept, until `recorded`."""
    page.evaluate(RECORD, [kind, RECENT_MS])


def recorded(page: Page) -> list[float]:
    """What has been kept, in ms."""
    return page.evaluate("recordedFrames()")


def wheeled(page: Page, scroller: ElementHandle) -> list[float]:
    """Frame times, in ms, while a wheel turns over ``scroller``, down and up again, for about `WHEEL_FRAMES` frames; none if
    that does not move it."""
    box = scroller.bounding_box()
    assert box is not None, "it is not in sight"
    range_px: int = scroller.evaluate("element => element.scrollHeight - element.clientHeight")
    way_px = min(range_px, WHEEL_FRAMES * WHEEL_PX)
    session: Any = page.context.new_cdp_session(page)
    gesture = {
        "x": box["x"] + box["width"] / 4,
        "y": box["y"] + min(box["height"], 400) / 2,
        "speed": WHEEL_PX * FRAMES_PER_S,
        "gestureSourceType": "mouse",
    }
    record(page, "wheel")
    for turn in range(math.ceil(WHEEL_FRAMES * WHEEL_PX / max(1, way_px))):
        session.send("Input.synthesizeScrollGesture", gesture | {"yDistance": way_px if turn % 2 else -way_px})
        if turn == 0 and scroller.evaluate("element => element.scrollTop") == 0:
            recorded(page)
            return []
    return recorded(page)
