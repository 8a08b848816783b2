import { defineConfig, type ViteUserConfig } from "vitest/config";
import type { Reporter, TestModule } from "vitest/node";
import shared, { say } from "./vitest.config.ts";

/** Of each server and mount how many promises it was asked, and how many it kept: the first number is one. */
const countByMount: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const suite = modules.find(({ moduleId }) => moduleId.endsWith("suite.test.ts"));
    const rows = [...(suite?.children.suites() ?? [])].map(({ name, children }) => {
      const tests = [...children.allTests()];
      const passed = tests.filter((test) => test.result().state === "passed").length;
      return `${name.padEnd(44)} ${String(tests.length).padStart(5)} ${String(passed).padStart(6)}`;
    });
    say(`\n${"The contract, by server and mount".padEnd(44)} tests passed`);
    for (const row of rows) say(row);
  },
};

// The HTTP contract alone: the suite on every server and mount, and what only one of them shows.
const config: ViteUserConfig = defineConfig({
  resolve: shared.resolve ?? {},
  test: {
    include: ["test/http/**/*.test.ts"],
    testTimeout: 20_000,
    reporters: ["default", countByMount],
  },
});

export default config;
