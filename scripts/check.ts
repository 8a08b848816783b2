// Every check that needs no test run, and the package's own tests; all of them run, also after a failure.
import { exec } from "node:child_process";
import { newFolder, packTarball, removeFolder } from "./smoke-package.ts";

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
/** Each of the tarball, once it is built. */
const ofThePackage = (tarball: string): readonly Check[] => [
  ["publint", `publint --strict ${tarball}`],
  ["types of the package", `attw ${tarball} --profile esm-only`],
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

/** Builds once: a tool that packs by itself would build again. */
async function packed(): Promise<readonly boolean[]> {
  const folder = await newFolder();
  try {
    const isBuilt = await passes(["build", "npm run --silent build"]);
    if (!isBuilt) return [isBuilt];
    const { path } = await packTarball(folder);
    return [isBuilt, ...(await inOrder(ofThePackage(path)))];
  } finally {
    await removeFolder(folder);
  }
}

// Two at a time: one asks the source, the other what is made of it.
const verdicts = (await Promise.all([inOrder(OF_THE_SOURCE), packed()])).flat();
const passed = verdicts.filter(Boolean).length;
console.log(`checks: ${passed} passed, ${verdicts.length - passed} failed`);
process.exitCode = passed === verdicts.length ? 0 : 1;
