import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { traceUrl } from "./trace-link";

const at = (url: string, traces?: string[]) => (traces === undefined ? { url } : { url, traces });
const server = at("http://mlflow.example:5000/#/experiments/1/traces?selectedEvaluationId={trace}");

describe("traceUrl", () => {
  it("puts the trace into the address", () => {
    expect(traceUrl([server], "tr-1", undefined, true)).toBe(
      "http://mlflow.example:5000/#/experiments/1/traces?selectedEvaluationId=tr-1",
    );
    expect(traceUrl([server], "a&b#c", undefined, true)).toMatch(/=a%26b%23c$/);
  });

  it("takes the link that names the trace, and one without names for all", () => {
    const links = [1, 2].map((n) => at(`http://mlflow.example:5000/${n}/{trace}`, [`tr-${n}`]));
    expect(traceUrl(links, "tr-2", undefined, true)).toBe("http://mlflow.example:5000/2/tr-2");
    expect(traceUrl(links, "tr-3", undefined, true)).toBeUndefined();
    expect(traceUrl([server], "tr-3", undefined, true)).toMatch(/=tr-3$/);
  });

  it("takes the web's addresses and the Jupyter server's own, no others", () => {
    for (const url of [
      "javascript:alert(1)//{trace}",
      "data:text/html,{trace}",
      "//evil.example/{trace}",
      "/\\evil/{trace}",
      "file:///etc",
      "tr",
    ]) {
      expect(traceUrl([at(url)], "tr-1", undefined, true)).toBeUndefined();
    }
    expect(traceUrl([at("/user/me/proxy/5000/#/{trace}")], "tr-1", undefined, true)).toBe("/user/me/proxy/5000/#/tr-1");
    expect(traceUrl([at("https://mlflow.example/{trace}")], "tr-1", undefined, true)).toBe(
      "https://mlflow.example/tr-1",
    );
  });

  it("never leaves the page's origin by a path", () => {
    const origin = "https://hub.example";
    const odd = fc.string({
      unit: fc.constantFrom("/", "\\", "\t", "\n", "\r", " ", ".", "@", ":", "a"),
      maxLength: 6,
    });
    fc.assert(
      fc.property(odd, (rest) => {
        const url = `/${rest}`;
        const stays = URL.canParse(url, origin) && new URL(url, origin).origin === origin;
        if (traceUrl([at(url)], "tr-1", undefined, true) !== undefined) expect(stays).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(traceUrl([at("/\t/evil.example")], "tr-1", undefined, true)).toBeUndefined();
    expect(traceUrl([at("/\ta")], "tr-1", undefined, true)).toBeDefined();
  });

  it("is of the UI that the kernel runs of this store, as long as it does", () => {
    const local = at("{ui:a1}/#/experiments/1/traces?selectedEvaluationId={trace}&traceId={trace}");
    expect(traceUrl([local], "tr-1", { a1: "http://127.0.0.1:5000/k/?llmtrace=t" }, true)).toBe(
      "http://127.0.0.1:5000/k/?llmtrace=t#/experiments/1/traces?selectedEvaluationId=tr-1&traceId=tr-1",
    );
    expect(traceUrl([local], "tr-1", { a1: "/user/me/proxy/5000/k/?llmtrace=t" }, true)).toMatch(
      /^\/user\/me\/proxy\/5000\/k\/\?llmtrace=t#/,
    );
    expect(traceUrl([local], "tr-1", { b2: "http://127.0.0.1:5000" }, true)).toBeUndefined();
    expect(traceUrl([local], "tr-1", {}, true)).toBeUndefined();
    expect(traceUrl([local], "tr-1", undefined, false)).toBeUndefined();
    expect(traceUrl([local], "tr-1", { a1: "javascript:alert(1)//" }, true)).toBeUndefined();
  });

  it("keeps from a saved view only what may still be there without its kernel", () => {
    for (const url of [
      "http://127.0.0.1:5000/{trace}",
      "http://localhost:5000/{trace}",
      "http://[::1]:5000/{trace}",
      "/proxy/5000/{trace}",
    ]) {
      expect(traceUrl([at(url)], "tr-1", undefined, true)).toBeDefined();
      expect(traceUrl([at(url)], "tr-1", undefined, false)).toBeUndefined();
    }
    expect(traceUrl([server], "tr-1", undefined, false)).toBeDefined();
  });
});
