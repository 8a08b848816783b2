import { availableParallelism, cpus } from "node:os";

type Unit = "µs" | "ms" | "/s" | "MB" | "";

export interface Row {
  readonly group: string;
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** What the value is held against, in the same run and unit. */
  readonly baseline?: { readonly name: string; readonly value: number };
  readonly ratio?: number;
  /** The goal, and whether it was met. */
  readonly goal?: Goal;
}

export interface Goal {
  readonly text: string;
  readonly met: boolean;
}

export function atMost(
  limit: number,
  measured: number,
  unit: "x" | "%" | "ms" | "MB" | "hashes" | "refused" | "statements",
): Goal {
  return { text: `<= ${limit} ${unit}`, met: measured <= limit };
}

export function atLeast(limit: number, measured: number): Goal {
  return { text: `>= ${limit} x`, met: measured >= limit };
}

/** A ratio that is near 1, on either side. */
export function within(share: number, ratio: number): Goal {
  return { text: `1 x +- ${share * 100} %`, met: Math.abs(ratio - 1) <= share };
}

export function toJson(rows: readonly Row[]): string {
  return JSON.stringify({ machine: machine(), rows });
}

export function toTable(rows: readonly Row[]): string {
  const { node, cpu, cores } = machine();
  const header = ["", "measured", "beside", "ratio", "goal", ""];
  const lines = rows.map(cells);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const format = (line: readonly string[]): string =>
    line
      .map((cell, column) =>
        (isNumeric(column) ? cell.padStart : cell.padEnd).call(cell, widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const body = rows.flatMap(({ group }, index) => {
    const opens = rows[index - 1]?.group !== group;
    return [...(opens ? ["", group] : []), format(lines[index] ?? [])];
  });
  const missed = rows.filter(({ goal }) => goal && !goal.met).length;
  const verdict = missed === 0 ? "every goal met" : `${missed} missed`;
  return [`Node ${node}, ${cores} x ${cpu}`, "", format(header), ...body, "", verdict, ""].join("\n");
}

function cells({ name, value, unit, baseline, ratio, goal }: Row): readonly string[] {
  return [
    `  ${name}`,
    `${readable(value)} ${unit}`.trim(),
    baseline ? `${readable(baseline.value)} ${unit} ${baseline.name}` : "",
    ratio === undefined ? "" : `${ratio.toFixed(2)} x`,
    goal?.text ?? "",
    goal ? (goal.met ? "pass" : "missed") : "",
  ];
}

function isNumeric(column: number): boolean {
  return column === 1 || column === 3;
}

function readable(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(value < 1 ? 3 : value < 100 ? 1 : 0);
}

function machine(): { readonly node: string; readonly cpu: string; readonly cores: number } {
  return {
    node: process.versions.node,
    cpu: cpus()[0]?.model ?? "unknown processor",
    cores: availableParallelism(),
  };
}
