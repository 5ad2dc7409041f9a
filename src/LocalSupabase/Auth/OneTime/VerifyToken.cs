using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Auth.Limits;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.OneTime;

internal sealed record VerifyTokenRequest(string? Type, string? Token, string? TokenHash, string? Email, string? Phone);

/// <summary>Takes the code of a mail or a message, or the hash of a link, from the application itself.</summary>
internal sealed class VerifyToken(AuthDatabase database, Verification verification, SessionIssuer sessions, GuessLimits guesses)
{
    public const string HalfConfirmed = "Confirmation link accepted. Please proceed to confirm link sent to the other email";

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/verify", (HttpContext context, VerifyToken slice) => slice.HandleAsync(context))
        .WithMetadata(new LimitedByAddress(AddressLimit.Verifications));

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        var request = await AuthBody.ReadAsync<VerifyTokenRequest>(context.Request);
        var type = TypeOf(request.Type);
        var address = AddressOf(request, type);
        if (address is not null)
        {
            guesses.Begin(context, address);
            if (!guesses.MayTryCode(address))
            {
                throw Verification.Expired(isLink: false);
            }
        }

        var hash = address is null ? request.TokenHash! : OneTimeToken.HashOf(address, request.Token!);
        var answer = await database.InTransactionAsync(
            async connection =>
            {
                var verified = await verification.SpendAsync(connection, hash, type, address, context.RequestAborted);
                return verified.IsComplete
                    ? await sessions.StartAsync(connection, verified.User, "otp", context)
                    : new JsonObject { ["msg"] = HalfConfirmed, ["code"] = "200" };
            },
            context.RequestAborted);
        if (address is not null)
        {
            guesses.WasRight(context, address);
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(answer);
    }

    /// <summary>The type, checked.</summary>
    public static string TypeOf(string? type)
    {
        if (string.IsNullOrEmpty(type))
        {
            throw AuthException.Validation("Verify requires a verification type");
        }

        return Verification.KindsOf(type) is null ? throw AuthException.Validation("Invalid verification type") : type;
    }

    private static string? AddressOf(VerifyTokenRequest request, string type)
    {
        if (string.IsNullOrEmpty(request.Token) == string.IsNullOrEmpty(request.TokenHash))
        {
            throw AuthException.Validation("Verify requires either a token or a token hash");
        }

        var (hasEmail, hasPhone) = (!string.IsNullOrEmpty(request.Email), !string.IsNullOrEmpty(request.Phone));
        if (!string.IsNullOrEmpty(request.TokenHash))
        {
            return hasEmail || hasPhone ? throw AuthException.Validation("Only the token_hash and type should be provided") : null;
        }

        if (hasEmail == hasPhone)
        {
            throw AuthException.Validation("Only an email address or phone number should be provided on verify");
        }

        var isOfPhone = type is "sms" or "phone_change";
        if (isOfPhone != hasPhone)
        {
            throw AuthException.Validation(hasPhone ? "Invalid sms verification type" : "Invalid email verification type");
        }

        return hasPhone ? PhoneNumber.Normalize(request.Phone!) : EmailAddress.Normalize(request.Email);
    }
}
