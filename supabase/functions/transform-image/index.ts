// Makes previews of images: from the body of the call, or from a file of the caller's in Storage.
import { serve } from "../_shared/http.ts";
import { handle } from "./handler.ts";

Deno.serve(serve((request) => handle(request, Deno.env.get("SUPABASE_URL") ?? "")));
