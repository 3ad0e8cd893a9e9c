import { expect, test } from "vitest";
import { stackParts } from "./traceback";

const STACK = `Traceback (most recent call last):
  File "/tmp/ipykernel_7/1.py", line 3, in <module>
    ask()
  File "/opt/lib/python3.12/site-packages/litellm/main.py", line 9, in completion
    raise e
    ^^^^^^^
  File "/opt/lib/python3.12/site-packages/openai/client.py", line 1, in post
  File "/opt/lib/python3.12/json/decoder.py", line 4, in decode
    raise JSONDecodeError
  File "/home/me/tools.py", line 1, in tool
    go()
  File "<frozen importlib._bootstrap>", line 2, in _load
ValueError: no
    indented message`;

test("frames of packages stand together, between frames of one's own", () => {
  const parts = stackParts(STACK);
  expect(parts.map(({ frames, packages }) => [frames, packages])).toEqual([
    [undefined, undefined],
    [3, ["litellm", "openai", "json"]],
    [undefined, undefined],
    [1, ["importlib"]],
    [undefined, undefined],
  ]);
  expect(parts[0]?.text).toContain("ask()");
  expect(parts[2]?.text).toContain("go()");
  expect(parts[4]?.text).toBe("ValueError: no\n    indented message");
});

test("nothing of the stack is lost", () => {
  for (const stack of [STACK, "", "no traceback at all", 'File "x"', "\n\n"]) {
    expect(
      stackParts(stack)
        .map(({ text }) => text)
        .join("\n"),
    ).toBe(stack);
  }
});
