// Server-sent events, as both providers stream them.

const longestEvent = 1024 * 1024;

export interface ServerEvent {
  event: string;
  data: string;
}

/** Reads events from a stream of bytes, however it is cut up. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    rest += text;
    // A line may end in CR LF, LF or CR; a CR at the very end may be half of a CR LF.
    const ready = rest.endsWith("\r") ? rest.slice(0, -1) : rest;
    const blocks = ready.replaceAll("\r\n", "\n").replaceAll("\r", "\n").split("\n\n");
    rest = blocks.pop()! + (rest.endsWith("\r") ? "\r" : "");
    for (const block of blocks) {
      const event = parse(block);
      if (event) {
        yield event;
      }
    }
    if (rest.length > longestEvent) {
      throw new Error("An event of the provider is too long.");
    }
  }
}

function parse(block: string): ServerEvent | null {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") {
      event = value;
    } else if (field === "data") {
      data.push(value);
    }
  }
  return data.length > 0 ? { event, data: data.join("\n") } : null;
}
