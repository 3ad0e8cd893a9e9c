/** What the page can show, by name. */

import { badSpans, oddSpans } from "./bad";
import type { Sent } from "./columns";
import { bulkySpans, likeSpans, manySpans } from "./crowds";
import { agentSpans, documentSpans, failedSpans, gapSpans, PLAN, singleSpan, snapshotOf, summary } from "./fixtures";
import { FakeModel } from "./model";
import { replay } from "./replay";

export interface Case {
  readonly source: string;
  readonly output?: string;
  readonly model: FakeModel;
  /** Whether it stands in a notebook without a kernel. */
  readonly saved?: boolean;
  /** What happens once it is shown. */
  readonly shown?: (model: FakeModel) => void;
}

const OUTPUT = `Here is a plan within your budget.

Day 1  Alfama on foot, then the miradouros;
       tram 28 only before nine, it fills up.
Day 2  Belém in the morning, LX Factory after
Day 3  Sintra by train (about 5 euros return)

Flights and two nights come to 294 euros, which
leaves about 180 for food.`;

const PLANNING = 'answer = plan_trip.run("three days in Lisbon, under 600 euros")\nprint(answer)';
const NOTHING = { spans: 0, calls: 0, errors: 0, tokens: {} };

const planned = () => snapshotOf("7", agentSpans(true), summary("ok", { duration_ns: 6.21e9 }));

/** The agent's trace, as one of several. */
const agentRun = (number: number): Sent[] =>
  agentSpans(true).map(({ row, ...rest }) => {
    const moved = { ...row, id: `${row.id}-${number}`, trace: `${row.trace.slice(0, -1)}${number}` };
    if (row.parent !== undefined) moved.parent = `${row.parent}-${number}`;
    for (const name of ["start_ns", "end_ns", "first_token_ns"] as const) {
      const at_ns = row[name];
      if (at_ns !== undefined) moved[name] = at_ns + (number - 1) * 6.3e9;
    }
    return { row: moved, ...rest };
  });

export const CASES: Record<string, (query: URLSearchParams) => Case> = {
  agent: () => ({ source: PLANNING, output: OUTPUT, model: new FakeModel("agent", planned()) }),
  still: () => {
    const spans = agentSpans(false);
    const last = spans.find(({ row }) => row.id === "b3");
    if (last?.detail !== undefined) last.detail.text = PLAN.slice(0, 300);
    const running = snapshotOf("8", spans, summary("running"), 4, Date.now() - 5600);
    const output = "Here is a plan within your budget.\n\nDay 1  Alfama on foot";
    return { source: PLANNING, output, model: new FakeModel("still", running) };
  },
  live: () => {
    const model = new FakeModel("live", snapshotOf("9", [], summary("running", NOTHING)));
    return { source: 'plan_trip.run("three days in Lisbon, under 600 euros")', output: "…", model, shown: replay };
  },
  failure: () => {
    const { cost_usd: _, ...sum } = summary("error", {
      ...NOTHING,
      spans: 1,
      calls: 1,
      errors: 1,
      duration_ns: 0.183e9,
    });
    return {
      source: 'litellm.completion("gpt-3.5-turbo", messages)',
      output: "ContextWindowExceededError: …",
      model: new FakeModel("failed", snapshotOf("10", failedSpans(), sum)),
    };
  },
  traces: () => {
    const other = { trace: "tr-other", type: "CHAIN", status: "ok", start_ns: 19e9, end_ns: 20e9 } as const;
    const runs = [
      ...[1, 2, 3].flatMap((number) => agentRun(number)),
      { row: { ...other, id: "other", name: "in two pieces" } },
      { row: { ...other, id: "piece", name: "the other piece", parent: "never-came" } },
    ];
    const counts = { spans: runs.length, calls: 9, errors: 3, duration_ns: 18.8e9 };
    const model = new FakeModel("traces", snapshotOf("22", runs, summary("ok", counts)));
    return { source: "for city in cities:\n    plan_trip.run(city)", model };
  },
  single: () => {
    const counts = { spans: 1, calls: 1, errors: 0, tokens: { input: 24, output: 21 }, unpriced: 1 };
    const { cost_usd: _, ...sum } = summary("ok", { ...counts, duration_ns: 0.84e9 });
    return { source: 'ask("What is a span?")', model: new FakeModel("single", snapshotOf("11", singleSpan(), sum)) };
  },
  large: (query) => {
    const spans = manySpans(Number(query.get("count") ?? 10_000));
    const counts = { spans: spans.length, calls: 5000, errors: 103, unpriced: 12, cost_usd: 0.33 };
    const state = query.has("running") ? "running" : "ok";
    const sum = summary(state, { ...counts, duration_ns: spans.length * 1e7 });
    const model = new FakeModel("large", snapshotOf("12", spans, sum));
    return { source: "evaluate(cases)", output: "10 of 100 cases failed", model, saved: query.has("saved") };
  },
  runs: () => {
    const spans = likeSpans(240);
    const counts = { spans: spans.length, calls: 1, errors: 3, unpriced: 0, cost_usd: 0.01 };
    const sum = summary("ok", { ...counts, duration_ns: 30e9 });
    return {
      source: "index(docs)",
      output: "240 documents",
      model: new FakeModel("runs", snapshotOf("14", spans, sum)),
    };
  },
  bulky: () => {
    const spans = bulkySpans();
    const sum = summary("running", { ...NOTHING, spans: spans.length, calls: 2 });
    return { source: "much()", model: new FakeModel("bulky", snapshotOf("23", spans, sum)) };
  },
  documents: () => {
    const sum = summary("ok", { ...NOTHING, spans: 1, duration_ns: 0.12e9 });
    return { source: 'search("span")', model: new FakeModel("documents", snapshotOf("20", documentSpans(), sum)) };
  },
  gaps: () => {
    const spans = gapSpans();
    const sum = summary("ok", { ...NOTHING, spans: spans.length, duration_ns: 100e9 });
    return { source: "poll(job)", model: new FakeModel("gaps", snapshotOf("21", spans, sum)) };
  },
  saved: () => ({ source: PLANNING, output: OUTPUT, model: new FakeModel("saved", planned()), saved: true }),
  unfinished: () => {
    const running = snapshotOf("15", agentSpans(false), summary("running"), 4, Date.now() - 5600);
    return { source: PLANNING, model: new FakeModel("unfinished", running), saved: true };
  },
  waiting: () => ({ source: "ask(questions)", model: new FakeModel("waiting", undefined) }),
  started: () => {
    const model = new FakeModel("started", snapshotOf("16", [], summary("running", NOTHING)));
    return { source: "ask(questions)", model };
  },
  empty: () => {
    const model = new FakeModel("empty", snapshotOf("17", [], summary("ok", { ...NOTHING, duration_ns: 0 })));
    return { source: "1 + 1", output: "2", model };
  },
  newer: () => {
    const model = new FakeModel("newer", undefined);
    model.set("snapshot", { v: 999, json: "what nobody knows yet" });
    return { source: "ask(questions)", output: "text", model };
  },
  damaged: () => {
    const model = new FakeModel("damaged", planned());
    model.set("snapshot", { ...(model.get("snapshot") as object), json: '{"v": 1, "seq": 3, "cell"' });
    return { source: "ask(questions)", output: "text", model, saved: true };
  },
  bad: () => {
    const spans = badSpans();
    const sum = summary("error", { spans: spans.length, calls: 3, errors: 1, duration_ns: 2e9 });
    return { source: "strange(things)", model: new FakeModel("bad", snapshotOf("18", spans, sum)) };
  },
  odd: () => {
    const spans = oddSpans();
    const sum = summary("ok", { spans: spans.length, calls: spans.length, errors: 0, duration_ns: 2e9 });
    return { source: "odd(messages)", model: new FakeModel("odd", snapshotOf("19", spans, sum)) };
  },
};
