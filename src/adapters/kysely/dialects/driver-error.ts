/** The fields of a driver's error for a log, without statements, parameters and quoted values. */
const FIELDS = [
  "code",
  "errno",
  "sqlState",
  "severity",
  "schema",
  "table",
  "column",
  "constraint",
  "routine",
];

export function driverField(error: unknown, field: string): string | number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const value = (error as Record<string, unknown>)[field];
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

/** The error's name, codes and place. It has the message only when that cannot quote a value. */
export function plainDriverError(error: unknown, isMessageSafe: (error: unknown) => boolean): unknown {
  if (!(error instanceof Error)) return "The driver failed without an error.";
  const fields = FIELDS.map((field) => [field, driverField(error, field)] as const).filter(
    ([, value]) => value !== undefined,
  );
  const message = isMessageSafe(error)
    ? error.message
    : `The database refused a statement (${driverField(error, "code") ?? "no code"}).`;
  const plain = Object.assign(new TypeError(message), Object.fromEntries(fields));
  plain.name = error.name;
  return plain;
}

/** Rows that a constraint refuses: class 23. Statements with wrong values or names: 21, 22, 42. Of a procedure: P0. */
export function faultOfSqlState(state: string | number | undefined): "row" | "statement" | null {
  const text = String(state);
  if (text.startsWith("23")) return "row";
  return /^(0A|21|22|42|P0)/.test(text) ? "statement" : null;
}
