// The request, in OpenAI's format, and what both providers share.
import { Refusal } from "../_shared/http.ts";

/** Where settings and keys are read from. */
export interface Environment {
  get(name: string): string | undefined;
}

export interface ToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

export interface Message {
  role: "system" | "developer" | "user" | "assistant" | "tool";
  content: unknown;
  tool_calls?: ToolCall[];
  tool_call_id?: string;
}

export interface Tool {
  type: "function";
  function: { name: string; description?: string; parameters?: unknown };
}

export interface ChatRequest {
  provider?: "openai" | "anthropic";
  model: string;
  messages: Message[];
  stream: boolean;
  tools?: Tool[];
  /** All that was asked, to be passed on where the provider speaks this very format. */
  body: Record<string, unknown>;
}

const roles = ["system", "developer", "user", "assistant", "tool"];
const mostMessages = 1000;

export function readChatRequest(body: Record<string, unknown>): ChatRequest {
  const { provider, model, messages, stream, tools } = body;
  if (provider !== undefined && provider !== "openai" && provider !== "anthropic") {
    throw invalid("provider is neither openai nor anthropic.");
  }
  if (typeof model !== "string" || model.length === 0 || model.length > 200) {
    throw invalid("model must name a model.");
  }
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > mostMessages) {
    throw invalid(`messages must hold 1 to ${mostMessages} messages.`);
  }
  if (!messages.every((message) => message && typeof message === "object" && roles.includes(message.role))) {
    throw invalid("Every message needs a role that is known.");
  }
  if (stream !== undefined && typeof stream !== "boolean") {
    throw invalid("stream must be true or false.");
  }
  if (tools !== undefined && !(Array.isArray(tools) && tools.every((tool) => typeof tool?.function?.name === "string"))) {
    throw invalid("tools must be a list of functions.");
  }
  return { provider, model, messages, stream: stream === true, tools: tools as Tool[] | undefined, body };
}

function invalid(message: string): Refusal {
  return new Refusal(422, "request_invalid", message);
}

/** Asks a provider. Its refusals of our key are our trouble, not the caller's. */
export async function ask(url: string, headers: Record<string, string>, body: unknown, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      redirect: "error",
      signal,
    });
  } catch (error) {
    console.error("The provider cannot be reached:", error instanceof Error ? error.message : error);
    throw new Refusal(502, "provider_unreachable", "The provider cannot be reached.");
  }
  if (response.ok) {
    return response;
  }
  console.error(`The provider answered ${response.status}.`);
  const detail = await response.text();
  if (response.status === 429 || response.status === 529) {
    const pause = response.headers.get("retry-after");
    throw new Refusal(429, "provider_busy", "The provider takes no more requests now.", pause ? { "Retry-After": pause } : {});
  }
  if (response.status === 400 || response.status === 404 || response.status === 422) {
    throw new Refusal(422, "provider_refused", messageOf(detail) ?? "The provider refused the request.");
  }
  throw new Refusal(502, "provider_failed", "The provider failed.");
}

/** A setting without which the provider cannot be asked. */
export function required(environment: Environment, name: string): string {
  const value = environment.get(name);
  if (!value) {
    throw new Refusal(503, "provider_not_configured", `${name} is not set.`);
  }
  return value;
}

function messageOf(detail: string): string | undefined {
  try {
    const message = JSON.parse(detail)?.error?.message;
    return typeof message === "string" ? message.slice(0, 500) : undefined;
  } catch {
    return undefined;
  }
}
