import { type Command, misused, type Surroundings } from "./command.ts";
import { type Flags, type FlagTable, readFlags } from "./flags.ts";
import { generateKeys } from "./generate-keys.ts";
import { rotateKeys } from "./rotate-keys.ts";

const USAGE = `Usage: sallyport keys generate [--alg EdDSA|ES256] [--file PATH]
       sallyport keys rotate --file PATH --step publish|sign|retire [--alg EdDSA|ES256]

Private keys for the option signingKeys of createAuth: a JSON array of JWKs.
The first key signs access tokens, all keys verify them. See docs/keys.md.

generate: makes an array with one new key.
  --file PATH      Write it to a new file that only its owner can read.
                   Default: print it.

rotate: changes the file by one step. Deploy the file after each step, and wait.
  --file PATH      The file, as generate wrote it.
  --step publish   Add a new key at the end: it verifies, but does not sign yet.
  --step sign      Move it to the front: now it signs. First wait 10 minutes,
                   until verifiers have read it.
  --step retire    Drop every key but the first. First wait the longest accessTtl,
                   until tokens of the other keys have expired.

Options of both:
  --alg NAME       EdDSA (Ed25519) or ES256 (P-256), for a new key.
                   Default: EdDSA; with publish, that of the first key.
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
