using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Flows;
using Platform.LocalSupabase.Auth.Limits;
using Platform.LocalSupabase.Auth.OneTime;
using Platform.LocalSupabase.Auth.Passwords;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Users;

internal sealed record UpdateUserRequest(
    string? Email, string? Phone, string? Password, string? CurrentPassword, string? Nonce, JsonObject? Data, JsonObject? AppMetadata,
    string? CodeChallenge, string? CodeChallengeMethod);

/// <summary>Changes what callers may change of themselves: addresses after a confirmation, the rest at once.</summary>
internal sealed class UpdateUser(
    LocalSupabaseOptions options, AuthDatabase database, PasswordChange passwords, AddressChange addresses, TimeProvider clock)
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/user", (HttpContext context, UpdateUser slice, Bearer bearer, RedirectTargets redirects) =>
            slice.HandleAsync(context, bearer, redirects))
        .WithMetadata(new LimitedByAddress(AddressLimit.Requests));

    private async Task<IResult> HandleAsync(HttpContext context, Bearer bearer, RedirectTargets redirects)
    {
        var caller = await bearer.RequireUserAsync(context);
        var request = await AuthBody.ReadAsync<UpdateUserRequest>(context.Request);
        if (request.AppMetadata is not null)
        {
            throw AuthException.NotAdmin("Updating app_metadata requires admin privileges");
        }

        request = request with
        {
            Email = string.IsNullOrEmpty(request.Email) ? null : EmailOf(request.Email),
            Phone = string.IsNullOrEmpty(request.Phone) ? null : PhoneOf(request.Phone),
        };
        var target = new MailTarget(redirects.Of(context), CodeChallenge.Parse(request.CodeChallenge, request.CodeChallengeMethod));
        var passwordHash = request.Password is null ? null : await passwords.HashAsync(request, caller.User, context.RequestAborted);
        try
        {
            var user = await database.InTransactionAsync(
                connection => ApplyAsync(connection, caller, request, passwordHash, target, context.RequestAborted),
                context.RequestAborted);
            return TypedResults.Json(user.ToJson());
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw exception.ConstraintName == "users_phone_key" ? AuthException.PhoneExists() : AuthException.EmailExists();
        }
    }

    private string EmailOf(string email) => options.Auth.EmailEnabled ? EmailAddress.Normalize(email) : throw AuthException.EmailDisabled();

    private string PhoneOf(string phone) => options.Auth.PhoneEnabled ? PhoneNumber.Normalize(phone) : throw AuthException.PhoneDisabled();

    private async Task<AuthUser> ApplyAsync(
        NpgsqlConnection connection, SignedInUser caller, UpdateUserRequest request, string? passwordHash, MailTarget target,
        CancellationToken cancellationToken)
    {
        var current = await connection.FindForUpdateAsync(caller.User.Id, cancellationToken)
            ?? throw AuthException.UserNotFound(StatusCodes.Status403Forbidden);
        if (passwordHash is not null || request.Email is not null || request.Phone is not null)
        {
            await RequireSecondFactorAsync(connection, caller with { User = current }, cancellationToken);
        }

        if (passwordHash is not null)
        {
            await passwords.ReauthenticateAsync(connection, caller with { User = current }, request.Nonce, cancellationToken);
            await connection.EndOthersAsync(current.Id, caller.SessionId, cancellationToken);
            await connection.DropOneTimeTokensAsync(current.Id, cancellationToken);
        }

        var changed = current with
        {
            UserMetadata = Metadata.Merge(current.UserMetadata, request.Data),
            EncryptedPassword = passwordHash ?? current.EncryptedPassword,
            UpdatedAt = clock.GetUtcNow(),
        };
        await connection.UpdateAsync(changed, cancellationToken);
        if (request.Email is not null && request.Email != changed.Email)
        {
            changed = await addresses.ChangeEmailAsync(connection, changed, request.Email, target, cancellationToken);
        }

        if (request.Phone is not null && request.Phone != changed.Phone)
        {
            await addresses.ChangePhoneAsync(connection, changed, request.Phone, cancellationToken);
        }

        return await connection.FindAsync(current.Id, cancellationToken) ?? changed;
    }

    /// <summary>Whoever has a second factor must have shown it in this session before the first can be replaced.</summary>
    private static async Task RequireSecondFactorAsync(
        NpgsqlConnection connection, SignedInUser caller, CancellationToken cancellationToken)
    {
        if (caller.User.Factors.All(factor => factor?["status"]?.GetValue<string>() != "verified"))
        {
            return;
        }

        var level = await connection.Command("select aal::text from auth.sessions where id = @id", ("id", caller.SessionId ?? Guid.Empty))
            .ScalarAsync<string>(cancellationToken);
        if (level is null or "aal1")
        {
            throw new AuthException(
                StatusCodes.Status401Unauthorized, "insufficient_aal",
                "AAL2 session is required to update email or password when MFA is enabled.");
        }
    }
}
