import assert from "node:assert/strict";
import { serve } from "../_shared/http.ts";
import { decode, encode } from "../transform-image/codecs.ts";
import { handle } from "../transform-image/handler.ts";
import type { Image } from "../transform-image/resize.ts";

const user = `Bearer e30.${btoa(JSON.stringify({ role: "authenticated", sub: "u" }))}.s`;

/** The left half red, the right half blue. */
function flag(width: number, height: number): Image {
  const data = new Uint8Array(width * height * 4);
  for (let at = 0; at < width * height; at++) {
    data.set(at % width < width / 2 ? [255, 0, 0, 255] : [0, 0, 255, 255], at * 4);
  }
  return { width, height, data };
}

function call(query: string, body: BodyInit, headers: Record<string, string> = {}, projectUrl = ""): Promise<Response> {
  const request = new Request(`http://project/transform-image${query}`, { method: "POST", headers: { authorization: user, ...headers }, body });
  return serve((one) => handle(one, projectUrl))(request);
}

async function imageOf(response: Response): Promise<Image> {
  assert.equal(response.status, 200);
  return decode(new Uint8Array(await response.arrayBuffer())).image;
}

function pixel(image: Image, x: number, y: number): number[] {
  const at = (y * image.width + x) * 4;
  return [...image.data.slice(at, at + 4)];
}

Deno.test("keeps the shape when only one side is asked for", async () => {
  const response = await call("?width=50", encode(flag(200, 100), "png", 80));
  assert.equal(response.headers.get("content-type"), "image/png");
  const image = await imageOf(response);

  assert.deepEqual([image.width, image.height], [50, 25]);
  assert.deepEqual(pixel(image, 0, 0), [255, 0, 0, 255]);
  assert.deepEqual(pixel(image, 49, 24), [0, 0, 255, 255]);
});

Deno.test("cuts to the middle to cover", async () => {
  const image = await imageOf(await call("?width=10&height=20&fit=cover", encode(flag(200, 100), "png", 80)));

  assert.deepEqual([image.width, image.height], [10, 20]);
  assert.deepEqual(pixel(image, 0, 10), [255, 0, 0, 255]);
  assert.deepEqual(pixel(image, 9, 10), [0, 0, 255, 255]);
});

Deno.test("averages what a pixel covers", async () => {
  const image = await imageOf(await call("?width=1&height=1&fit=fill", encode(flag(2, 1), "png", 80)));

  assert.deepEqual(pixel(image, 0, 0), [128, 0, 128, 255]);
});

Deno.test("makes a JPEG of a PNG and back", async () => {
  const response = await call("?format=jpeg&quality=90", encode(flag(64, 64), "png", 80));
  assert.equal(response.headers.get("content-type"), "image/jpeg");
  const jpeg = new Uint8Array(await response.arrayBuffer());
  assert.deepEqual([...jpeg.slice(0, 2)], [0xff, 0xd8]);
  const image = await imageOf(await call("?format=png", jpeg));

  assert.ok(pixel(image, 5, 5)[0] > 200 && pixel(image, 60, 5)[2] > 200);
});

Deno.test("reads from storage as the caller", async () => {
  const seen: [string, string | null][] = [];
  const storage = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    seen.push([new URL(request.url).pathname, request.headers.get("authorization")]);
    return seen.length === 1 ? new Response(encode(flag(4, 4), "png", 80)) : Response.json({}, { status: 400 });
  });
  const url = `http://127.0.0.1:${storage.addr.port}`;
  const body = JSON.stringify({ bucket: "pictures", path: "ada/a b.png" });
  const image = await imageOf(await call("?width=2", body, { "content-type": "application/json" }, url));
  const refused = await call("", body, { "content-type": "application/json" }, url);

  assert.deepEqual([image.width, image.height], [2, 2]);
  assert.deepEqual(seen[0], ["/storage/v1/object/authenticated/pictures/ada/a%20b.png", user]);
  assert.equal(refused.status, 404);
  assert.equal((await refused.json()).error.code, "image_not_found");
  await storage.shutdown();
});

Deno.test("refuses a picture that says it is huge before it decodes any of it", async () => {
  const bomb = encode(flag(2, 2), "png", 80);
  new DataView(bomb.buffer).setUint32(16, 100_000);
  new DataView(bomb.buffer).setUint32(20, 100_000);
  const response = await call("", bomb);

  assert.equal(response.status, 413);
  assert.equal((await response.json()).error.code, "image_too_large");
});

const refusals: [string, string, BodyInit, number, string][] = [
  ["what is no image", "", "hello", 415, "image_type_unknown"],
  ["a broken image", "", encode(flag(8, 8), "png", 80).slice(0, 40), 422, "image_unreadable"],
  ["a width of nothing", "?width=0", "", 422, "request_invalid"],
  ["an unknown fit", "?fit=magic", "", 422, "request_invalid"],
];
for (const [what, query, body, status, code] of refusals) {
  Deno.test(`refuses ${what}`, async () => {
    const response = await call(query, body);

    assert.equal(response.status, status);
    assert.equal((await response.json()).error.code, code);
  });
}
