import { describe, expect, it } from "vitest";
import { visible } from "./unseen-characters";

const ENGLAND = "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}";

describe("what is not seen is shown by its code", () => {
  it.each([
    ["Hello\u{e0048}\u{e0069}", "Hello‹U+e0048›‹U+e0069›"],
    ["user\u202etxt.exe", "user‹U+202e›txt.exe"],
    ["zero\u200bwidth \u2063\ufeff\u061c\u200e", "zero‹U+200b›width ‹U+2063›‹U+feff›‹U+61c›‹U+200e›"],
    ["soft\u00adhyphen \u3164 \ufff9 \u2028", "soft‹U+ad›hyphen ‹U+3164› ‹U+fff9› ‹U+2028›"],
    ["a\u200db 👩\u200d\u200c", "a‹U+200d›b 👩\u200d‹U+200c›"],
    ["A\ufe0f👩\ufe01\u{e0101}", "A‹U+fe0f›👩\ufe01‹U+e0101›"],
    [`${ENGLAND}\u{e0041}`, `${ENGLAND}‹U+e0041›`],
  ])("%j", (text, shown) => expect(visible(text)).toBe(shown));

  it.each([
    ENGLAND,
    "❤\ufe0f\u200d🔥",
    "1\ufe0f\u20e3",
    "می\u200cخواهم",
    "👩🏽\u200d💻",
    "क\u094d\u200dष",
    "葛\u{e0100}",
    "naïve",
  ])("%j stays", (text) => expect(visible(text)).toBe(text));
});
