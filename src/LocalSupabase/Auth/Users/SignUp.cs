using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Sessions;

namespace Platform.LocalSupabase.Auth.Users;

internal sealed record SignUpRequest(string? Email, string? Phone, string? Password, JsonObject? Data);

internal sealed class SignUp(LocalSupabaseOptions options, AuthDatabase database, SessionIssuer sessions, TimeProvider clock)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/signup", (HttpContext context, SignUp slice) => slice.HandleAsync(context));

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        var request = await AuthBody.ReadAsync<SignUpRequest>(context.Request);
        if (options.DisableSignup)
        {
            throw new AuthException(StatusCodes.Status422UnprocessableEntity, "signup_disabled", "Signups not allowed for this instance");
        }

        if (string.IsNullOrEmpty(request.Email) && string.IsNullOrEmpty(request.Phone))
        {
            throw new AuthException(
                StatusCodes.Status422UnprocessableEntity, "anonymous_provider_disabled", "Anonymous sign-ins are disabled");
        }

        var (email, password) = Check(request);
        // The hash is made in any case, so that the time of the answer does not tell whether the address is known.
        var candidate = NewUser(email, UserPassword.Hash(password), request.Data);
        try
        {
            return TypedResults.Json(await StoreAsync(candidate, context));
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Somebody signed up with the same address at the same moment; now it exists.
            return TypedResults.Json(await StoreAsync(candidate, context));
        }
    }

    private static (string Email, string Password) Check(SignUpRequest request)
    {
        if (string.IsNullOrEmpty(request.Password))
        {
            throw AuthException.Validation("Signup requires a valid password");
        }

        UserPassword.Check(request.Password);
        if (!string.IsNullOrEmpty(request.Email) && !string.IsNullOrEmpty(request.Phone))
        {
            throw AuthException.Validation("Only an email address or phone number should be provided on signup.");
        }

        if (string.IsNullOrEmpty(request.Email))
        {
            throw new AuthException(StatusCodes.Status400BadRequest, "phone_provider_disabled", "Phone signups are disabled");
        }

        return (EmailAddress.Normalize(request.Email), request.Password);
    }

    private AuthUser NewUser(string email, string passwordHash, JsonObject? data)
    {
        var now = clock.GetUtcNow();
        return new AuthUser
        {
            Id = Guid.CreateVersion7(now),
            Email = email,
            EncryptedPassword = passwordHash,
            AppMetadata = new JsonObject { ["provider"] = "email", ["providers"] = new JsonArray("email") },
            UserMetadata = Metadata.Merge([], data),
            CreatedAt = now,
            UpdatedAt = now,
            ConfirmationSentAt = options.AutoConfirm ? null : now,
        };
    }

    private Task<JsonObject> StoreAsync(AuthUser candidate, HttpContext context) => database.InTransactionAsync(
        async connection =>
        {
            var existing = await connection.FindByEmailForUpdateAsync(candidate.Email!, context.RequestAborted);
            if (existing?.EmailConfirmedAt is not null)
            {
                return options.AutoConfirm
                    ? throw new AuthException(StatusCodes.Status422UnprocessableEntity, "user_already_exists", "User already registered")
                    : candidate.ToJson();     // made up: nothing of it is stored, so addresses cannot be probed
            }

            if (!options.AutoConfirm)
            {
                return (existing ?? await InsertAsync(connection, candidate, context.RequestAborted)).ToJson();
            }

            var user = await ConfirmAsync(connection, existing, candidate, context.RequestAborted);
            return await sessions.StartAsync(connection, user, "password", context);
        },
        context.RequestAborted);

    private static async Task<AuthUser> InsertAsync(NpgsqlConnection connection, AuthUser user, CancellationToken cancellationToken)
    {
        await connection.InsertAsync(user, cancellationToken);
        await connection.SaveAddressIdentityAsync(user, "email", IdentityOf(user), cancellationToken);
        return await connection.FindAsync(user.Id, cancellationToken) ?? user;
    }

    /// <summary>
    /// An address that was never confirmed belongs to nobody yet: whoever signs up while no mail is asked for takes it over with a
    /// password and data of their own, and what the first claimant set is gone.
    /// </summary>
    private static async Task<AuthUser> ConfirmAsync(
        NpgsqlConnection connection, AuthUser? existing, AuthUser candidate, CancellationToken cancellationToken)
    {
        var metadata = Metadata.Merge(candidate.UserMetadata, new JsonObject { ["email_verified"] = true });
        if (existing is null)
        {
            return await InsertAsync(
                connection, candidate with { UserMetadata = metadata, EmailConfirmedAt = candidate.CreatedAt }, cancellationToken);
        }

        var confirmed = existing with
        {
            EncryptedPassword = candidate.EncryptedPassword,
            UserMetadata = metadata,
            EmailConfirmedAt = candidate.CreatedAt,
            UpdatedAt = candidate.CreatedAt,
        };
        await connection.UpdateAsync(confirmed, cancellationToken);
        await connection.SaveAddressIdentityAsync(confirmed, "email", IdentityOf(confirmed), cancellationToken);
        await connection.EndAllAsync(confirmed.Id, cancellationToken);
        return confirmed;
    }

    private static JsonObject IdentityOf(AuthUser user)
    {
        var data = AddressIdentity.Of(user);
        foreach (var (key, value) in user.UserMetadata)
        {
            if (!data.ContainsKey(key))
            {
                data[key] = value?.DeepClone();
            }
        }

        return data;
    }
}
