// Closing any descriptor of a file drops the process's POSIX locks on it, those of SQLite with them: one of
// the ways to corrupt a database that SQLite's own documentation lists.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteStore } from "sallyport/sqlite";
import { expect, test } from "vitest";

test.runIf(existsSync("/proc/locks"))(
  "opening a file again does not cost the first store its lock",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-locks-"));
    const path = join(folder, "auth.db");
    const locksOnFile = () => {
      const inode = statSync(path).ino;
      return readFileSync("/proc/locks", "utf8")
        .split("\n")
        .filter((line) => line.includes(`:${inode} `)).length;
    };
    const first = sqliteStore(path);
    await first.users.findForLogin("ada@example.com");
    expect(locksOnFile()).toBeGreaterThan(0);
    const second = sqliteStore(path);
    await second.users.findForLogin("ada@example.com");
    expect(locksOnFile()).toBeGreaterThan(0);
    await second.close();
    await first.close();
    rmSync(folder, { recursive: true });
  },
);
