// Runs before each file of tests on a database, also where files share a process.
import { afterEach, beforeEach } from "vitest";
import { beginTest, endTest } from "./database-under-test.ts";

beforeEach(beginTest);
afterEach(endTest);
