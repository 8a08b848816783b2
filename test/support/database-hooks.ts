// Runs before each file of tests on a database, also where files share a process.
import { afterAll, afterEach, beforeEach } from "vitest";
import { beginTest, databaseUnderTest, endTest, isShared } from "./database-under-test.ts";

beforeEach(beginTest);
afterEach(endTest);
if (!isShared) afterAll(() => databaseUnderTest?.drop());
