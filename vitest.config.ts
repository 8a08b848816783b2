import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export const say = (line: string): boolean => process.stdout.write(`${line}\n`);
export const HOW_TO_RUN_ALL = 'To run them all: eval "$(scripts/services.sh)" && npm run test:services';

const config: ViteUserConfig = defineConfig({
  resolve: {
    alias: [
      { find: /^sallyport$/, replacement: source("index.ts") },
      { find: /^sallyport\/client$/, replacement: source("client/index.ts") },
      { find: /^sallyport\/http$/, replacement: source("http/index.ts") },
      { find: /^sallyport\/kysely$/, replacement: source("adapters/kysely/index.ts") },
      { find: /^sallyport\/rate-limiter$/, replacement: source("adapters/flexible/index.ts") },
      { find: /^sallyport\/sqlite$/, replacement: source("adapters/sqlite/index.ts") },
      { find: /^sallyport\/testing$/, replacement: source("testing/index.ts") },
      { find: /^sallyport\/verifier$/, replacement: source("verifier/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/package/**", "test/browser/**", "test/services/**", "test/cluster/**"],
    testTimeout: 20_000,
    reporters: [
      { onTestRunEnd: () => void say(`\nPostgreSQL, MariaDB, Redis: skipped. ${HOW_TO_RUN_ALL}`) },
      "default",
    ],
  },
});

export default config;
