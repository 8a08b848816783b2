import { test } from "vitest";
import { memoryStore } from "../../src/adapters/memory/store.ts";
import { storeSuite } from "../../src/testing/store-suite.ts";

storeSuite({ test, makeStore: memoryStore });
