// What no linter rule of ours can say: time, randomness and errors come from one place each.
import { globSync, readFileSync } from "node:fs";

interface Habit {
  readonly pattern: RegExp;
  readonly why: string;
  readonly except?: RegExp;
}

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
];

const findings = globSync("src/**/*.ts").flatMap((file) => {
  const lines = readFileSync(file, "utf8").split("\n");
  return HABITS.filter(({ except }) => !except?.test(file)).flatMap(({ pattern, why }) =>
    lines.flatMap((line, index) =>
      pattern.test(line) ? [`${file}:${index + 1}: ${why}: ${line.trim()}`] : [],
    ),
  );
});

for (const finding of findings) console.error(finding);
console.log(findings.length === 0 ? "habits: kept" : `habits: ${findings.length} broken`);
process.exitCode = findings.length === 0 ? 0 : 1;
