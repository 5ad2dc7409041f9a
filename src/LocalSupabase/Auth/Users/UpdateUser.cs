using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Sessions;

namespace Platform.LocalSupabase.Auth.Users;

internal sealed record UpdateUserRequest(string? Email, string? Phone, string? Password, JsonObject? Data, JsonObject? AppMetadata);

internal sealed class UpdateUser(LocalSupabaseOptions options, AuthDatabase database, Bearer bearer, TimeProvider clock)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut("/user", (HttpContext context, UpdateUser slice) => slice.HandleAsync(context));

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        var caller = await bearer.RequireUserAsync(context);
        var request = await AuthBody.ReadAsync<UpdateUserRequest>(context.Request);
        if (request.AppMetadata is not null)
        {
            throw AuthException.NotAdmin("Updating app_metadata requires admin privileges");
        }

        if (!string.IsNullOrEmpty(request.Phone))
        {
            throw new AuthException(StatusCodes.Status400BadRequest, "phone_provider_disabled", "Phone signups are disabled");
        }

        var email = string.IsNullOrEmpty(request.Email) ? null : EmailAddress.Normalize(request.Email);
        var passwordHash = request.Password is null ? null : HashOf(request.Password, caller.User);
        try
        {
            var user = await database.InTransactionAsync(
                connection => ApplyAsync(connection, caller, email, passwordHash, request.Data, context.RequestAborted), context.RequestAborted);
            return TypedResults.Json(user.ToJson());
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw AuthException.EmailExists();
        }
    }

    private static string HashOf(string password, AuthUser user)
    {
        UserPassword.Check(password);
        if (UserPassword.Verify(password, user.EncryptedPassword))
        {
            throw new AuthException(
                StatusCodes.Status422UnprocessableEntity, "same_password", "New password should be different from the old password.");
        }

        return UserPassword.Hash(password);
    }

    private async Task<AuthUser> ApplyAsync(
        NpgsqlConnection connection, SignedInUser caller, string? email, string? passwordHash, JsonObject? data,
        CancellationToken cancellationToken)
    {
        var current = await connection.FindForUpdateAsync(caller.User.Id, cancellationToken)
            ?? throw AuthException.UserNotFound(StatusCodes.Status403Forbidden);
        var changed = current with
        {
            UserMetadata = Metadata.Merge(current.UserMetadata, data),
            EncryptedPassword = passwordHash ?? current.EncryptedPassword,
            UpdatedAt = clock.GetUtcNow(),
        };
        if (email is not null && email != current.Email)
        {
            changed = await ChangeEmailAsync(connection, changed, email, cancellationToken);
        }

        await connection.UpdateAsync(changed, cancellationToken);
        if (changed.Email != current.Email)
        {
            await connection.SaveAddressIdentityAsync(changed, "email", AddressIdentity.Of(changed), cancellationToken);
        }

        if (passwordHash is not null)
        {
            await connection.EndOthersAsync(current.Id, caller.SessionId, cancellationToken);
            await connection.DropOneTimeTokensAsync(current.Id, cancellationToken);
        }

        return await connection.FindAsync(current.Id, cancellationToken) ?? changed;
    }

    private async Task<AuthUser> ChangeEmailAsync(
        NpgsqlConnection connection, AuthUser user, string email, CancellationToken cancellationToken)
    {
        if (await connection.FindByEmailAsync(email, cancellationToken) is not null)
        {
            throw AuthException.EmailExists();
        }

        if (!options.AutoConfirm)
        {
            return user with { NewEmail = email, EmailChangeSentAt = user.UpdatedAt };
        }

        return user with
        {
            Email = email,
            EmailConfirmedAt = user.UpdatedAt,
            NewEmail = null,
            UserMetadata = Metadata.Merge(user.UserMetadata, new JsonObject { ["email_verified"] = true }),
        };
    }
}
