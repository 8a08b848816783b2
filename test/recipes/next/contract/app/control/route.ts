import { openStage, stage } from "@/lib/stage";

/** What a test does besides requests of clients. */
export async function POST(request: Request): Promise<Response> {
  const { open, advance } = await request.json();
  if (open) openStage(open);
  if (advance) stage().clock.advance(advance);
  const { errors, asked } = stage();
  return Response.json({ errors, asked });
}
