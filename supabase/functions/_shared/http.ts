// What every function answers with: CORS for browsers, problems that say what is wrong.

export const corsHeaders = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "authorization, x-client-info, apikey, content-type, x-region",
  "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
};

/** An expected failure: the status, a stable code, and a sentence for people. */
export class Refusal extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly headers: Record<string, string> = {}) {
    super(message);
  }
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { ...corsHeaders, ...headers } });
}

/** Answers preflights, and turns refusals into their problems. What nobody expected is logged and told to nobody. */
export function serve(handle: (request: Request) => Promise<Response>): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method === "OPTIONS") {
      return new Response(null, { status: 204, headers: corsHeaders });
    }
    try {
      return await handle(request);
    } catch (error) {
      if (error instanceof Refusal) {
        return json({ error: { code: error.code, message: error.message } }, error.status, error.headers);
      }
      console.error(error);
      return json({ error: { code: "unexpected_failure", message: "Something went wrong." } }, 500);
    }
  };
}

/** The body as a JSON object of at most this many bytes. */
export async function readObject(request: Request, limit: number): Promise<Record<string, unknown>> {
  const bytes = await readBytes(request, limit);
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Refusal(400, "json_malformed", "The body is no JSON.");
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new Refusal(400, "json_malformed", "The body must be a JSON object.");
  }
  return body as Record<string, unknown>;
}

/** The body, read until it ends or is too large. */
export async function readBytes(source: Request | Response, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of source.body ?? []) {
    length += part.length;
    if (length > limit) {
      throw new Refusal(413, "body_too_large", `The body is larger than ${limit} bytes.`);
    }
    parts.push(part);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** The claims of the caller's token. The gateway has checked its signature (verify_jwt); an anonymous key is no caller. */
export function requireUser(request: Request): { sub?: string; role: string } {
  const token = request.headers.get("authorization")?.replace(/^Bearer /i, "") ?? "";
  let claims: { sub?: string; role?: string } = {};
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    claims = JSON.parse(atob(payload));
  } catch {
    // Without readable claims there is no role, which is refused below.
  }
  if (claims.role !== "authenticated" && claims.role !== "service_role") {
    throw new Refusal(403, "sign_in_required", "Sign in first.");
  }
  return { sub: claims.sub, role: claims.role };
}
