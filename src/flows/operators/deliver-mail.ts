import { purgeOptions } from "../../api/input-schemas.ts";
import type { Delivered, DeliverOptions } from "../../api/mail-api.ts";
import type { Context } from "../../context.ts";
import { misconfigured } from "../../errors.ts";
import { parseCallOptions } from "../../kit/input.ts";
import type { Postman } from "../../kit/postman/postman.ts";

interface DeliverRequest {
  readonly input: DeliverOptions;
  /** Null: there is no mailer. */
  readonly postman: Postman | null;
}

/** Sends the mail that waits. */
export async function deliverMail(_ctx: Context, { input, postman }: DeliverRequest): Promise<Delivered> {
  const options = parseCallOptions(purgeOptions, input);
  if (!postman) throw misconfigured("auth.mail.deliver: needs the option mailer of createAuth");
  return postman.deliver(options);
}
