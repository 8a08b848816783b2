import { deepEqual } from "node:assert/strict";
import type { FiniteLoad, Load, LoadGenerator } from "./load.ts";
import { type Comparison, compare, type Work } from "./measure.ts";
import { atLeast, type Row } from "./report.ts";

export const CONNECTIONS = 10;

/** The same requests to a server that was written by hand and to one with this library. */
export interface Loads {
  readonly byHand: Load;
  readonly ours: Load;
}

export interface Pair {
  readonly byHand: number;
  readonly ours: number;
}

interface Measuring {
  readonly quick: boolean;
  /** What happens beside the load, counted from the start: how often in a second is answered too. */
  readonly count?: () => number;
}

/** What is compared has to be the same work: text for text, but for the second in which it was answered. */
export async function assertSameAnswers({ byHand, ours }: Loads): Promise<void> {
  deepEqual(await answerTo(ours), await answerTo(byHand));
}

async function answerTo({ url, headers }: Load): Promise<unknown> {
  const response = await fetch(url, { headers });
  const fields = [...response.headers].filter(([name]) => name !== "date");
  return { status: response.status, fields, body: await response.text() };
}

/** Both loads in turn, after a warm-up. */
export async function compareLoads(
  generator: LoadGenerator,
  { byHand, ours }: Loads,
  { quick, count = () => 0 }: Measuring,
): Promise<Comparison & { readonly beside: Pair }> {
  const amount = await amountIn(quick ? 250 : 400, (warmUp) => generator.run({ ...byHand, amount: warmUp }));
  const seen = { byHand: { count: 0, ms: 0 }, ours: { count: 0, ms: 0 } };
  const work = (name: keyof Loads, load: FiniteLoad): Work => ({
    name,
    operations: amount,
    run: async () => {
      const before = { count: count(), ms: performance.now() };
      await generator.run(load);
      seen[name].count += count() - before.count;
      seen[name].ms += performance.now() - before.ms;
    },
  });
  const baseline = work("byHand", { ...byHand, amount });
  const [result] = await compare(baseline, [work("ours", { ...ours, amount })], quick ? 3 : 11);
  const perSecond = ({ count, ms }: typeof seen.ours): number => (1_000 * count) / ms;
  const beside = { byHand: perSecond(seen.byHand), ours: perSecond(seen.ours) };
  return { ...(result as Comparison), beside };
}

/** How much of it is done in so many milliseconds, once both processes are warm. */
async function amountIn(ms: number, work: (amount: number) => Promise<void>): Promise<number> {
  let amount = 500;
  for (;;) {
    const start = performance.now();
    await work(amount);
    const elapsed = performance.now() - start;
    if (elapsed >= ms) return Math.ceil((amount * ms) / elapsed);
    amount *= 2;
  }
}

interface Place {
  readonly group: string;
  readonly name: string;
}

/** Requests in a second beside those of the server by hand, held against a share of them. */
export function rateRow(place: Place, { ms, baselineMs, ratio }: Comparison["elapsed"], goal: number): Row {
  const rates = { byHand: 1_000 / baselineMs, ours: 1_000 / ms };
  return {
    ...besideByHand(place, rates),
    unit: "/s",
    ratio: 1 / ratio,
    goal: atLeast(goal, 1 / ratio),
  };
}

/** The processor time of one request. Other programs on the machine change it little. */
export function processorRow(place: Place, { ms, baselineMs, ratio }: Comparison["processor"]): Row {
  const times = { byHand: baselineMs * 1_000, ours: ms * 1_000 };
  const name = `${place.name}, processor time of one`;
  return { ...besideByHand({ ...place, name }, times), unit: "µs", ratio };
}

export function besideByHand(place: Place, { byHand, ours }: Pair): Omit<Row, "unit"> {
  return { ...place, value: ours, baseline: { name: "by hand", value: byHand } };
}
