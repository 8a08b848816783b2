import assert from "node:assert/strict";
import { expectProblem } from "./expect.ts";
import { UNKNOWN_ID } from "./routes.ts";
import type { HttpPromises } from "./subject.ts";

/** The application's own routes, behind the checks of its adapter. */
export const guardPromises: HttpPromises = {
  "who is signed in is known by their token": async ({ sendToApp, signUp }) => {
    for (const email of ["ada@example.com", "eve@example.com"]) {
      const { accessToken: token, user } = await signUp(email);
      for (const path of ["/whoami", `/whoami?userId=${UNKNOWN_ID}`, `/users/${user.id}`]) {
        const answer = await sendToApp(path, { token });
        assert.deepEqual([path, answer.status, JSON.parse(answer.body)], [path, 200, { userId: user.id }]);
      }
    }
  },
  "no one else gets in, and the answer is that of the auth routes": async ({
    sendToApp,
    signUp,
    send,
    advance,
  }) => {
    const { accessToken, refreshToken, user } = await signUp();
    const paths = ["/whoami", `/users/${user.id}`];
    for (const path of paths) {
      expectProblem(await sendToApp(path), "token_missing");
      for (const token of ["forged", refreshToken, `${accessToken}=`])
        expectProblem(await sendToApp(path, { token }), "invalid_token");
      const authorization = [`Bearer ${accessToken}`, `Bearer ${accessToken}`];
      expectProblem(await sendToApp(path, { headers: { authorization } }), "invalid_token");
      expectProblem(await sendToApp(`${path}?access_token=${accessToken}`), "token_missing");
    }
    await advance(86_400_000);
    for (const path of paths) expectProblem(await sendToApp(path, { token: accessToken }), "token_expired");
    await send("/logout", { method: "POST", token: accessToken });
    for (const path of paths) assert.equal((await sendToApp(path, { token: accessToken })).status, 401);
  },
  "what is another user's is forbidden, and so is an unknown id": async ({ sendToApp, signUp }) => {
    const ada = await signUp();
    const { accessToken: token } = await signUp("eve@example.com");
    for (const id of [ada.user.id, UNKNOWN_ID, "x", "__proto__", "%20", ada.user.id.toUpperCase()])
      expectProblem(await sendToApp(`/users/${id}`, { token }), "forbidden");
  },
  "a session that was ended elsewhere ends here at once": async ({ sendToApp, send, signUp, logIn }) => {
    const { accessToken: token } = await signUp();
    const { accessToken: other } = await logIn();
    assert.equal((await sendToApp("/whoami", { token: other })).status, 200);
    await send("/sessions", { method: "DELETE", token });
    expectProblem(await sendToApp("/whoami", { token: other }), "session_revoked");
    assert.equal((await sendToApp("/whoami", { token })).status, 200);
  },
};
