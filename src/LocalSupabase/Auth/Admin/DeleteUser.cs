using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Mail;

namespace Platform.LocalSupabase.Auth.Admin;

internal sealed record DeleteUserRequest(bool ShouldSoftDelete);

/// <summary>Removes a user, or leaves a row without any of their data where <c>should_soft_delete</c> asks for it.</summary>
internal static class DeleteUser
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/admin/users/{id}", HandleAsync);

    private static async Task<IResult> HandleAsync(
        string id, HttpContext context, Bearer bearer, AuthDatabase database, TimeProvider clock)
    {
        await bearer.RequireAdminAsync(context);
        var userId = AdminUsers.IdOf(id);
        var request = await AuthBody.ReadOrDefaultAsync(context.Request, new DeleteUserRequest(false));
        await database.InTransactionAsync(
            async connection =>
            {
                var user = await connection.FindForUpdateAsync(userId, context.RequestAborted)
                    ?? throw AuthException.UserNotFound(StatusCodes.Status404NotFound);
                await (request.ShouldSoftDelete
                    ? KeepShellAsync(connection, user, clock.GetUtcNow(), context.RequestAborted)
                    : connection.Command("delete from auth.users where id = @id", ("id", userId)).ExecuteAsync(context.RequestAborted));
                await connection.ForgetInAuditAsync(userId, context.RequestAborted);
                await connection.ForgetLettersAsync([user.Email, user.NewEmail], context.RequestAborted);
                await connection.AuditAdminAsync(context, clock.GetUtcNow(), "user_deleted", user with { Email = null, Phone = null });
                return user;
            },
            context.RequestAborted);
        return TypedResults.Json(new { });
    }

    /// <summary>The row stays for what refers to it. The addresses become hashes, so they are free again and tell nothing.</summary>
    private static async Task KeepShellAsync(
        NpgsqlConnection connection, AuthUser user, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await connection.Command(
            """
            update auth.users set email = @email, phone = @phone, encrypted_password = '', email_change = '', phone_change = '',
              raw_user_meta_data = '{}', raw_app_meta_data = '{}', deleted_at = @now, updated_at = @now
            where id = @id
            """,
            ("id", user.Id), ("email", Obscure(user.Id, user.Email)), ("phone", Obscure(user.Id, user.Phone)), ("now", now))
            .ExecuteAsync(cancellationToken);
        await connection.Command("delete from auth.identities where user_id = @id", ("id", user.Id)).ExecuteAsync(cancellationToken);
        await connection.Command("delete from auth.mfa_factors where user_id = @id", ("id", user.Id)).ExecuteAsync(cancellationToken);
        await connection.EndAllAsync(user.Id, cancellationToken);
        await connection.DropOneTimeTokensAsync(user.Id, cancellationToken);
    }

    private static string? Obscure(Guid id, string? address) => string.IsNullOrEmpty(address)
        ? null
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{id}{address}")));
}
