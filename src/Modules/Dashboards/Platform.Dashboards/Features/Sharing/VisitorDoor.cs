using System.Globalization;
using MediatR;
using Microsoft.AspNetCore.Http;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Http;

namespace Platform.Dashboards.Features.Sharing;

/// <summary>Lets a visitor in by token and password.</summary>
internal sealed class VisitorDoor(ICurrentCaller caller, IMediator mediator, SharePasswords passwords, TimeProvider clock)
{
    public const string PasswordHeader = "X-Share-Password";

    /// <summary>Opens the board, or says why not: the problem, and after how many seconds another try makes sense.</summary>
    public async Task<(SharedBoard? Board, Problem? Refused, int? RetryAfter)> OpenAsync(
        string token, string? password, CancellationToken cancellationToken)
    {
        // Whoever else they may be: through a link, everybody is the link's visitor.
        caller.Caller = ShareTokens.VisitorOf(token);
        var board = await mediator.Send(new OpenSharedBoardQuery(), cancellationToken);
        if (board.PasswordHash is not { } stored || (password is not null && passwords.IsKnown(password, stored)))
        {
            return (board, null, null);
        }

        if (string.IsNullOrEmpty(password))
        {
            return (null, new Problem(401, "share_password_required", "The link needs its password."), null);
        }

        if (await mediator.Send(new TakePasswordAttemptCommand(), cancellationToken) is { } lockedUntil)
        {
            var wait = Math.Max(1, (int)Math.Ceiling((lockedUntil - clock.GetUtcNow()).TotalSeconds));
            return (null, new Problem(429, "share_password_locked", "There were too many wrong passwords. Wait a while."), wait);
        }

        if (!passwords.Verify(password, stored))
        {
            return (null, new Problem(401, "share_password_wrong", "The password is wrong."), null);
        }

        await mediator.Send(new ForgivePasswordAttemptsCommand(), cancellationToken);
        return (board, null, null);
    }

    /// <summary>Answers with the refusal.</summary>
    public static Task RefuseAsync(HttpContext http, Problem refused, int? retryAfter)
    {
        if (retryAfter is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return refused.WriteAsync(http);
    }

    /// <summary>Says who may show the answer in a frame (CSP, frame-ancestors), and that no password may leak through a cache.</summary>
    public static void WriteHeaders(HttpContext http, SharedBoard board)
    {
        var origins = board.AllowedOrigins.EnumerateArray().Select(origin => origin.GetString()).ToList();
        http.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; frame-ancestors {(origins.Count == 0 ? "'none'" : string.Join(' ', origins))}";
        http.Response.Headers.Vary = PasswordHeader;
        http.Response.Headers["Surrogate-Key"] = $"dashboard-{board.DashboardId} share-link-{board.LinkId}";
    }
}
