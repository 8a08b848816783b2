import { type Answer, ask } from "./answer.ts";
import { type Attempt, withToken } from "./attempt.ts";
import type { Parts } from "./parts.ts";
import type { Call } from "./place.ts";
import { holdAnswer, proofOf, type TokenBody } from "./renewal.ts";
import type { LoginResult } from "./types.ts";

/** The calls that a feature of the client is made of. None of them gives a token away. */
export interface ClientKit {
  /**
   * Signs in, or answers a challenge: a POST without an access token, one at a time over all tabs. When the answer is
   * `signed_in`, the client keeps its tokens. With `withDevice`, the body has the token of this device, if there is one.
   */
  enter<Result extends Entry = LoginResult>(path: string, body: object, withDevice?: true): Promise<Result>;
  /** The same for a first step. The body has the refresh token of the session here, which the new one ends. */
  begin<Result extends Entry = LoginResult>(path: string, body: object, withDevice?: true): Promise<Result>;
  /** Makes a call in the user's name. */
  call<Result>(path: string, details?: Call): Promise<Result>;
  /** The same as a POST, one at a time over all tabs. The client keeps the new tokens of the answer. */
  prove<Result extends object>(path: string, body: object): Promise<Result>;
  /** Makes a call without an access token. */
  open<Result extends object | undefined>(path: string, details: Call): Promise<Result>;
  /** The name under which the client stores what it holds. */
  key(): string;
}

interface Entry {
  readonly status: string;
}

/** What the client itself is made of. */
export interface OwnKit extends ClientKit {
  /** `keep` stores what the call changes, while no other call does in any tab. */
  call<Result>(path: string, details?: Call, keep?: Keep<Result>): Promise<Result>;
}

type Keep<Body> = (answer: Answer<Body>) => void;

export function createKit(parts: Parts, attempt: Attempt): OwnKit {
  const keepTokens = (answer: Answer<unknown>): void => holdAnswer(parts, answer as Answer<TokenBody>);
  const keepEntry = (answer: Answer<Entry>): void => {
    if (answer.body.status === "signed_in") keepTokens(answer);
  };
  // Without `assertSame` it is a call without a token.
  const calling =
    <Result>(path: string, details?: Call, keep?: Keep<Result>) =>
    (assertSame?: () => void): Promise<Result> => {
      const work = async (): Promise<Result> => {
        // While the call waited for its turn, another user may have signed in.
        assertSame?.();
        const request = parts.own(path, details);
        if (assertSame) withToken(parts, request);
        const answer = await ask<Result>(parts, request, details?.isEmpty);
        assertSame?.();
        keep?.(answer);
        return answer.body;
      };
      return keep && !details?.isFree ? parts.exclusive(work) : work();
    };
  const call = <Result>(path: string, details?: Call, keep?: Keep<Result>): Promise<Result> =>
    attempt(calling(path, details, keep));
  // A copy: a page may empty its form at once.
  const enter = (path: string, { ...body }: object, withDevice?: true): Promise<never> =>
    calling<never>(
      path,
      { body: { deviceToken: withDevice && parts.holdings().device, ...body } },
      keepEntry as Keep<unknown>,
    )();
  return {
    call,
    begin: (path, { ...body }, withDevice) =>
      parts.stored(() => enter(path, { ...body, ...proofOf(parts.session()) }, withDevice)),
    enter,
    key: parts.key,
    open: (path, details) => calling<never>(path, details)(),
    prove: (path, { ...body }) => call<never>(path, { body }, keepTokens),
  };
}
