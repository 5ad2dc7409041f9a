// Stands between the workspace and the providers of language models, so that their keys live here alone.
import { serve } from "../_shared/http.ts";
import { handle } from "./handler.ts";

Deno.serve(serve((request) => handle(request, Deno.env)));
