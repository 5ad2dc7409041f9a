using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Platform.LocalSupabase.Auth.Limits;
using Platform.LocalSupabase.Auth.Sessions;

namespace Platform.LocalSupabase.Auth.Users;

/// <summary>A user without an address. They become a permanent one by adding an address later.</summary>
internal sealed class AnonymousSignUp(
    LocalSupabaseOptions options, AuthDatabase database, SessionIssuer sessions, AddressLimits limits, TimeProvider clock)
{
    public async Task<JsonObject> StartAsync(JsonObject? data, HttpContext context)
    {
        if (!options.Auth.AllowAnonymous)
        {
            throw new AuthException(
                StatusCodes.Status422UnprocessableEntity, "anonymous_provider_disabled", "Anonymous sign-ins are disabled");
        }

        var rates = options.Auth.RateLimits;
        limits.Take(context, "anonymous", Rate.Of(rates.AnonymousPerHour, rates.AnonymousPerHour, TimeSpan.FromHours(1)));
        var now = clock.GetUtcNow();
        var user = new AuthUser
        {
            Id = Guid.CreateVersion7(now),
            IsAnonymous = true,
            UserMetadata = Metadata.Merge([], data),
            CreatedAt = now,
            UpdatedAt = now,
        };
        return await database.InTransactionAsync(
            async connection =>
            {
                await connection.InsertAsync(user, context.RequestAborted);
                return await sessions.StartAsync(connection, user, "anonymous", context);
            },
            context.RequestAborted);
    }
}
