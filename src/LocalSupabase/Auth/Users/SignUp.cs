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
using Platform.LocalSupabase.Mail;

namespace Platform.LocalSupabase.Auth.Users;

internal sealed record SignUpRequest(
    string? Email, string? Phone, string? Password, JsonObject? Data, string? CodeChallenge, string? CodeChallengeMethod,
    MetaSecurity? GotrueMetaSecurity);

/// <summary>Signs somebody up: with a password, or without saying who it is.</summary>
internal sealed class SignUp(
    LocalSupabaseOptions options, Accounts accounts, NewPassword passwords, SessionIssuer sessions, TimeProvider clock)
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/signup", (
            HttpContext context, SignUp slice, AnonymousSignUp anonymous, Captcha captcha, MailLimits limits, RedirectTargets redirects) =>
            slice.HandleAsync(context, anonymous, captcha, limits, redirects))
        .AddEndpointFilter<EvenAnswers>()
        .WithMetadata(new LimitedByAddress(AddressLimit.Requests));

    private async Task<IResult> HandleAsync(
        HttpContext context, AnonymousSignUp anonymous, Captcha captcha, MailLimits limits, RedirectTargets redirects)
    {
        var request = await AuthBody.ReadAsync<SignUpRequest>(context.Request);
        await captcha.CheckAsync(request.GotrueMetaSecurity, context);
        if (options.DisableSignup)
        {
            throw AuthException.SignupDisabled();
        }

        if (string.IsNullOrEmpty(request.Email) && string.IsNullOrEmpty(request.Phone))
        {
            return TypedResults.Json(await anonymous.StartAsync(request.Data, context));
        }

        // The hash is made in any case, so that the time of the answer does not tell whether the address is known.
        var passwordHash = await CheckAsync(request, context.RequestAborted);
        var (email, phone) = AddressOf(request);
        var target = new MailTarget(redirects.Of(context), CodeChallenge.Parse(request.CodeChallenge, request.CodeChallengeMethod));
        var answer = await accounts.OpenAsync(
            accounts.Candidate(email, phone, passwordHash, request.Data),
            target,
            mayCreate: true,
            (connection, account) => AnswerAsync(connection, account, request, limits, context),
            context.RequestAborted);
        return TypedResults.Json(answer);
    }

    private async Task<string> CheckAsync(SignUpRequest request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.Password))
        {
            throw AuthException.Validation("Signup requires a valid password");
        }

        return await passwords.HashAsync(request.Password, cancellationToken);
    }

    private (string? Email, string? Phone) AddressOf(SignUpRequest request)
    {
        if (!string.IsNullOrEmpty(request.Email) && !string.IsNullOrEmpty(request.Phone))
        {
            throw AuthException.Validation("Only an email address or phone number should be provided on signup.");
        }

        if (string.IsNullOrEmpty(request.Email))
        {
            return options.Auth.PhoneEnabled ? (null, PhoneNumber.Normalize(request.Phone!)) : throw AuthException.PhoneDisabled();
        }

        var email = EmailAddress.Normalize(request.Email);
        return options.Auth.EmailEnabled ? (email, null) : throw AuthException.EmailDisabled();
    }

    private async Task<JsonObject> AnswerAsync(
        NpgsqlConnection connection, OpenedAccount account, SignUpRequest request, MailLimits limits, HttpContext context)
    {
        if (account.State == AccountState.Confirmed)
        {
            return await sessions.StartAsync(connection, account.User, "password", context);
        }

        if (account.State == AccountState.Pending)
        {
            return account.User.ToJson();
        }

        var byEmail = !string.IsNullOrEmpty(request.Email);
        if (accounts.ConfirmsAtOnce(byEmail))
        {
            throw new AuthException(StatusCodes.Status422UnprocessableEntity, "user_already_exists", "User already registered");
        }

        // Made up: nothing of it is stored, so addresses cannot be probed.
        if (byEmail)
        {
            limits.Pretend(account.User.Email!, MailKind.Confirmation);
        }

        var madeUp = accounts.Candidate(byEmail ? account.User.Email : null, byEmail ? null : account.User.Phone, null, request.Data);
        return (madeUp with { ConfirmationSentAt = clock.GetUtcNow() }).ToJson();
    }
}
