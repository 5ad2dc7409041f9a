// Takes OpenAI's chat completions, for whichever provider, and answers in OpenAI's format: plain or as a stream.
import { json, readObject, Refusal, requireUser } from "../_shared/http.ts";
import { askAnthropic } from "./anthropic.ts";
import { askOpenAi } from "./openai.ts";
import { type ChatRequest, type Environment, readChatRequest } from "./request.ts";

const largestBody = 4 * 1024 * 1024;

export async function handle(request: Request, environment: Environment): Promise<Response> {
  if (request.method !== "POST") {
    throw new Refusal(405, "method_not_allowed", "Only POST is answered here.", { Allow: "POST, OPTIONS" });
  }
  requireUser(request);
  const chat = readChatRequest(await readObject(request, largestBody));
  checkModel(chat, environment);
  const ask = providerOf(chat) === "anthropic" ? askAnthropic : askOpenAi;
  const answer = await ask(chat, environment, request.signal);
  return answer instanceof Response ? answer : json(answer);
}

function providerOf(chat: ChatRequest): "openai" | "anthropic" {
  return chat.provider ?? (chat.model.startsWith("claude") ? "anthropic" : "openai");
}

/** Where AI_CHAT_MODELS lists models, no other is asked. */
function checkModel(chat: ChatRequest, environment: Environment): void {
  const allowed = environment.get("AI_CHAT_MODELS")?.split(",").map((model) => model.trim()).filter(Boolean) ?? [];
  if (allowed.length > 0 && !allowed.includes(chat.model)) {
    throw new Refusal(422, "model_not_allowed", `The model ${chat.model} is not offered here.`);
  }
}
