using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Audit;

/// <summary>Writes <c>auth.audit_log_entries</c>, in the transaction of what it tells of.</summary>
internal static class AuditLog
{
    /// <summary>The name of whoever acts with the service key.</summary>
    private const string Administrator = "service_role";

    public static async Task AuditAsync(
        this NpgsqlConnection connection, HttpContext context, DateTimeOffset now, string action, AuthUser actor, JsonObject? traits = null)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.AddAudit(context, now, action, actor, traits);
        await batch.ExecuteNonQueryAsync(context.RequestAborted);
    }

    /// <summary>The same, as one more statement of a batch.</summary>
    public static void AddAudit(
        this NpgsqlBatch batch, HttpContext context, DateTimeOffset now, string action, AuthUser actor, JsonObject? traits = null) =>
        AddEntry(batch, context, now, action, traits, actor.Id, string.IsNullOrEmpty(actor.Email) ? actor.Phone ?? "" : actor.Email);

    /// <summary>What an administrator did to a user.</summary>
    public static async Task AuditAdminAsync(
        this NpgsqlConnection connection, HttpContext context, DateTimeOffset now, string action, AuthUser subject)
    {
        await using var batch = new NpgsqlBatch(connection);
        AddEntry(
            batch, context, now, action,
            new JsonObject { ["user_id"] = subject.Id.ToString(), ["user_email"] = subject.Email ?? "", ["user_phone"] = subject.Phone ?? "" },
            Guid.Empty, Administrator);
        await batch.ExecuteNonQueryAsync(context.RequestAborted);
    }

    /// <summary>Takes a user's addresses out of all that was written: of a deleted user the id alone stays.</summary>
    public static Task<int> ForgetInAuditAsync(this NpgsqlConnection connection, Guid userId, CancellationToken cancellationToken) =>
        connection.Command(
            """
            update auth.audit_log_entries set payload = (case
              when payload ->> 'actor_id' = @user then (payload::jsonb - 'traits') || '{"actor_username": ""}'
              else payload::jsonb || jsonb_build_object('traits', jsonb_build_object('user_id', @user))
            end)::json
            where payload ->> 'actor_id' = @user or payload -> 'traits' ->> 'user_id' = @user
            """,
            ("user", userId.ToString())).ExecuteAsync(cancellationToken);

    public static IPAddress? AddressOf(HttpContext context) =>
        context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress;

    private static string TypeOf(string action) => action switch
    {
        "login" or "logout" or "invite_accepted" or "user_signedup" or "user_invited" or "user_deleted" => "team",
        "token_revoked" or "token_refreshed" => "token",
        "factor_in_progress" or "challenge_created" or "verification_attempted" or "factor_unenrolled" or "factor_updated" or "factor_deleted" =>
            "factor",
        _ => "user",
    };

    private static void AddEntry(
        NpgsqlBatch batch, HttpContext context, DateTimeOffset now, string action, JsonObject? traits, Guid actorId, string actorName)
    {
        var payload = new JsonObject
        {
            ["action"] = action,
            ["actor_id"] = actorId.ToString(),
            ["actor_username"] = actorName,
            ["actor_via_sso"] = false,
            ["log_type"] = TypeOf(action),
        };
        if (traits is not null)
        {
            payload["traits"] = traits;
        }

        batch.Add(
            """
            insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
            values ('00000000-0000-0000-0000-000000000000', $1, $2::jsonb::json, $3, $4)
            """,
            Guid.CreateVersion7(now), payload, now, AddressOf(context)?.ToString() ?? "");
    }
}
