import { describe, test } from "vitest";
import { memoryStore } from "../../src/adapters/memory/store.ts";
import { storeSuite } from "../../src/testing/store-suite.ts";

describe("the memory store", () => storeSuite({ test, makeStore: memoryStore }));
