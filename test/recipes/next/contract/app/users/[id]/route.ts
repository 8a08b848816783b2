import { AuthError } from "sallyport";
import { withUser } from "@/lib/stage";

interface Context {
  readonly params: Promise<{ readonly id: string }>;
}

export const GET = withUser(async (me, _request, { params }: Context) => {
  if (me.userId !== (await params).id) throw new AuthError("forbidden");
  return Response.json({ userId: me.userId });
});
