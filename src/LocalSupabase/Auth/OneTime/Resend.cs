using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Auth.Flows;
using Platform.LocalSupabase.Auth.Limits;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Mail;

namespace Platform.LocalSupabase.Auth.OneTime;

internal sealed record ResendRequest(
    string? Type, string? Email, string? Phone, string? CodeChallenge, string? CodeChallengeMethod, MetaSecurity? GotrueMetaSecurity);

/// <summary>Sends a confirmation once more. Where there is nothing to confirm the answer is the same.</summary>
internal sealed class Resend(
    LocalSupabaseOptions options, AuthDatabase database, TokenMailer mailer, PhoneCodes phones, MailLimits limits)
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/resend", (HttpContext context, Resend slice, Captcha captcha, RedirectTargets redirects) =>
            slice.HandleAsync(context, captcha, redirects))
        .AddEndpointFilter<EvenAnswers>()
        .WithMetadata(new LimitedByAddress(AddressLimit.Requests));

    private async Task<IResult> HandleAsync(HttpContext context, Captcha captcha, RedirectTargets redirects)
    {
        var request = await AuthBody.ReadAsync<ResendRequest>(context.Request);
        await captcha.CheckAsync(request.GotrueMetaSecurity, context);
        var target = new MailTarget(redirects.Of(context), CodeChallenge.Parse(request.CodeChallenge, request.CodeChallengeMethod));
        switch (request.Type)
        {
            case "signup" or "email_change":
                await MailAsync(request.Type, EmailOf(request), target, context.RequestAborted);
                return TypedResults.Json(new JsonObject());
            case "sms" or "phone_change":
                await MessageAsync(request.Type, PhoneOf(request), context.RequestAborted);
                return TypedResults.Json(new JsonObject { ["message_id"] = PhoneCodes.MessageId });
            default:
                throw AuthException.Validation("Missing one of these types: signup, email_change, sms, phone_change");
        }
    }

    private string EmailOf(ResendRequest request)
    {
        var email = TheOne(request.Email, request.Phone, "Type provided requires an email address");
        return options.Auth.EmailEnabled ? EmailAddress.Normalize(email) : throw AuthException.EmailDisabled("Email logins are disabled");
    }

    private string PhoneOf(ResendRequest request)
    {
        var phone = TheOne(request.Phone, request.Email, "Type provided requires a phone number");
        return options.Auth.PhoneEnabled ? PhoneNumber.Normalize(phone) : throw AuthException.PhoneDisabled("Phone logins are disabled");
    }

    private static string TheOne(string? wanted, string? other, string missing) =>
        string.IsNullOrEmpty(wanted) ? throw AuthException.Validation(missing)
        : string.IsNullOrEmpty(other) ? wanted
        : throw AuthException.Validation("Only an email address or phone number should be provided.");

    private Task MailAsync(string type, string email, MailTarget target, CancellationToken cancellationToken)
    {
        var kind = type == "signup" ? MailKind.Confirmation : MailKind.EmailChange;
        return database.InTransactionAsync(
            async connection =>
            {
                var user = await connection.FindByEmailForUpdateAsync(email, cancellationToken);
                var isWaited = user is not null
                    && (kind == MailKind.Confirmation ? user.EmailConfirmedAt is null : !string.IsNullOrEmpty(user.NewEmail));
                if (isWaited)
                {
                    await mailer.SendAsync(connection, user!, kind, target, cancellationToken);
                }
                else
                {
                    limits.Pretend(email, kind);
                }
            },
            cancellationToken);
    }

    private Task MessageAsync(string type, string phone, CancellationToken cancellationToken) => database.InTransactionAsync(
        async connection =>
        {
            var user = await connection.FindByPhoneForUpdateAsync(phone, cancellationToken);
            var isWaited = user is not null && (type == "sms" ? user.PhoneConfirmedAt is null : !string.IsNullOrEmpty(user.NewPhone));
            if (isWaited)
            {
                var (kind, number) = type == "sms" ? (TokenKind.Confirmation, phone) : (TokenKind.PhoneChange, user!.NewPhone!);
                await phones.SendAsync(connection, user!, kind, number, cancellationToken);
            }
        },
        cancellationToken);
}
