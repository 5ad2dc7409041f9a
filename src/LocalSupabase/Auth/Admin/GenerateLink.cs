using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Auth.Mail;
using Platform.LocalSupabase.Auth.Sessions;

namespace Platform.LocalSupabase.Auth.Admin;

/// <summary>Gives an administrator the link that a mail would carry, or has it mailed as an invitation.</summary>
internal sealed class GenerateLink(AuthDatabase database, Bearer bearer, UserLinks links, IAuthMailer mailer, TimeProvider clock)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/admin/generate_link", (HttpContext context, GenerateLink slice) => slice.GenerateAsync(context));
        routes.MapPost("/invite", (HttpContext context, GenerateLink slice) => slice.InviteAsync(context));
    }

    private async Task<IResult> GenerateAsync(HttpContext context)
    {
        await bearer.RequireAdminAsync(context);
        var request = await AuthBody.ReadAsync<UserLinkRequest>(context.Request);
        var link = await CreateAsync(context, request);
        var redirectTo = links.RedirectOf(context.Request, request.RedirectTo);
        var answer = link.User.ToJson();
        answer["action_link"] = links.UrlOf(link, redirectTo);
        answer["email_otp"] = link.Token.Code;
        answer["hashed_token"] = link.Token.Hash;
        answer["verification_type"] = request.Type is "email_change_current" or "email_change_new" ? request.Type : link.VerificationType;
        answer["redirect_to"] = redirectTo;
        return TypedResults.Json(answer);
    }

    private async Task<IResult> InviteAsync(HttpContext context)
    {
        await bearer.RequireAdminAsync(context);
        var request = await AuthBody.ReadAsync<UserLinkRequest>(context.Request) with { Type = "invite" };
        var link = await CreateAsync(context, request);
        var url = links.UrlOf(link, links.RedirectOf(context.Request, request.RedirectTo));
        await mailer.InviteAsync(link.User, url, link.Token.Code, context.RequestAborted);
        return TypedResults.Json(link.User.ToJson());
    }

    private async Task<UserLink> CreateAsync(HttpContext context, UserLinkRequest request)
    {
        try
        {
            return await database.InTransactionAsync(
                async connection =>
                {
                    var link = await links.CreateAsync(connection, request, context.RequestAborted);
                    await connection.AuditAdminAsync(
                        context, clock.GetUtcNow(), link.VerificationType == "invite" ? "user_invited" : "user_link_generated", link.User);
                    return link;
                },
                context.RequestAborted);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw AdminUsers.Translate(exception);     // somebody took the address at the same moment
        }
    }
}
