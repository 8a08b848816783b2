// What no linter rule of ours can say: time, randomness, errors and events come from one place each, and the English is
// plain.
import { globSync, readFileSync } from "node:fs";

interface Habit {
  readonly pattern: RegExp;
  readonly why: string;
  /** Default: everywhere in src. */
  readonly within?: RegExp;
  readonly except?: RegExp;
}

const USE_CASES = /^src\/(?:flows|features)\//;

const HABITS: readonly Habit[] = [
  {
    pattern: /\bDate\.now\(|\bnew Date\(\)/,
    why: "time comes from the Clock port",
    except: /^src\/lib\/system-clock\.ts$/,
  },
  {
    pattern: /\bMath\.random\(/,
    why: "randomness comes from node:crypto",
    except: /^src\/adapters\/shared\/jittered-pause\.ts$/,
  },
  { pattern: /\bthrow new Error\(/, why: "failures are AuthErrors, programming mistakes TypeErrors" },
  { pattern: /@ts-(?:ignore|nocheck)/, why: "the compiler is right" },
  { pattern: /\b(?:TODO|FIXME|XXX)\b/, why: "an open end is an issue" },
  {
    pattern:
      /\.catch\(fail|\bannounceEvent\b|\bevents\.append\b|\bsessionCheck\.forget|\bstore\.transaction\b/,
    why: "an attempt records and commits: kit/attempt.ts",
    within: USE_CASES,
  },
  {
    pattern: /\brecordEvent\b/,
    why: "an attempt records and commits: kit/attempt.ts",
    within: USE_CASES,
  },
  {
    pattern:
      /^(?:export )?const \w+(?:: z\.\w+<.*>)? = (?:z(?:\.(?!lazy\()|$)|(?:reading|text|objectWith)[<(])/,
    why: "an import builds no schema: z.lazy(() => ...)",
    within: /^src\/(?:api|config|kit)\//,
  },
];

/** Idioms that a reader of any language trips over, each with what to say. */
const IDIOMS: readonly Habit[] = [
  { pattern: /\bnobody\b/i, why: 'say "no user", "no call" or "no one"' },
  { pattern: /\b(?:some|every|any)body\b/i, why: 'say "another user", "all" or "anyone"' },
  { pattern: /\bwhom?ever\b/i, why: 'say "anyone who", or name them' },
  { pattern: /\b(?:of|to|for|by|with) whom\b|\bfor who\b/i, why: "name them: a user, a caller, a reader" },
  { pattern: /\bmend(?:s|ed|ing)?\b/i, why: 'say "fix"' },
  { pattern: /\bby half\b/i, why: 'say "half"' },
  { pattern: /(?<!\bthere )\b(?:is|are|as) none\b/i, why: "say what it is, or what happens with it" },
  { pattern: /\bof before\b/i, why: 'say "earlier"' },
  { pattern: /\banew\b/i, why: 'say "again"' },
  { pattern: /\bdear(?:er|est)?\b/i, why: 'say "expensive"' },
  { pattern: /\bto the letter\b/i, why: 'say "exactly"' },
  { pattern: /\bwithout a word\b/i, why: "say what is missing: an error, a warning, an option" },
  { pattern: /\bhears? of\b/i, why: 'say "is told", or what is called' },
];

const CODE = globSync("src/**/*.ts");
const PROSE = [
  ...CODE,
  ...globSync("*.md"),
  ...globSync("{docs,examples}/**/*.{md,ts,js,html,css,json}"),
].filter(isOurs);

function isOurs(file: string): boolean {
  return !/\bnode_modules\/|^docs\/contracts\/|\.generated\.ts$/.test(file);
}

function broken(files: readonly string[], habits: readonly Habit[]): readonly string[] {
  return files.flatMap((file) => {
    const lines = readFileSync(file, "utf8").split("\n");
    const held = habits.filter(({ within, except }) => within?.test(file) !== false && !except?.test(file));
    return held.flatMap(({ pattern, why }) =>
      lines.flatMap((line, index) =>
        pattern.test(line) ? [`${file}:${index + 1}: ${why}: ${line.trim()}`] : [],
      ),
    );
  });
}

const findings = [...broken(CODE, HABITS), ...broken(PROSE, IDIOMS)];
for (const finding of findings) console.error(finding);
console.log(findings.length === 0 ? "habits: kept" : `habits: ${findings.length} broken`);
process.exitCode = findings.length === 0 ? 0 : 1;
