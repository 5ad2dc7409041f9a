using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Auth.Passwords;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Admin;

/// <summary>Adds a user as an administrator describes them: nothing is mailed.</summary>
internal static class CreateUser
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/admin/users", HandleAsync);

    private static async Task<IResult> HandleAsync(
        HttpContext context, Bearer bearer, AuthDatabase database, PasswordHasher hasher, TimeProvider clock)
    {
        await bearer.RequireAdminAsync(context);
        var request = await AuthBody.ReadAsync<AdminUserRequest>(context.Request);
        if (string.IsNullOrEmpty(request.Email) && string.IsNullOrEmpty(request.Phone))
        {
            throw AuthException.Validation("Cannot create a user without either an email or phone");
        }

        // Without a password there is none to sign in with, until the user sets one.
        var hash = await request.NewHashAsync(hasher, context.RequestAborted);
        var now = clock.GetUtcNow();
        var user = request.ApplyTo(NewUser(request, now), hash, now);
        try
        {
            var created = await database.InTransactionAsync(
                async connection =>
                {
                    await connection.InsertAsync(user, context.RequestAborted);
                    await AdminUsers.SaveIdentitiesAsync(connection, user, context.RequestAborted);
                    await connection.AuditAdminAsync(context, now, "user_signedup", user);
                    return await connection.FindAsync(user.Id, context.RequestAborted) ?? user;
                },
                context.RequestAborted);
            return TypedResults.Json(created.ToJson());
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw AdminUsers.Translate(exception);
        }
    }

    private static AuthUser NewUser(AdminUserRequest request, DateTimeOffset now)
    {
        var providers = new JsonArray();
        foreach (var (provider, address) in new[] { ("email", request.Email), ("phone", request.Phone) })
        {
            if (!string.IsNullOrEmpty(address))
            {
                providers.Add(provider);
            }
        }

        return new AuthUser
        {
            Id = string.IsNullOrEmpty(request.Id) ? Guid.CreateVersion7(now)
                : Guid.TryParse(request.Id, out var id) && id != Guid.Empty ? id
                : throw AuthException.Validation("ID must conform to the uuid v4 format"),
            AppMetadata = new JsonObject { ["provider"] = providers[0]!.GetValue<string>(), ["providers"] = providers },
            CreatedAt = now,
            UpdatedAt = now,
        };
    }
}
