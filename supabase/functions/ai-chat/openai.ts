// OpenAI and whoever speaks its format: passed through, but for the key.
import { corsHeaders } from "../_shared/http.ts";
import { ask, type ChatRequest, type Environment, required } from "./request.ts";

const passedOn = [
  "model", "messages", "stream", "stream_options", "temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "seed",
  "tools", "tool_choice", "parallel_tool_calls", "response_format", "presence_penalty", "frequency_penalty", "reasoning_effort",
];

export async function askOpenAi(chat: ChatRequest, environment: Environment, signal: AbortSignal): Promise<Response> {
  const base = (environment.get("OPENAI_BASE_URL") ?? "https://api.openai.com/v1").replace(/\/+$/, "");
  const body = Object.fromEntries(passedOn.filter((name) => name in chat.body).map((name) => [name, chat.body[name]]));
  const response = await ask(
    `${base}/chat/completions`,
    { authorization: `Bearer ${required(environment, "OPENAI_API_KEY")}` },
    body,
    signal,
  );
  return new Response(response.body, {
    headers: {
      ...corsHeaders,
      "content-type": response.headers.get("content-type") ?? "application/json",
      "cache-control": "no-cache",
    },
  });
}
