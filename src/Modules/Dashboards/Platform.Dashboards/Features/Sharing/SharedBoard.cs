using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Sharing;

/// <summary>A board as its link opens it; never shown as it is.</summary>
internal sealed record SharedBoard(
    Guid LinkId, string? PasswordHash, JsonElement Locked, JsonElement AllowedOrigins, DateTimeOffset? ExpiresAt, Guid DashboardId, Guid OwnerId,
    BoardDocument Document)
{
    /// <summary>Records print their members; this one must never print its password's hash.</summary>
    public override string ToString() => $"SharedBoard {{ LinkId = {LinkId} }}";
}

/// <summary>The board of the visitor's link. A link that was ended or has expired opens nothing.</summary>
internal sealed record OpenSharedBoardQuery : IQuery<SharedBoard>;

internal sealed class OpenSharedBoardHandler(DashboardsDbContext db) : IRequestHandler<OpenSharedBoardQuery, SharedBoard>
{
    public async Task<SharedBoard> Handle(OpenSharedBoardQuery request, CancellationToken cancellationToken)
    {
        // Row-level security shows a visitor one link and, while it stands, one dashboard.
        var dashboard = await db.Dashboards.AsNoTracking().Include(dashboard => dashboard.Widgets).SingleOrDefaultAsync(cancellationToken);
        var link = dashboard is null ? null : await db.ShareLinks.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        return dashboard is not null && link is not null
            ? new SharedBoard(
                link.Id, link.PasswordHash, link.LockedParameters, link.AllowedOrigins, link.ExpiresAt, dashboard.Id, dashboard.UserId,
                dashboard.Document)
            : throw new NotFoundException("share_link_not_found", "There is no such share link, or it has ended.");
    }
}

/// <summary>Counts that the visitor's link was used.</summary>
internal sealed record CountShareLinkUseCommand : ICommand;

internal sealed class CountShareLinkUseHandler(DashboardsDbContext db) : AsyncRequestHandler<CountShareLinkUseCommand>
{
    protected override Task Handle(CountShareLinkUseCommand request, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"select dashboards.count_share_link_use()", cancellationToken);
}

/// <summary>Takes an attempt at the password of the visitor's link. Answers until when the link is locked, or null.</summary>
internal sealed record TakePasswordAttemptCommand : ICommand<DateTimeOffset?>;

internal sealed class TakePasswordAttemptHandler(DashboardsDbContext db) : IRequestHandler<TakePasswordAttemptCommand, DateTimeOffset?>
{
    public async Task<DateTimeOffset?> Handle(TakePasswordAttemptCommand request, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<DateTimeOffset?>($"select dashboards.take_share_password_attempt() as \"Value\"")
            .ToListAsync(cancellationToken))[0];
}

/// <summary>The password was right: earlier attempts count no more.</summary>
internal sealed record ForgivePasswordAttemptsCommand : ICommand;

internal sealed class ForgivePasswordAttemptsHandler(DashboardsDbContext db) : AsyncRequestHandler<ForgivePasswordAttemptsCommand>
{
    protected override Task Handle(ForgivePasswordAttemptsCommand request, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"select dashboards.forgive_share_password_attempts()", cancellationToken);
}
