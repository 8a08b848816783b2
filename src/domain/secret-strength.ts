import { once } from "../lib/once.ts";
import { repeatsItself } from "../lib/repetition.ts";
import { foldWord } from "./guessing/fold.ts";
import { guessCost } from "./guessing/guess-cost.ts";
import { FILLING_WORDS, PLACEHOLDER_WORDS, PUBLISHED_SECRETS } from "./known-secrets.ts";
import { readsLikeWords } from "./letter-pairs.ts";

/** The most secrets of one application. */
export const MAX_SECRETS = 8;

const MIN_BYTES = 32;
const MIN_DISTINCT = 10;
/** A power of ten. 16 random bytes in hexadecimal cost at least 22, and 32 random bytes in base64 at least 38. */
const MIN_COST = 19;
const COST_OF_WORD = 0.5;

/** The problem with a secret, in words that continue its name, or null. */
type Judge = (secret: string) => string | null;

/** Why a secret is too weak, or null. The answer never holds the secret. */
export const secretWeakness: Judge = (secret) => {
  for (const judge of JUDGES) {
    const weakness = judge(secret);
    if (weakness) return weakness;
  }
  return null;
};

const JUDGES: readonly Judge[] = [
  judgeLength,
  when(isPublished, "is published in a tutorial"),
  when(isKeyText, "is the text of a key (PEM, JWK or SSH): a secret must not be a key of anything else"),
  when(/\p{Cc}|\p{Zl}|\p{Zp}/u, "holds a control character, such as the line end of a file"),
  when(/^\s|\s$/u, "begins or ends in white space, which another instance may not read"),
  when(/^(["'`]).*\1$/su, "has quotes around it, which another instance may not read"),
  when(isTemplate, "is a template that was not filled in"),
  when(
    (secret) => new Set(secret).size < MIN_DISTINCT,
    `has fewer than ${MIN_DISTINCT} different characters`,
  ),
  when(repeatsItself, "repeats itself"),
  when(isPlaceholder, "is a placeholder: it says that it is one"),
  when(isRegular, "is made of few words, runs of letters or walks over the keyboard"),
  when(readsLikeWords, "reads like words, which can be guessed"),
];

function when(applies: RegExp | ((secret: string) => boolean), weakness: string): Judge {
  return (secret) => ((applies instanceof RegExp ? applies.test(secret) : applies(secret)) ? weakness : null);
}

function judgeLength(secret: string): string | null {
  return Buffer.byteLength(secret) < MIN_BYTES ? `has fewer than ${MIN_BYTES} bytes` : null;
}

function isPublished(secret: string): boolean {
  const bare = secret.replace(/^[\s"'`]+|[\s"'`]+$/gu, "");
  return PUBLISHED_SECRETS.includes(bare.toLowerCase());
}

// The text of a key is long and looks random. But it is often the text of a public key, which is known.
function isKeyText(secret: string): boolean {
  return /-----BEGIN |"kty"\s*:|^\s*ssh-/.test(secret);
}

/** `${NAME}`, `$NAME`, `$(command)`, `{{ name }}`, `<name>`, `%NAME%`, `#{name}`, `[name]`. */
function isTemplate(secret: string): boolean {
  return (
    /[$#][{(]|\{\{|\}\}|<[^<>]+>|%\w+%|^%[\w{(]/.test(secret) ||
    /^(?:\$\w+|\[[^[\]]+\]|\{[^{}]+\})$/.test(secret)
  );
}

// In one case, or with a capital: so a random text does not say it by accident.
const SAYS = PLACEHOLDER_WORDS.flatMap((word) => [word, capital(word), word.toUpperCase()]);

function isPlaceholder(secret: string): boolean {
  return SAYS.some((word) => secret.includes(word)) || /(?:^|[\W_])your(?:[\W_]|$)/i.test(secret);
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

const foldedWords = once(() => new Set([...PLACEHOLDER_WORDS, ...FILLING_WORDS].map(foldWord)));

function isRegular(secret: string): boolean {
  const words = foldedWords();
  return guessCost(secret, (letters) => (words.has(letters) ? COST_OF_WORD : undefined)) < MIN_COST;
}
