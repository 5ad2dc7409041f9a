using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Auth.Passwords;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Admin;

/// <summary>Changes a user at once. A new password ends the sessions that the old one began.</summary>
internal static class UpdateUser
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPut("/admin/users/{id}", HandleAsync);

    private static async Task<IResult> HandleAsync(
        string id, HttpContext context, Bearer bearer, AuthDatabase database, PasswordHasher hasher, TimeProvider clock)
    {
        await bearer.RequireAdminAsync(context);
        var userId = AdminUsers.IdOf(id);
        var request = await AuthBody.ReadAsync<AdminUserRequest>(context.Request);
        var hash = await request.NewHashAsync(hasher, context.RequestAborted);
        try
        {
            var user = await database.InTransactionAsync(
                async connection =>
                {
                    var changed = await ApplyAsync(connection, userId, request, hash, clock.GetUtcNow(), context.RequestAborted);
                    await connection.AuditAdminAsync(context, clock.GetUtcNow(), "user_modified", changed);
                    return changed;
                },
                context.RequestAborted);
            return TypedResults.Json(user.ToJson());
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw AdminUsers.Translate(exception);
        }
    }

    private static async Task<AuthUser> ApplyAsync(
        NpgsqlConnection connection, Guid userId, AdminUserRequest request, string? hash, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var current = await connection.FindForUpdateAsync(userId, cancellationToken)
            ?? throw AuthException.UserNotFound(StatusCodes.Status404NotFound);
        var changed = request.ApplyTo(current, hash, now);
        await connection.UpdateAsync(changed, cancellationToken);
        if (changed.Email != current.Email || changed.Phone != current.Phone || request.EmailConfirm == true || request.PhoneConfirm == true)
        {
            await AdminUsers.SaveIdentitiesAsync(connection, changed, cancellationToken);
        }

        if (changed.EncryptedPassword != current.EncryptedPassword)
        {
            await connection.EndAllAsync(userId, cancellationToken);
            await connection.DropOneTimeTokensAsync(userId, cancellationToken);
        }

        return await connection.FindAsync(userId, cancellationToken) ?? changed;
    }
}
