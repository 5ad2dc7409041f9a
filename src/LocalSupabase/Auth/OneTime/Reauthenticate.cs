using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Mail;

namespace Platform.LocalSupabase.Auth.OneTime;

/// <summary>Sends the nonce that a change of the password may take: by mail, or to the phone of somebody without an address.</summary>
internal sealed class Reauthenticate(AuthDatabase database, Bearer bearer, TokenMailer mailer, PhoneCodes phones)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/reauthenticate", (HttpContext context, Reauthenticate slice) => slice.HandleAsync(context));

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        var caller = await bearer.RequireUserAsync(context);
        var byEmail = !string.IsNullOrEmpty(caller.User.Email);
        if (!byEmail && string.IsNullOrEmpty(caller.User.Phone))
        {
            throw AuthException.Validation("Reauthentication requires the user to have an email or a phone number");
        }

        if ((byEmail ? caller.User.EmailConfirmedAt : caller.User.PhoneConfirmedAt) is null)
        {
            throw new AuthException(
                StatusCodes.Status422UnprocessableEntity, byEmail ? "email_not_confirmed" : "phone_not_confirmed",
                byEmail ? "Please verify your email first." : "Please verify your phone first.");
        }

        await database.InTransactionAsync(
            async connection =>
            {
                var user = await connection.FindForUpdateAsync(caller.User.Id, context.RequestAborted)
                    ?? throw AuthException.UserNotFound(StatusCodes.Status403Forbidden);
                await (byEmail
                    ? mailer.SendAsync(connection, user, MailKind.Reauthentication, new MailTarget("", null), context.RequestAborted)
                    : phones.SendAsync(connection, user, TokenKind.Reauthentication, user.Phone!, context.RequestAborted));
            },
            context.RequestAborted);
        return TypedResults.Json(new JsonObject());
    }
}
