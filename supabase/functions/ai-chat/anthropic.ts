// Anthropic's messages, translated from and into OpenAI's chat completions.
import { corsHeaders, Refusal } from "../_shared/http.ts";
import { readEvents } from "../_shared/sse.ts";
import { ask, type ChatRequest, type Environment, type Message, required } from "./request.ts";

const defaultMaxTokens = 4096;
const finishReasons: Record<string, string> = { end_turn: "stop", stop_sequence: "stop", max_tokens: "length", tool_use: "tool_calls" };

interface Block {
  type: string;
  text?: string;
  id?: string;
  name?: string;
  input?: unknown;
}

export async function askAnthropic(chat: ChatRequest, environment: Environment, signal: AbortSignal): Promise<Response | unknown> {
  const base = (environment.get("ANTHROPIC_BASE_URL") ?? "https://api.anthropic.com").replace(/\/+$/, "");
  const response = await ask(
    `${base}/v1/messages`,
    { "x-api-key": required(environment, "ANTHROPIC_API_KEY"), "anthropic-version": "2023-06-01" },
    toAnthropic(chat),
    signal,
  );
  return chat.stream ? streamed(response, chat) : completion(await response.json(), chat.model);
}

function toAnthropic(chat: ChatRequest): Record<string, unknown> {
  const { body } = chat;
  const system = chat.messages.filter(({ role }) => role === "system" || role === "developer").map(({ content }) => textOf(content));
  const stop = body.stop === undefined || Array.isArray(body.stop) ? body.stop : [body.stop];
  const request: Record<string, unknown> = {
    model: chat.model,
    max_tokens: body.max_completion_tokens ?? body.max_tokens ?? defaultMaxTokens,
    messages: turns(chat.messages),
    stream: chat.stream,
    system: system.length > 0 ? system.join("\n\n") : undefined,
    temperature: body.temperature,
    top_p: body.top_p,
    stop_sequences: stop,
    tools: chat.tools?.map(({ function: tool }) => ({
      name: tool.name,
      description: tool.description,
      input_schema: tool.parameters ?? { type: "object", properties: {} },
    })),
    tool_choice: toolChoice(body.tool_choice),
  };
  return request;
}

function toolChoice(choice: unknown): unknown {
  if (typeof choice === "object" && choice !== null) {
    return { type: "tool", name: (choice as { function?: { name?: string } }).function?.name };
  }
  return { auto: { type: "auto" }, required: { type: "any" }, none: { type: "none" } }[choice as string];
}

/** Results of tools are the user's words here, and neighbours of one role are one turn. */
function turns(messages: Message[]): { role: string; content: unknown[] }[] {
  const turns: { role: string; content: unknown[] }[] = [];
  for (const message of messages) {
    if (message.role === "system" || message.role === "developer") {
      continue;
    }
    const role = message.role === "assistant" ? "assistant" : "user";
    const last = turns.at(-1);
    if (last?.role === role) {
      last.content.push(...blocks(message));
    } else {
      turns.push({ role, content: blocks(message) });
    }
  }
  return turns;
}

function blocks(message: Message): unknown[] {
  if (message.role === "tool") {
    return [{ type: "tool_result", tool_use_id: message.tool_call_id, content: textOf(message.content) }];
  }
  const text = textOf(message.content);
  const calls = (message.tool_calls ?? []).map((call) => ({
    type: "tool_use",
    id: call.id,
    name: call.function.name,
    input: parseArguments(call.function.arguments),
  }));
  return [...(text.length > 0 ? [{ type: "text", text }] : []), ...calls];
}

function parseArguments(text: string): unknown {
  try {
    return JSON.parse(text || "{}");
  } catch {
    throw new Refusal(422, "request_invalid", "The arguments of a tool call are no JSON.");
  }
}

function textOf(content: unknown): string {
  if (content === null || content === undefined) {
    return "";
  }
  if (typeof content === "string") {
    return content;
  }
  if (Array.isArray(content) && content.every((part) => part?.type === "text" && typeof part.text === "string")) {
    return content.map((part) => part.text).join("");
  }
  throw new Refusal(422, "request_invalid", "Only text is passed on to this provider.");
}

// deno-lint-ignore no-explicit-any
function completion(message: any, model: string): unknown {
  const content: Block[] = message.content ?? [];
  const calls = content.filter(({ type }) => type === "tool_use").map(({ id, name, input }) => ({
    id,
    type: "function",
    function: { name, arguments: JSON.stringify(input ?? {}) },
  }));
  const text = content.filter(({ type }) => type === "text").map((block) => block.text).join("");
  return {
    id: message.id,
    object: "chat.completion",
    created: Math.floor(Date.now() / 1000),
    model: message.model ?? model,
    choices: [{
      index: 0,
      message: { role: "assistant", content: text || null, ...(calls.length > 0 && { tool_calls: calls }) },
      finish_reason: finishReasons[message.stop_reason] ?? "stop",
    }],
    usage: usageOf(message.usage?.input_tokens, message.usage?.output_tokens),
  };
}

function usageOf(input = 0, output = 0): Record<string, number> {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function streamed(response: Response, chat: ChatRequest): Response {
  const encoder = new TextEncoder();
  const chunks = translate(response.body!, chat);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await chunks.next();
      if (done) {
        controller.enqueue(encoder.encode("data: [DONE]\n\n"));
        controller.close();
      } else {
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(value)}\n\n`));
      }
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
  return new Response(body, { headers: { ...corsHeaders, "content-type": "text/event-stream", "cache-control": "no-cache" } });
}

/** Anthropic's events as OpenAI's chunks. */
async function* translate(body: ReadableStream<Uint8Array>, chat: ChatRequest): AsyncGenerator<unknown> {
  const head = { id: "", object: "chat.completion.chunk", created: Math.floor(Date.now() / 1000), model: chat.model };
  const chunk = (delta: unknown, finish: string | null = null) => ({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] });
  const tools = new Map<number, number>();
  let input = 0;
  let output = 0;
  for await (const { data } of readEvents(body)) {
    const event = JSON.parse(data);
    switch (event.type) {
      case "message_start":
        head.id = event.message.id;
        input = event.message.usage?.input_tokens ?? 0;
        yield chunk({ role: "assistant", content: "" });
        break;
      case "content_block_start":
        if (event.content_block.type === "tool_use") {
          const { id, name } = event.content_block;
          tools.set(event.index, tools.size);
          yield chunk({ tool_calls: [{ index: tools.get(event.index), id, type: "function", function: { name, arguments: "" } }] });
        }
        break;
      case "content_block_delta":
        if (event.delta.type === "text_delta") {
          yield chunk({ content: event.delta.text });
        } else if (event.delta.type === "input_json_delta") {
          yield chunk({ tool_calls: [{ index: tools.get(event.index), function: { arguments: event.delta.partial_json } }] });
        }
        break;
      case "message_delta":
        output = event.usage?.output_tokens ?? output;
        yield chunk({}, finishReasons[event.delta.stop_reason] ?? "stop");
        break;
      case "error":
        console.error("The provider broke off:", event.error?.type);
        yield { error: { code: "provider_failed", message: event.error?.message ?? "The provider failed." } };
        return;
    }
  }
  if ((chat.body.stream_options as { include_usage?: boolean } | undefined)?.include_usage) {
    yield { ...head, choices: [], usage: usageOf(input, output) };
  }
}
