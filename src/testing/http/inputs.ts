import assert from "node:assert/strict";
import type { AuthErrorCode } from "../../errors.ts";
import { expectProblem } from "./expect.ts";
import { queryPromises } from "./queries.ts";
import { EMAIL, PASSWORD } from "./shapes.ts";
import type { HttpPromises, Subject } from "./subject.ts";

type Failed = readonly (readonly [path: string, code: string])[];
type Row = readonly [body: unknown, failed: Failed];

const REQUIRED: Failed = [
  ["email", "required"],
  ["password", "required"],
];
const UNKNOWN: Failed = [["", "unknown_field"]];

/** Of a public route, each body and every rule that it fails. */
function refused(path: string, rows: readonly Row[], code: AuthErrorCode = "invalid_input") {
  return async ({ post, advance }: Subject): Promise<void> => {
    for (const [body, errors] of rows) {
      expectProblem(await post(path, body), code, { errors });
      await advance(60_000);
    }
  };
}

/** The same of a route for those who are signed in; and nothing of it signs them out. */
function refusedSignedIn(path: string, rows: readonly Row[], code: AuthErrorCode = "invalid_input") {
  return async ({ post, send, signUp }: Subject): Promise<void> => {
    const { accessToken: token } = await signUp();
    for (const [body, errors] of rows) expectProblem(await post(path, body, { token }), code, { errors });
    assert.equal((await send("/me", { token })).status, 200);
  };
}

const bodies: HttpPromises = {
  "a sign-up is told every failed rule at once, at its field": refused("/signup", [
    [{}, REQUIRED],
    [{ email: "", password: "" }, REQUIRED],
    [
      { email: 1, password: ["a"] },
      [
        ["email", "invalid_type"],
        ["password", "invalid_type"],
      ],
    ],
    [
      { email: null, password: { $ne: 1 } },
      [
        ["email", "invalid_type"],
        ["password", "invalid_type"],
      ],
    ],
    [
      { email: "ada", password: "qzvwkxjp1" },
      [
        ["email", "invalid_email"],
        ["password", "missing_upper"],
      ],
    ],
    [{ email: `${"a".repeat(300)}@example.com`, password: PASSWORD }, [["email", "invalid_email"]]],
    [{ email: EMAIL, password: "Aa1".repeat(400) }, [["password", "too_long"]]],
    [{ email: EMAIL, password: PASSWORD, admin: true }, UNKNOWN],
    [[], [["", "invalid_type"]]],
  ]),
  "a weak password is told every rule it fails": refused(
    "/signup",
    [
      [
        { email: EMAIL, password: "abc" },
        [
          ["password", "too_short"],
          ["password", "missing_upper"],
          ["password", "missing_digit"],
        ],
      ],
      [{ email: EMAIL, password: "Password1" }, [["password", "common_password"]]],
      [{ email: EMAIL, password: EMAIL }, [["password", "context_specific"]]],
    ],
    "weak_password",
  ),
  "a sign-in is told the same of its shape, and nothing of what a password may be": refused("/login", [
    [{}, REQUIRED],
    [{ email: EMAIL, password: PASSWORD, deviceToken: 1 }, [["deviceToken", "invalid_type"]]],
    [{ email: EMAIL, password: PASSWORD, userId: "x" }, UNKNOWN],
    [["email", "password"], [["", "invalid_type"]]],
  ]),
  "a NUL, half a surrogate pair and what is no email are refused before they are stored": refused("/signup", [
    [`{"email":"a\\u0000@example.com","password":"${PASSWORD}"}`, [["email", "invalid_email"]]],
    [`{"email":"a\\ud800@example.com","password":"${PASSWORD}"}`, [["email", "invalid_email"]]],
    [`{"email":"a\\u202e@example.com","password":"${PASSWORD}"}`, [["email", "invalid_email"]]],
    [`{"email":"a@example.com\\r\\nx: y","password":"${PASSWORD}"}`, [["email", "invalid_email"]]],
    [`{"email":"${EMAIL}","password":"\\u0000${PASSWORD}"}`, [["password", "unsupported_characters"]]],
    [`{"email":"${EMAIL}","password":"\\udfff${PASSWORD}"}`, [["password", "unsupported_characters"]]],
  ]),
  "a prototype is a field like any other, and unknown": refused("/login", [
    [`{"__proto__":{"admin":true},"email":"${EMAIL}","password":"x"}`, UNKNOWN],
    [`{"__proto__":{"email":"${EMAIL}","password":"x"}}`, [...REQUIRED, ...UNKNOWN]],
    [`{"constructor":{"prototype":{"admin":true}},"email":"${EMAIL}","password":"x"}`, UNKNOWN],
  ]),
  "a refresh needs its token as text, and nothing else": refused("/refresh", [
    [{}, [["refreshToken", "required"]]],
    [{ refreshToken: 1 }, [["refreshToken", "required"]]],
    [
      { refreshToken: null, admin: 1 },
      [
        ["refreshToken", "required"],
        ["", "unknown_field"],
      ],
    ],
    [{ refreshToken: "x", admin: 1 }, UNKNOWN],
    [
      `{"__proto__":{"refreshToken":"x"}}`,
      [
        ["refreshToken", "required"],
        ["", "unknown_field"],
      ],
    ],
    [
      ["refreshToken"],
      [
        ["refreshToken", "required"],
        ["", "unknown_field"],
      ],
    ],
  ]),
  "a logout by its body needs the same": refused("/logout", [
    [{}, [["refreshToken", "required"]]],
    [{ refreshToken: ["x"] }, [["refreshToken", "required"]]],
    [{ refreshToken: "x", everywhere: true }, UNKNOWN],
  ]),
  "a proof is told what it fails": refusedSignedIn("/reauthenticate", [
    [{}, [["password", "required"]]],
    [{ password: 1 }, [["password", "invalid_type"]]],
    [{ password: PASSWORD, email: EMAIL }, UNKNOWN],
    [[], [["", "invalid_type"]]],
  ]),
  "a password change is told what it fails": refusedSignedIn("/password", [
    [
      {},
      [
        ["currentPassword", "required"],
        ["newPassword", "required"],
      ],
    ],
    [
      { currentPassword: 1, newPassword: "x".repeat(2000) },
      [
        ["currentPassword", "invalid_type"],
        ["newPassword", "too_long"],
      ],
    ],
    [{ currentPassword: PASSWORD, newPassword: "Another2staple", userId: "x" }, UNKNOWN],
  ]),
  "a new password is held to the same rules": refusedSignedIn(
    "/password",
    [
      [
        { currentPassword: PASSWORD, newPassword: "abc" },
        [
          ["newPassword", "too_short"],
          ["newPassword", "missing_upper"],
          ["newPassword", "missing_digit"],
        ],
      ],
    ],
    "weak_password",
  ),
};

/** What is in bodies and queries. */
export const inputPromises: HttpPromises = { ...bodies, ...queryPromises };
