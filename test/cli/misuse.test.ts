import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { parseDatabaseUrl } from "../../src/cli/database-url.ts";
import { failureSentence } from "../../src/cli/failure.ts";
import { AuthError } from "../../src/errors.ts";
import { sallyport, sallyportIn } from "./support.ts";

const URL_ = "sqlite:never-made.db";

test.each([
  ["no database", ["migrate"], /--url.*DATABASE_URL/],
  ["a URL as an argument", ["migrate", "postgres://u:hunter2@localhost/x"], /options only/],
  ["an unknown flag", ["migrate", "--url", URL_, "--hunter2"], /unknown option/],
  ["an unknown flag with a value", ["purge", "--url", URL_, "--password=hunter2"], /unknown option/],
  ["a flag without its value", ["migrate", "--url"], /--url needs a value/],
  ["a flag where a value belongs", ["migrate", "--url", "--plan"], /--url needs a value/],
  ["a value where none belongs", ["migrate", "--url", URL_, "--plan=hunter2"], /--plan takes no value/],
  ["two ways at once", ["migrate", "--url", URL_, "--plan", "--sql", "x.sql"], /--plan and --sql/],
  ["an unknown scheme", ["migrate", "--url", "mongodb://u:hunter2@localhost/x"], /must begin with postgres:/],
  ["a scheme that every object has", ["migrate", "--url", "constructor://hunter2"], /must begin with/],
  ["no scheme", ["migrate", "--url", "hunter2"], /must begin with/],
  ["a URL without //", ["migrate", "--url", "postgres:hunter2@localhost/x"], /cannot be parsed/],
  ["a # in the password", ["migrate", "--url", "postgres://u:hunter2#x@localhost/x"], /%-encode/],
  ["a / in the password", ["migrate", "--url", "postgres://u:1/hunter2@localhost/x"], /%2F/],
  ["a ? in the password", ["migrate", "--url", "mysql://u:1?hunter2@localhost/x"], /%3F/],
  ["TLS that mysql2 ignores", ["migrate", "--url", "mysql://u:hunter2@h/x?ssl-mode=REQUIRED"], /\?ssl=\{\}/],
  ["an ambiguous path", ["migrate", "--url", "sqlite://hunter2.db"], /without \/\//],
  ["no path", ["migrate", "--url", "sqlite:"], /path of a file/],
  ["a schema for SQLite", ["migrate", "--url", URL_, "--schema", "hunter2"], /^sallyport: --schema/],
  [
    "an unusable schema",
    ["migrate", "--url", "postgres://h/x", "--schema", "Hunter2"],
    /^sallyport: --schema/,
  ],
  ["an unusable prefix", ["purge", "--url", URL_, "--prefix", "hunter2-"], /^sallyport: --prefix/],
  ["no duration", ["purge", "--url", URL_, "--events", "hunter2"], /^sallyport: --events/],
  ["a duration without a unit", ["purge", "--url", URL_, "--ended-sessions", "30"], /: --ended-sessions/],
  ["mail kept for ever", ["purge", "--url", URL_, "--dead-mail", "3651d"], /: --dead-mail/],
  ["a log that keeps nothing", ["purge", "--url", URL_, "--events", "23h"], /--events.*from 1d/],
  ["a duration beyond all dates", ["purge", "--url", URL_, "--events", "999999999d"], /--events/],
  ["no action", ["keys"], /takes generate or rotate/],
  ["an unknown action", ["keys", "hunter2"], /takes generate or rotate/],
  ["an end of flags for an action", ["keys", "--"], /takes generate or rotate/],
  ["an action that every object has", ["keys", "constructor"], /takes generate or rotate/],
  ["an algorithm of others", ["keys", "generate", "--alg", "hunter2"], /--alg takes EdDSA or ES256/],
  ["an algorithm in another case", ["keys", "generate", "--alg", "es256"], /--alg takes EdDSA or ES256/],
  ["a key as an argument", ["keys", "generate", '{"d":"hunter2"}'], /options only/],
  ["a step to generate", ["keys", "generate", "--step", "publish"], /unknown option/],
  ["an empty path", ["keys", "generate", "--file", ""], /--file needs the path/],
  ["stdout as a path", ["keys", "rotate", "--file", "-", "--step", "sign"], /--file needs the path/],
  ["no file to rotate", ["keys", "rotate", "--step", "publish"], /which file\?/],
  ["no step", ["keys", "rotate", "--file", "never-made.db"], /--step takes publish, sign or retire/],
  ["an unknown step", ["keys", "rotate", "--file", "x", "--step", "hunter2"], /--step takes publish/],
  [
    "a step that every object has",
    ["keys", "rotate", "--file", "x", "--step", "constructor"],
    /--step takes/,
  ],
  [
    "an algorithm without a new key",
    ["keys", "rotate", "--file", "x", "--step", "sign", "--alg", "ES256"],
    /--alg/,
  ],
  ["no time at all", ["purge", "--url", URL_, "--max", "0"], /--max/],
])("%s is exit code 2 and one line, which names the flag and repeats nothing", async (_, argv, telling) => {
  const { code, stdout, stderr } = await sallyport(...argv);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(telling);
  expect(stderr).toMatch(/^sallyport: [^\n]*; see sallyport (keys|migrate|purge) --help\n$/);
  expect(stderr).not.toMatch(/hunter2|constructor/i);
  expect(readdirSync(".")).not.toContain("never-made.db");
});

test("a wrong DATABASE_URL is told as a wrong --url is", async () => {
  const { code, stderr } = await sallyportIn({ env: { DATABASE_URL: "hunter2" } }, "migrate");
  expect(code).toBe(2);
  expect(stderr).toMatch(/must begin with/);
  expect(stderr).not.toContain("hunter2");
});

test.each([
  ["postgres://ada:hunter2@db.example:5433/app", "PostgreSQL at db.example:5433, database app"],
  [
    "postgresql://ada@db.example/app?sslmode=verify-full&password=hunter2",
    "PostgreSQL at db.example, database app",
  ],
  ["postgres://ada:hunter2@[::1]:5432/app", "PostgreSQL at [::1]:5432, database app"],
  ["postgres://ada:hunter2@/app?host=/run/postgresql", "PostgreSQL database app"],
  ["postgres:///app", "PostgreSQL database app"],
  ["mysql://ada:hunter2@db.example/app?ssl={}", "MySQL/MariaDB at db.example, database app"],
  ["mariadb://ada:h%2Funter2@db.example:3307/app", "MySQL/MariaDB at db.example:3307, database app"],
  ["sqlite:/var/lib/auth.db", "SQLite file /var/lib/auth.db"],
])("%s is shown without its user and password", (url, place) => {
  expect(parseDatabaseUrl(url).place).toBe(place);
});

test("no message of a driver is shown, whatever it says", () => {
  const messages = ["connect to postgres://u:hunter2@h failed", "timed out: hunter2", "hunter2"];
  const errors = messages.flatMap((message) => [
    new TypeError(message),
    Object.assign(new TypeError(message), { code: "XX000" }),
    Object.assign(new TypeError(message), { code: "ER_X", errno: 9999, sqlMessage: message }),
    new AuthError("unavailable", { cause: new TypeError(message) }),
    message,
  ]);
  for (const error of errors) expect(failureSentence(error)).not.toContain("hunter2");
  expect(failureSentence(undefined)).toBe("the database failed");
});
