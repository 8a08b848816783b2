import type { Compilable, CompiledQuery } from "kysely";

/** A query compiled once, to be run with new arguments each time. */
export type Prepared<Args, Row> = (args: Args) => CompiledQuery<Row>;

const SLOT: unique symbol = Symbol("slot");

/**
 * Builds and compiles the query once, with a placeholder for each named argument. A run only fills in the
 * parameters: building a query takes several times as long as SQLite takes to answer it.
 */
export function prepare<Args extends object, Row>(
  names: readonly (keyof Args & string)[],
  build: (args: Args) => Compilable<Row>,
): Prepared<Args, Row> {
  const placeholders = Object.fromEntries(names.map((name) => [name, Object.freeze({ [SLOT]: name })]));
  const compiled = build(placeholders as Args).compile();
  const slots = compiled.parameters.map((parameter) => slotOf<Args>(parameter) ?? null);
  const fixed = compiled.parameters;
  return (args) => ({
    ...compiled,
    parameters: slots.map((name, index) => (name === null ? fixed[index] : args[name])),
  });
}

function slotOf<Args>(parameter: unknown): (keyof Args & string) | undefined {
  if (typeof parameter !== "object" || parameter === null || !(SLOT in parameter)) return undefined;
  return parameter[SLOT] as keyof Args & string;
}

/** Prepares a statement twice: for the sessions of one application, and for those of all. */
export function perApplication<Args extends { readonly audience?: string | undefined }, Row>(
  names: readonly (keyof Args & string)[],
  build: (args: Args) => Compilable<Row>,
): Prepared<Args, Row> {
  const everywhere = prepare(names, build);
  const atOne = prepare([...names, "audience"], build);
  return (args) => (args.audience === undefined ? everywhere(args) : atOne(args));
}
