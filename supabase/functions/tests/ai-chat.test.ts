// Against providers on loopback that speak the real formats.
import assert from "node:assert/strict";
import { serve } from "../_shared/http.ts";
import { handle } from "../ai-chat/handler.ts";

const user = `Bearer e30.${btoa(JSON.stringify({ role: "authenticated", sub: "u" }))}.s`;

interface Seen {
  path: string;
  headers: Headers;
  // deno-lint-ignore no-explicit-any
  body: any;
}

/** A provider that answers with this, cut into pieces of a few bytes. */
function provider(answer: string, type: string, status = 200, extra: Record<string, string> = {}) {
  const seen: Seen[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    seen.push({ path: new URL(request.url).pathname, headers: request.headers, body: await request.json() });
    const bytes = new TextEncoder().encode(answer);
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 7) {
          controller.enqueue(bytes.slice(at, at + 7));
        }
        controller.close();
      },
    });
    return new Response(body, { status, headers: { "content-type": type, ...extra } });
  });
  return { seen, url: `http://127.0.0.1:${server.addr.port}`, stop: () => server.shutdown() };
}

function call(settings: Record<string, string>, body: unknown, authorization = user): Promise<Response> {
  const environment = new Map(Object.entries(settings));
  const request = new Request("http://project/ai-chat/chat/completions", {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return serve((one) => handle(one, environment))(request);
}

const hello = { messages: [{ role: "system", content: "Be brief." }, { role: "user", content: "Hello" }] };

function chunksOf(text: string) {
  return text.split("\n\n").filter((line) => line.startsWith("data: {")).map((line) => JSON.parse(line.slice(6)));
}

Deno.test("passes a stream of OpenAI through, with its own key", async () => {
  const stream = 'data: {"choices":[{"delta":{"content":"Hé"}}]}\n\ndata: {"choices":[{"delta":{"content":"llo"}}]}\n\ndata: [DONE]\n\n';
  const fake = provider(stream, "text/event-stream");
  const response = await call({ OPENAI_BASE_URL: `${fake.url}/v1`, OPENAI_API_KEY: "k1" }, { model: "gpt-x", stream: true, user: "spy", ...hello });

  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.equal(await response.text(), stream);
  assert.equal(fake.seen[0].path, "/v1/chat/completions");
  assert.equal(fake.seen[0].headers.get("authorization"), "Bearer k1");
  assert.deepEqual(fake.seen[0].body, { model: "gpt-x", stream: true, ...hello });
  await fake.stop();
});

const anthropicStream = [
  ["message_start", { type: "message_start", message: { id: "msg_1", usage: { input_tokens: 7 } } }],
  ["content_block_start", { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }],
  ["ping", { type: "ping" }],
  ["content_block_delta", { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Grüß" } }],
  ["content_block_delta", { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: " Gott" } }],
  ["content_block_stop", { type: "content_block_stop", index: 0 }],
  ["content_block_start", { type: "content_block_start", index: 1, content_block: { type: "tool_use", id: "t1", name: "find", input: {} } }],
  ["content_block_delta", { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '{"q":' } }],
  ["content_block_delta", { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: "1}" } }],
  ["message_delta", { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 5 } }],
  ["message_stop", { type: "message_stop" }],
].map(([event, data]) => `event: ${event}\r\ndata: ${JSON.stringify(data)}\r\n\r\n`).join("");

Deno.test("translates a stream of Anthropic, text and tool calls", async () => {
  const fake = provider(anthropicStream, "text/event-stream");
  const response = await call({ ANTHROPIC_BASE_URL: fake.url, ANTHROPIC_API_KEY: "k2" }, {
    model: "claude-x",
    stream: true,
    stream_options: { include_usage: true },
    tools: [{ type: "function", function: { name: "find", description: "Finds", parameters: { type: "object" } } }],
    ...hello,
  });
  const text = await response.text();
  const chunks = chunksOf(text);

  assert.ok(text.endsWith("data: [DONE]\n\n"));
  assert.equal(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join(""), "Grüß Gott");
  const calls = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
  assert.deepEqual(calls.map((one) => one.index), [0, 0, 0]);
  assert.equal(calls[0].function.name, "find");
  assert.equal(calls.map((one) => one.function.arguments).join(""), '{"q":1}');
  assert.equal(chunks.at(-2).choices[0].finish_reason, "tool_calls");
  assert.deepEqual(chunks.at(-1).usage, { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 });
  const [{ body, headers, path }] = fake.seen;
  assert.equal(path, "/v1/messages");
  assert.equal(headers.get("x-api-key"), "k2");
  assert.equal(body.system, "Be brief.");
  assert.deepEqual(body.messages, [{ role: "user", content: [{ type: "text", text: "Hello" }] }]);
  assert.deepEqual(body.tools, [{ name: "find", description: "Finds", input_schema: { type: "object" } }]);
  await fake.stop();
});

Deno.test("translates an answer of Anthropic, and results of tools on the way there", async () => {
  const fake = provider(JSON.stringify({
    id: "msg_2", model: "claude-x", stop_reason: "end_turn", content: [{ type: "text", text: "Two." }], usage: { input_tokens: 3, output_tokens: 1 },
  }), "application/json");
  const response = await call({ ANTHROPIC_BASE_URL: fake.url, ANTHROPIC_API_KEY: "k" }, {
    model: "claude-x",
    max_tokens: 9,
    messages: [
      { role: "user", content: "How many?" },
      { role: "assistant", content: null, tool_calls: [{ id: "t1", type: "function", function: { name: "count", arguments: '{"of":"cats"}' } }] },
      { role: "tool", tool_call_id: "t1", content: "2" },
      { role: "user", content: "So?" },
    ],
  });
  const answer = await response.json();

  assert.equal(answer.choices[0].message.content, "Two.");
  assert.equal(answer.choices[0].finish_reason, "stop");
  assert.equal(answer.usage.total_tokens, 4);
  assert.equal(fake.seen[0].body.max_tokens, 9);
  assert.deepEqual(fake.seen[0].body.messages, [
    { role: "user", content: [{ type: "text", text: "How many?" }] },
    { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "count", input: { of: "cats" } }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "2" }, { type: "text", text: "So?" }] },
  ]);
  await fake.stop();
});

Deno.test("tells that the provider broke off", async () => {
  const fake = provider('event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n', "text/event-stream");
  const response = await call({ ANTHROPIC_BASE_URL: fake.url, ANTHROPIC_API_KEY: "k" }, { model: "claude-x", stream: true, ...hello });

  assert.equal(chunksOf(await response.text())[0].error.message, "Overloaded");
  await fake.stop();
});

const refusals: [string, Record<string, string>, unknown, string, number, string][] = [
  ["an anonymous caller", {}, { model: "m", ...hello }, "Bearer e30.eyJyb2xlIjoiYW5vbiJ9.s", 403, "sign_in_required"],
  ["a missing key", {}, { model: "m", ...hello }, user, 503, "provider_not_configured"],
  ["a request without messages", {}, { model: "m" }, user, 422, "request_invalid"],
  ["a model that is not offered", { AI_CHAT_MODELS: "a, b" }, { model: "c", ...hello }, user, 422, "model_not_allowed"],
  ["a provider that is not there", { OPENAI_API_KEY: "k", OPENAI_BASE_URL: "http://127.0.0.1:1" }, { model: "m", ...hello }, user, 502, "provider_unreachable"],
];
for (const [what, settings, body, authorization, status, code] of refusals) {
  Deno.test(`refuses ${what}`, async () => {
    const response = await call(settings, body, authorization);

    assert.equal(response.status, status);
    assert.equal((await response.json()).error.code, code);
  });
}

const failures: [number, number, string][] = [[401, 502, "provider_failed"], [429, 429, "provider_busy"], [400, 422, "provider_refused"]];
for (const [theirs, ours, code] of failures) {
  Deno.test(`answers ${ours} when the provider answers ${theirs}`, async () => {
    const fake = provider('{"error":{"message":"no"}}', "application/json", theirs, { "retry-after": "3" });
    const response = await call({ OPENAI_API_KEY: "k", OPENAI_BASE_URL: fake.url }, { model: "m", ...hello });

    assert.equal(response.status, ours);
    assert.equal((await response.json()).error.code, code);
    assert.equal(response.headers.get("retry-after"), theirs === 429 ? "3" : null);
    await fake.stop();
  });
}
