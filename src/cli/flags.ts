import { type ParseArgsOptionDescriptor, parseArgs } from "node:util";
import { misused } from "./command.ts";

/** The flags of a command, by name. Every command also has `--help`. */
export type FlagTable = Readonly<Record<string, "text" | "switch">>;

export interface Flags {
  /** The value of a flag, or undefined without the flag. */
  text(name: string): string | undefined;
  has(name: string): boolean;
}

/** Reads flags strictly. Node's errors repeat arguments, which may be secrets. Ours name flags only. */
export function readFlags(argv: readonly string[], table: FlagTable): Flags {
  const values = parse(argv, optionsOf(table));
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  return Object.freeze<Flags>({ text, has: (name) => values[name] === true });
}

type Options = Readonly<Record<string, ParseArgsOptionDescriptor>>;

function optionsOf(table: FlagTable): Options {
  const options = Object.entries(table).map(
    ([name, takes]) => [name, { type: takes === "text" ? "string" : "boolean" }] as const,
  );
  return { ...Object.fromEntries(options), help: { type: "boolean", short: "h" } };
}

function parse(argv: readonly string[], options: Options): Readonly<Record<string, unknown>> {
  try {
    return parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") throw misused("unknown option");
    if (code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") throw misused("this command takes options only");
    if (code !== "ERR_PARSE_ARGS_INVALID_OPTION_VALUE") throw error;
    const name = Object.keys(options).find((candidate) => new RegExp(`--${candidate}\\b(?!-)`).test(message));
    const { type } = options[name ?? "help"] as ParseArgsOptionDescriptor;
    throw misused(`--${name} ${type === "string" ? "needs a value" : "takes no value"}`);
  }
}
