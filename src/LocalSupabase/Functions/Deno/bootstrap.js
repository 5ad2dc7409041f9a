// Runs before a function's own module: gives it what the hosted runtime has beyond Deno, and takes what that has not.
const serve = Deno.serve.bind(Deno);
let serving = false;

// Where to listen is the host's choice (DENO_SERVE_ADDRESS); a port or a certificate of the function's own means nothing here.
Deno.serve = (...args) => {
  const handler = args.find((arg) => typeof arg === "function") ?? args.find((arg) => arg?.handler)?.handler;
  const { onError, signal } = args.find((arg) => arg !== null && typeof arg === "object") ?? {};
  serving = true;
  return serve({ onListen: () => {}, ...(onError && { onError }), ...(signal && { signal }) }, (request, info) => {
    // That the host comes through a socket of the file system ("http+unix:") is nothing a function should meet.
    Object.defineProperty(request, "url", { value: request.url.replace(/^http\+unix:/, "http:") });
    return handler(request, info);
  });
};

for (const name of ["listen", "listenTls", "listenDatagram"]) {
  Deno[name] = () => {
    throw new Deno.errors.NotCapable(`Deno.${name} is not available in a function`);
  };
}

globalThis.EdgeRuntime = {
  waitUntil(promise) {
    return Promise.resolve(promise).catch((error) => console.error("waitUntil:", error));
  },
};

// A module may also just export its handler.
addEventListener("load", async () => {
  if (!serving) {
    const { default: exported } = await import(Deno.mainModule);
    if (typeof exported?.fetch === "function") {
      Deno.serve((request) => exported.fetch(request));
    }
  }
});
