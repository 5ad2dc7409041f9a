using System.Text.Json;
using Platform.LocalSupabase.Tokens;

namespace Platform.LocalSupabase.Functions.Deno;

/// <summary>The variables that a function finds, under the names of the hosted service.</summary>
internal sealed class DenoEnvironment(LocalSupabaseOptions options, SigningKeys keys, FunctionCatalog catalog)
{
    /// <summary>What Deno itself needs, whatever it is run for.</summary>
    public static Dictionary<string, string> Fixed(string cache) => new()
    {
        ["DENO_DIR"] = cache,
        ["DENO_NO_UPDATE_CHECK"] = "1",
        ["DENO_NO_PACKAGE_JSON"] = "1",
        ["DENO_TLS_CA_STORE"] = "mozilla,system",
        ["NO_COLOR"] = "1",
    };

    /// <summary>The environment of one process. Secrets cannot replace what the host sets.</summary>
    public Dictionary<string, string> For(string executionId, string cache, string socket)
    {
        var variables = catalog.Secrets().Where(secret => !secret.Key.StartsWith("SUPABASE_", StringComparison.Ordinal))
            .ToDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in Fixed(cache).Concat(OfProject(executionId)))
        {
            variables[name] = value;
        }

        variables["DENO_SERVE_ADDRESS"] = $"unix:{socket}";
        return variables;
    }

    private Dictionary<string, string> OfProject(string executionId) => new()
    {
        ["SUPABASE_URL"] = options.Url(),
        ["SUPABASE_ANON_KEY"] = options.AnonKey,
        ["SUPABASE_SERVICE_ROLE_KEY"] = options.ServiceRoleKey,
        ["SUPABASE_DB_URL"] = options.FunctionsDatabaseUrl,
        ["SUPABASE_PUBLISHABLE_KEYS"] = JsonSerializer.Serialize(new { @default = options.AnonKey }),
        ["SUPABASE_SECRET_KEYS"] = JsonSerializer.Serialize(new { @default = options.ServiceRoleKey }),
        ["SUPABASE_JWKS"] = keys.PublicKeys,
        ["SB_REGION"] = options.Functions.Region,
        ["SB_EXECUTION_ID"] = executionId,
        ["DENO_DEPLOYMENT_ID"] = executionId,
    };
}
