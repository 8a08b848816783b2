import type { Comparison } from "../measure.ts";
import { atMost } from "../report.ts";
import type { Planned } from "./plans.ts";
import { EVENTS_EACH, SESSIONS_EACH } from "./population.ts";
import type { TableSize } from "./sizes.ts";

/** How much slower a hundredfold of users may make a call. */
const GOAL = 1.5;

export type Timing = Pick<Comparison, "name" | "elapsed">;

export function timingTable(timings: readonly Timing[], { small, users }: Sizes): string {
  const header = [
    "Operation",
    `${readable(small)} users`,
    `${readable(users)} users`,
    "Ratio",
    `Goal <= ${GOAL}`,
  ];
  const lines = timings.map(({ name, elapsed: { ms, baselineMs, ratio } }) => [
    name,
    `${(baselineMs * 1000).toFixed(1)} µs`,
    `${(ms * 1000).toFixed(1)} µs`,
    ratio.toFixed(2),
    atMost(GOAL, ratio, "x").met ? "pass" : "missed",
  ]);
  return markdown(header, lines);
}

export interface Sizes {
  readonly small: number;
  readonly users: number;
}

/** Few accounts have rows there at a time. */
const PASSING: readonly string[] = ["auth_email_proofs", "auth_outbox"];

export function sizeTable(sizes: readonly TableSize[], users: number): string {
  const header = ["Table", "Rows", "Row, bytes", "Its indexes", "Together", "All, MB"];
  const lines = sizes.map(({ table, rows, rowBytes, indexBytes }) => [
    table,
    readable(rows),
    ...[rowBytes, indexBytes, rowBytes + indexBytes].map((bytes) => readable(bytes / rows)),
    readable((rowBytes + indexBytes) / 1e6),
  ]);
  const sum = (some: readonly TableSize[]): number =>
    some.reduce((bytes, { rowBytes, indexBytes }) => bytes + rowBytes + indexBytes, 0);
  const own = sum(sizes.filter(({ table }) => !PASSING.includes(table)));
  const account = `A user with password, token, ${SESSIONS_EACH} sessions and ${EVENTS_EACH} events: ${readable(own / users)} bytes.`;
  return `${markdown(header, lines)}\n\n${account} On disk: ${readable(sum(sizes) / 1e6)} MB.`;
}

/** Every statement; what is planned alike is told once. */
export function planList(planned: readonly Planned[]): string {
  const told = new Set<string>();
  const news = planned.filter(({ statement, plan }) => {
    const shape = `${statement} ${plan.join(" ")}`.replace(/'[^']*'|\d+/g, "");
    return !told.has(shape) && told.add(shape);
  });
  return news
    .map(({ operation, statement, plan }) => [`${operation}: ${brief(statement)}`, ...plan].join("\n    "))
    .join("\n");
}

/** On one line, without lists of columns and values. */
export function brief(statement: string): string {
  return statement
    .replace(/\s+/g, " ")
    .replace(/^select .*? from/, "select ... from")
    .replace(/ \(.*\) values \(.*?\)/, " (...) values (...)");
}

function markdown(header: readonly string[], lines: readonly (readonly string[])[]): string {
  const rule = header.map((_, column) => (column === 0 ? "---" : "---:"));
  return [header, rule, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function readable(value: number): string {
  return Math.round(value).toLocaleString("en");
}
