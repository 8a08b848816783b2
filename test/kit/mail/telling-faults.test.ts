// A template that fails is told at its first mail, and never in words that hold what the mail says (G8).
import { inspect } from "node:util";
import { AuthError } from "sallyport";
import { expect, test } from "vitest";
import { tellingFaults } from "../../../src/kit/mail/telling-faults.ts";
import { ask, makeMailing } from "../../support/mail.ts";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("each fault of each template is told once, whatever the number of its mails", () => {
  const told: unknown[] = [];
  let fault = "";
  const failing = () => {
    throw new TypeError(fault);
  };
  const render = tellingFaults(failing, (error) => told.push(error));
  for (fault of ["signup (en) failed", "signup (en) failed", "signup (de) failed", "signup (en) failed"])
    expect(() => render("signup", { to: "ada@example.com" }, null)).toThrow(fault);
  expect(told).toHaveLength(2);
  expect(told[0]).toBeInstanceOf(AuthError);
});

test("it is told where the template failed, and nothing of what it was given", async () => {
  const faults: readonly ((said: string) => unknown)[] = [
    (said) => new RangeError(`wrong: ${said}`),
    (said) => new TypeError(`${said}\n    at ${said}\n`, { cause: said }),
    (said) => Object.assign(new TypeError("wrong"), { said }),
    (said) => said,
    () => null,
  ];
  for (const fault of faults) {
    let secrets: readonly string[] = [];
    const templates = {
      en: {
        password_reset: (content: object) => {
          const { link, code } = content as { link: string; code: string };
          secrets = [link.split(".").at(-1) ?? "", code];
          throw fault(`${link} ${code}`);
        },
      },
    };
    const mailing = makeMailing({}, { templates, unknownReset: false });
    await mailing.auth.signup({ email: "ada@example.com", password: "Correct1horse" }, { ip: null });
    await ask(mailing.ctx);
    await mailing.auth.mail.deliver();
    await settled();
    const log = inspect(mailing.errors, { depth: 12, showHidden: true });
    expect(log).toContain("The template password_reset (en) failed");
    if (fault("") instanceof Error) expect(log).toContain("telling-faults.test.ts");
    expect(secrets).toHaveLength(2);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(5);
      expect(log).not.toContain(secret);
    }
  }
});
