using System.Text.Json.Nodes;
using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Sessions;

/// <summary>How sure a session may be of its user: the level, and the methods that led to it, newest first.</summary>
internal sealed record Assurance(string Level, JsonArray Methods)
{
    public const string FirstLevel = "aal1";

    /// <summary>The columns of a session <c>s</c>.</summary>
    public const string Columns =
        """
        coalesce(s.aal::text, 'aal1') as aal, (
            select coalesce(jsonb_agg(
              jsonb_build_object('method', c.authentication_method, 'timestamp', floor(extract(epoch from c.updated_at))::bigint)
              order by c.updated_at desc), '[]')
            from auth.mfa_amr_claims c where c.session_id = s.id)::text as amr
        """;

    /// <summary>That of a session which begins.</summary>
    public static Assurance Of(string method, DateTimeOffset now) =>
        new(FirstLevel, [new JsonObject { ["method"] = method, ["timestamp"] = now.ToUnixTimeSeconds() }]);

    public static Assurance Read(NpgsqlDataReader reader) =>
        new(reader.TextOrNull("aal") ?? FirstLevel, JsonNode.Parse(reader.TextOrNull("amr") ?? "[]")!.AsArray());
}
