using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Auth.OneTime;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Mail;

namespace Platform.LocalSupabase.Auth.Admin;

/// <summary>Gives an administrator the link that a mail would carry, or has it mailed as an invitation.</summary>
internal sealed class GenerateLink(
    AuthDatabase database, Bearer bearer, UserLinks links, TokenMailer mailer, RedirectTargets targets, TimeProvider clock)
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
        var target = TargetOf(context, request);
        var (user, issued, link) = await CreateAsync(
            context, request, (connection, link) => mailer.IssueAsync(
                connection, link.User, link.Mail, link.Token, link.Address, target, context.RequestAborted));
        var answer = user.ToJson();
        answer["action_link"] = issued.Link;
        answer["email_otp"] = issued.Code;
        answer["hashed_token"] = issued.Hash;
        answer["verification_type"] = request.Type is "email_change_current" or "email_change_new" ? request.Type : link.VerificationType;
        answer["redirect_to"] = target.RedirectTo;
        return TypedResults.Json(answer);
    }

    private async Task<IResult> InviteAsync(HttpContext context)
    {
        await bearer.RequireAdminAsync(context);
        var request = await AuthBody.ReadAsync<UserLinkRequest>(context.Request) with { Type = "invite" };
        var target = TargetOf(context, request);
        var (user, _, _) = await CreateAsync(context, request, async (connection, link) =>
        {
            await mailer.SendAsync(connection, link.User, MailKind.Invite, target, context.RequestAborted);
            return link;
        });
        return TypedResults.Json(user.ToJson());
    }

    private MailTarget TargetOf(HttpContext context, UserLinkRequest request) => new(
        !string.IsNullOrEmpty(request.RedirectTo) && targets.IsAllowed(request.RedirectTo) ? request.RedirectTo : targets.Of(context), null);

    private async Task<(AuthUser User, T Result, UserLink Link)> CreateAsync<T>(
        HttpContext context, UserLinkRequest request, Func<NpgsqlConnection, UserLink, Task<T>> finish)
    {
        var passwordHash = await links.HashAsync(request, context.RequestAborted);
        try
        {
            return await database.InTransactionAsync(
                async connection =>
                {
                    var link = await links.CreateAsync(connection, request, passwordHash, context.RequestAborted);
                    var result = await finish(connection, link);
                    await connection.AuditAdminAsync(
                        context, clock.GetUtcNow(), link.VerificationType == "invite" ? "user_invited" : "user_link_generated", link.User);
                    return (await connection.FindAsync(link.User.Id, context.RequestAborted) ?? link.User, result, link);
                },
                context.RequestAborted);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw AdminUsers.Translate(exception);     // somebody took the address at the same moment
        }
    }
}
