// Every check that needs no test run, and the package's own tests; all of them run, also after a failure.
import { exec } from "node:child_process";

type Check = readonly [name: string, command: string];

const OF_THE_SOURCE: readonly Check[] = [
  ["types", "tsc --noEmit -p ."],
  ["style", "biome check --error-on-warnings ."],
  ["habits", "node scripts/check-habits.ts"],
  ["sizes", "node scripts/function-sizes.ts"],
  ["layers", "depcruise src --output-type err"],
  ["dead weight", "knip"],
  ["contract", "node scripts/contract.ts --check && redocly lint docs/contracts/*.yaml"],
];
/** Each after the build. */
const OF_THE_PACKAGE: readonly Check[] = [
  ["build", "npm run --silent build"],
  ["type cost", "node scripts/type-cost.ts"],
  ["publint", "publint --strict"],
  ["types of the package", "attw --pack . --profile esm-only"],
  ["package", "vitest run --project package"],
];

const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };

function passes([name, command]: Check): Promise<boolean> {
  const started = performance.now();
  return new Promise((resolve) => {
    exec(command, { env, maxBuffer: Number.POSITIVE_INFINITY }, (failure, stdout, stderr) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${failure ? "FAILED" : "ok    "} ${name} (${seconds} s)`);
      if (failure) console.log(stdout + stderr);
      resolve(!failure);
    });
  });
}

async function inOrder(checks: readonly Check[]): Promise<readonly boolean[]> {
  const verdicts: boolean[] = [];
  for (const check of checks) verdicts.push(await passes(check));
  return verdicts;
}

// Two at a time: one asks the source, the other what is made of it.
const verdicts = (await Promise.all([OF_THE_SOURCE, OF_THE_PACKAGE].map(inOrder))).flat();
const passed = verdicts.filter(Boolean).length;
console.log(`checks: ${passed} passed, ${verdicts.length - passed} failed`);
process.exitCode = passed === verdicts.length ? 0 : 1;
