using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Auth.Flows;
using Platform.LocalSupabase.Auth.Limits;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Mail;

namespace Platform.LocalSupabase.Auth.OneTime;

internal sealed record RecoverRequest(string? Email, string? CodeChallenge, string? CodeChallengeMethod, MetaSecurity? GotrueMetaSecurity);

/// <summary>Mails a way in to somebody who forgot the password. The answer is the same for an address that nobody has.</summary>
internal sealed class Recover(AuthDatabase database, TokenMailer mailer, MailLimits limits, RedirectTargets redirects, Captcha captcha)
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/recover", (HttpContext context, Recover slice) => slice.HandleAsync(context))
        .AddEndpointFilter<EvenAnswers>()
        .WithMetadata(new LimitedByAddress(AddressLimit.Requests));

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        var request = await AuthBody.ReadAsync<RecoverRequest>(context.Request);
        await captcha.CheckAsync(request.GotrueMetaSecurity, context);
        if (string.IsNullOrEmpty(request.Email))
        {
            throw AuthException.Validation("Password recovery requires an email");
        }

        var email = EmailAddress.Normalize(request.Email);
        var target = new MailTarget(redirects.Of(context), CodeChallenge.Parse(request.CodeChallenge, request.CodeChallengeMethod));
        await database.InTransactionAsync(
            async connection =>
            {
                var user = await connection.FindByEmailForUpdateAsync(email, context.RequestAborted);
                if (user is null)
                {
                    limits.Pretend(email, MailKind.Recovery);
                }
                else
                {
                    await mailer.SendAsync(connection, user, MailKind.Recovery, target, context.RequestAborted);
                }
            },
            context.RequestAborted);
        return TypedResults.Json(new JsonObject());
    }
}
