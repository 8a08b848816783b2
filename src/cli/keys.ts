import { type Command, misused, type Surroundings } from "./command.ts";
import { type Flags, type FlagTable, readFlags } from "./flags.ts";
import { generateKeys } from "./generate-keys.ts";
import { rotateKeys } from "./rotate-keys.ts";

const USAGE = `Usage: sallyport keys generate [--alg EdDSA|ES256] [--file PATH]
       sallyport keys rotate --file PATH --step publish|sign|retire [--alg EdDSA|ES256]

Private keys for the option signingKeys of createAuth: a JSON array of JWKs.
The first signs access tokens, all verify them. docs/keys.md tells it whole.

generate: makes an array of one new key.
  --file PATH      Write it to a new file that its owner alone can read.
                   Default: print it.

rotate: takes one step in the file. Deploy the file after each, and wait.
  --file PATH      The file, as generate wrote it.
  --step publish   Add a new key at the end: it verifies, and does not sign yet.
  --step sign      Move it to the front: now it signs. Before: 10 minutes, in
                   which verifiers read it.
  --step retire    Drop every key but the first. Before: the longest accessTtl,
                   in which tokens of the other keys end.

Options of both:
  --alg NAME       EdDSA (Ed25519) or ES256 (P-256), for a new key.
                   Default: EdDSA; with publish, what the first key has.
  -h, --help       Print this text.
`;

interface Action {
  readonly takes: FlagTable;
  readonly run: (flags: Flags, surroundings: Surroundings) => void;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  generate: { takes: { alg: "text", file: "text" }, run: generateKeys },
  rotate: { takes: { alg: "text", file: "text", step: "text" }, run: rotateKeys },
};

/** `sallyport keys generate` and `sallyport keys rotate`. */
export const keys: Command = (argv, surroundings) => {
  const [name = "", ...rest] = argv;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  const flags = readFlags(action || !name.startsWith("-") ? rest : argv, action?.takes ?? {});
  if (flags.has("help")) return void surroundings.stdout.write(USAGE);
  if (!action) throw misused("keys takes generate or rotate");
  action.run(flags, surroundings);
};
