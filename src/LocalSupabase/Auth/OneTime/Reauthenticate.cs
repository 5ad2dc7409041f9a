using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Mail;

namespace Platform.LocalSupabase.Auth.OneTime;

/// <summary>Mails the nonce that a change of the password may take.</summary>
internal sealed class Reauthenticate(AuthDatabase database, Bearer bearer, TokenMailer mailer)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/reauthenticate", (HttpContext context, Reauthenticate slice) => slice.HandleAsync(context));

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        var caller = await bearer.RequireUserAsync(context);
        if (string.IsNullOrEmpty(caller.User.Email))
        {
            throw AuthException.Validation("Reauthentication requires the user to have an email or a phone number");
        }

        if (caller.User.EmailConfirmedAt is null)
        {
            throw new AuthException(StatusCodes.Status422UnprocessableEntity, "email_not_confirmed", "Please verify your email first.");
        }

        await database.InTransactionAsync(
            async connection =>
            {
                var user = await connection.FindForUpdateAsync(caller.User.Id, context.RequestAborted)
                    ?? throw AuthException.UserNotFound(StatusCodes.Status403Forbidden);
                await mailer.SendAsync(connection, user, MailKind.Reauthentication, new MailTarget("", null), context.RequestAborted);
                return true;
            },
            context.RequestAborted);
        return TypedResults.Json(new JsonObject());
    }
}
