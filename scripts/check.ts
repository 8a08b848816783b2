// Every check that needs no test run, one after the other; all of them run, also after a failure.
import { spawnSync } from "node:child_process";

const CHECKS: readonly (readonly [name: string, command: string])[] = [
  ["types", "tsc --noEmit -p ."],
  ["style", "biome check --error-on-warnings ."],
  ["habits", "node scripts/check-habits.ts"],
  ["layers", "depcruise src --output-type err"],
  ["dead weight", "knip"],
  ["build", "npm run --silent build"],
  ["publint", "publint --strict"],
  ["types of the package", "attw --pack . --profile esm-only"],
  ["contract", "node scripts/contract.ts --check && redocly lint docs/contracts/*.yaml"],
  ["package", "vitest run --project package"],
];

const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
const failed = CHECKS.filter(([name, command]) => {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(command, { shell: true, encoding: "utf8", env });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (status !== 0) console.log(stdout + stderr);
  return status !== 0;
});

console.log(`checks: ${CHECKS.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
