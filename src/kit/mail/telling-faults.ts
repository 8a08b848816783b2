import { AuthError } from "../../errors.ts";
import type { RenderMail } from "../../mail-service.ts";
import type { Report } from "../../report.ts";

/** The lines of a stack that show where a template failed. */
const MAX_FRAMES = 5;

/**
 * A renderer that tells the operator of each template that fails, once for each fault. A mail whose template fails is
 * tried again for hours: only then it is given up, with an event.
 */
export function tellingFaults(render: RenderMail, report: Report): RenderMail {
  const told = new Set<string>();
  return (kind, facts, locale) => {
    try {
      return render(kind, facts, locale);
    } catch (error) {
      const { message, cause } = error as Error; // it names kind, language and fault, and nothing of the mail
      if (!told.has(message)) report(faultOf(message, cause));
      told.add(message);
      throw error;
    }
  };
}

function faultOf(message: string, cause: unknown): AuthError {
  return new AuthError("internal_error", {
    message: `${message}. Its mails are tried again.`,
    cause: placeOf(cause),
  });
}

/** Where it was thrown. Its words can hold what the template was given: a link, a code. */
function placeOf(cause: unknown): { readonly name: string; readonly at: readonly string[] } | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { name, message, stack = "" } = cause;
  const frames = stack.slice(stack.lastIndexOf(message) + message.length).split("\n");
  return {
    name,
    at: frames
      .map((line) => line.trim())
      .filter((line) => line.startsWith("at "))
      .slice(0, MAX_FRAMES),
  };
}
