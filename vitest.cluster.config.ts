import { defineConfig, type ViteUserConfig } from "vitest/config";
import shared, { say } from "./vitest.config.ts";

const missing = ["POSTGRES_URL", "REDIS_URL"].filter((name) => !process.env[name]);
const HOW_TO_RUN = 'To run it: eval "$(scripts/services.sh)" && npm run test:cluster';

// examples/cluster as it runs: each file starts one of its own, with a database and counters of its own.
const config: ViteUserConfig = defineConfig({
  resolve: shared.resolve ?? {},
  test: {
    include: ["test/cluster/**/*.test.ts"],
    fileParallelism: false, // each is four processes
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: [{ onTestRunEnd: sayMissing }, "default"],
  },
});

function sayMissing(): void {
  if (missing.length > 0) say(`\ncluster: skipped, not set: ${missing.join(", ")}. ${HOW_TO_RUN}`);
}

export default config;
