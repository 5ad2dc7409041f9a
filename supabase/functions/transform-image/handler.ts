// POST an image, or {"bucket", "path"} of one that the caller may read; ?width=&height=&fit=contain|cover|fill&format=png|jpeg&quality=.
import { corsHeaders, readBytes, readObject, Refusal, requireUser } from "../_shared/http.ts";
import { decode, encode } from "./codecs.ts";
import { type Fit, resize, targetOf } from "./resize.ts";

const largestFile = 10 * 1024 * 1024;
const largestSide = 4096;

interface Wish {
  width?: number;
  height?: number;
  fit: Fit;
  format?: "png" | "jpeg";
  quality: number;
}

export async function handle(request: Request, projectUrl: string): Promise<Response> {
  if (request.method !== "POST") {
    throw new Refusal(405, "method_not_allowed", "Only POST is answered here.", { Allow: "POST, OPTIONS" });
  }
  requireUser(request);
  const wish = readWish(new URL(request.url).searchParams);
  const bytes = isJson(request) ? await fromStorage(request, projectUrl) : await readBytes(request, largestFile);
  const { image, format } = decode(bytes);
  const result = resize(image, targetOf(image, wish.width, wish.height, wish.fit), wish.fit);
  const target = wish.format ?? format;
  return new Response(encode(result, target, wish.quality), {
    headers: {
      ...corsHeaders,
      "content-type": `image/${target}`,
      "x-image-width": String(result.width),
      "x-image-height": String(result.height),
    },
  });
}

function isJson(request: Request): boolean {
  return request.headers.get("content-type")?.startsWith("application/json") ?? false;
}

function readWish(query: URLSearchParams): Wish {
  const fit = query.get("fit") ?? "contain";
  const format = query.get("format") ?? undefined;
  if (fit !== "contain" && fit !== "cover" && fit !== "fill") {
    throw invalid("fit is neither contain, cover nor fill.");
  }
  if (format !== undefined && format !== "png" && format !== "jpeg") {
    throw invalid("format is neither png nor jpeg.");
  }
  return {
    width: number(query, "width", largestSide),
    height: number(query, "height", largestSide),
    fit,
    format,
    quality: number(query, "quality", 100) ?? 80,
  };
}

function number(query: URLSearchParams, name: string, most: number): number | undefined {
  const text = query.get(name);
  if (text === null) {
    return undefined;
  }
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw invalid(`${name} must be a whole number from 1 to ${most}.`);
  }
  return value;
}

/** Reads as the caller, so policies on storage.objects decide. */
async function fromStorage(request: Request, projectUrl: string): Promise<Uint8Array> {
  const { bucket, path } = await readObject(request, 64 * 1024);
  if (typeof bucket !== "string" || typeof path !== "string" || bucket.length === 0 || path.length === 0) {
    throw invalid("bucket and path must name a file.");
  }
  const place = [bucket, ...path.split("/")].map(encodeURIComponent).join("/");
  const headers = new Headers();
  for (const name of ["authorization", "apikey"]) {
    headers.set(name, request.headers.get(name) ?? "");
  }
  const response = await fetch(`${projectUrl}/storage/v1/object/authenticated/${place}`, { headers, signal: request.signal });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Refusal(404, "image_not_found", "There is no such file, or you may not read it.");
  }
  return await readBytes(response, largestFile);
}

function invalid(message: string): Refusal {
  return new Refusal(422, "request_invalid", message);
}
