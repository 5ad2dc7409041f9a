using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Flows;
using Platform.LocalSupabase.Auth.Limits;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Mail;

namespace Platform.LocalSupabase.Auth.OneTime;

internal sealed record SendOtpRequest(
    string? Email, string? Phone, bool? CreateUser, JsonObject? Data, string? CodeChallenge, string? CodeChallengeMethod,
    MetaSecurity? GotrueMetaSecurity);

/// <summary>Signs in without a password: a mail with a link and a code, or a code for a phone.</summary>
internal sealed class SendOtp(
    LocalSupabaseOptions options, Accounts accounts, TokenMailer mailer, PhoneCodes phones, RedirectTargets redirects)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapPost("/otp", (HttpContext context, SendOtp slice, Captcha captcha) =>
                slice.HandleAsync(context, captcha, mailAlone: false))
            .WithMetadata(new LimitedByAddress(AddressLimit.Requests));
        routes
            .MapPost("/magiclink", (HttpContext context, SendOtp slice, Captcha captcha) =>
                slice.HandleAsync(context, captcha, mailAlone: true))
            .WithMetadata(new LimitedByAddress(AddressLimit.Requests));
    }

    private async Task<IResult> HandleAsync(HttpContext context, Captcha captcha, bool mailAlone)
    {
        var request = await AuthBody.ReadAsync<SendOtpRequest>(context.Request);
        await captcha.CheckAsync(request.GotrueMetaSecurity, context);
        if (!string.IsNullOrEmpty(request.Email) && !string.IsNullOrEmpty(request.Phone))
        {
            throw AuthException.Validation("Only an email address or phone number should be provided");
        }

        var target = new MailTarget(redirects.Of(context), CodeChallenge.Parse(request.CodeChallenge, request.CodeChallengeMethod));
        var mayCreate = mailAlone || request.CreateUser is not false;
        if (string.IsNullOrEmpty(request.Phone) || mailAlone)
        {
            await MailAsync(request, target, mayCreate, context.RequestAborted);
            return TypedResults.Json(new JsonObject());
        }

        await MessageAsync(request, target, mayCreate, context.RequestAborted);
        return TypedResults.Json(new JsonObject { ["message_id"] = PhoneCodes.MessageId });
    }

    private async Task MailAsync(SendOtpRequest request, MailTarget target, bool mayCreate, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.Email))
        {
            throw AuthException.Validation("One of email or phone must be set");
        }

        var email = EmailAddress.Normalize(request.Email);
        if (!options.Auth.EmailEnabled)
        {
            throw AuthException.EmailDisabled("Email logins are disabled", StatusCodes.Status422UnprocessableEntity);
        }

        await OpenAsync(
            accounts.Candidate(email, null, null, request.Data), target, mayCreate,
            (connection, user) => mailer.SendAsync(connection, user, MailKind.MagicLink, target, cancellationToken), cancellationToken);
    }

    private async Task MessageAsync(SendOtpRequest request, MailTarget target, bool mayCreate, CancellationToken cancellationToken)
    {
        var phone = PhoneNumber.Normalize(request.Phone!);
        if (!options.Auth.PhoneEnabled)
        {
            throw AuthException.PhoneDisabled("Unsupported phone provider");
        }

        await OpenAsync(
            accounts.Candidate(null, phone, null, request.Data), target, mayCreate,
            (connection, user) => phones.SendAsync(connection, user, TokenKind.Confirmation, phone, cancellationToken), cancellationToken);
    }

    private Task<AccountState> OpenAsync(
        AuthUser candidate, MailTarget target, bool mayCreate, Func<NpgsqlConnection, AuthUser, Task> sendAsync,
        CancellationToken cancellationToken) => accounts.OpenAsync(
            candidate,
            target,
            mayCreate,
            async (connection, account) =>
            {
                // A pending account has its mail already, and what is in it signs in as well.
                if (account.State != AccountState.Pending)
                {
                    await sendAsync(connection, account.User);
                }

                return account.State;
            },
            cancellationToken);
}
