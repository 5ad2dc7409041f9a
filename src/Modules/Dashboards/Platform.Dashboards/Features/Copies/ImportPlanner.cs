using System.Security.Cryptography;
using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Dashboards.Features.Copies;

/// <summary>What an import comes to.</summary>
/// <param name="Id">The dashboard that it makes or changes.</param>
/// <param name="Existing">The caller's dashboard of that id, tracked; null to make one.</param>
/// <param name="Document">What the dashboard becomes.</param>
/// <param name="Widgets">How many widgets are new, changed and gone.</param>
/// <param name="Unresolved">Connectors that the caller does not have.</param>
internal sealed record ImportPlan(
    Guid Id, Dashboard? Existing, BoardDocument Document, ImportCounts Widgets, IReadOnlyList<ConnectorReference> Unresolved)
{
    public const string Create = "create";
    public const string Update = "update";

    public ImportResponse ToResponse(bool dryRun) =>
        new(Id, Document.Name, Existing is null ? Create : Update, dryRun, Widgets, Unresolved);
}

/// <summary>
/// Works out what a file means for the caller. Ids are kept. Where somebody else has an id already, as on the server that the file came from,
/// the caller gets another that is always the same one, so that a second import changes what the first has made.
/// </summary>
internal sealed class ImportPlanner(DashboardsDbContext db, IMediator mediator, ICurrentCaller caller)
{
    private static readonly JsonElement Empty = JsonSerializer.SerializeToElement(new { });

    public async Task<ImportPlan> PlanAsync(ExportedDashboard file, CancellationToken cancellationToken)
    {
        var board = file.Dashboard;
        var wanted = board.Widgets.Select(widget => widget.Id).Append(board.Id).ToArray();
        var others = (await db.Database.SqlQuery<Guid>($"select id as \"Value\" from dashboards.ids_of_others({wanted})")
            .ToListAsync(cancellationToken)).ToHashSet();
        var id = IdOf(board.Id, others);
        var existing = await db.Dashboards.Include(dashboard => dashboard.Widgets)
            .SingleOrDefaultAsync(dashboard => dashboard.Id == id && dashboard.UserId == caller.UserId, cancellationToken);
        others.UnionWith(await ElsewhereAsync(id, wanted, cancellationToken));
        var connectors = await ConnectorNames.ReadAsync(mediator, cancellationToken);
        var widgets = board.Widgets.Select(widget => new WidgetDocument(
            IdOf(widget.Id, others), widget.Type, widget.Config ?? Empty,
            widget.DataQuery is null ? null : JsonSerializer.SerializeToElement(widget.DataQuery, PlatformJson.Options),
            widget.Connector is { } reference ? connectors.Find(reference) : null,
            widget.PositionX, widget.PositionY, widget.Width, widget.Height)).ToList();
        var document = new BoardDocument(board.Name.Trim(), board.Description, board.Layout ?? Empty, board.Config ?? Empty, widgets);
        var unresolved = board.Widgets.Select(widget => widget.Connector).OfType<ConnectorReference>()
            .Where(reference => connectors.Find(reference) is null).DistinctBy(reference => reference.Id).ToList();
        // What the grid refuses is refused in a dry run, too.
        _ = Dashboard.From(id, caller.UserId, document, DateTimeOffset.UnixEpoch);
        return new ImportPlan(id, existing, document, Count(existing, widgets), unresolved);
    }

    // Widgets of these ids on another board of the caller's: a widget does not move from board to board.
    private Task<List<Guid>> ElsewhereAsync(Guid dashboardId, Guid[] wanted, CancellationToken cancellationToken) =>
        db.Widgets.AsNoTracking().Where(widget => wanted.Contains(widget.Id) && widget.DashboardId != dashboardId)
            .Select(widget => widget.Id).ToListAsync(cancellationToken);

    private Guid IdOf(Guid id, HashSet<Guid> taken)
    {
        if (!taken.Contains(id))
        {
            return id;
        }

        // A UUID of version 8 (RFC 9562, section 5.8) of the caller and the id.
        var hash = SHA256.HashData([.. caller.UserId.ToByteArray(bigEndian: true), .. id.ToByteArray(bigEndian: true)])[..16];
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash, bigEndian: true);
    }

    private static ImportCounts Count(Dashboard? existing, List<WidgetDocument> widgets)
    {
        var before = existing?.Widgets.ToDictionary(widget => widget.Id, widget => widget.Document) ?? [];
        var after = widgets.Select(widget => widget.Id).ToHashSet();
        return new ImportCounts(
            widgets.Count(widget => !before.ContainsKey(widget.Id)),
            widgets.Count(widget => before.TryGetValue(widget.Id, out var known) && !IsSame(known, widget)),
            before.Keys.Count(id => !after.Contains(id)));
    }

    private static bool IsSame(WidgetDocument one, WidgetDocument other) =>
        one.Place == other.Place && one.Type == other.Type && one.ConnectorId == other.ConnectorId
        && JsonElement.DeepEquals(one.Config, other.Config)
        && (one.DataQuery is { } query && other.DataQuery is { } otherQuery
            ? JsonElement.DeepEquals(query, otherQuery)
            : one.DataQuery is null == other.DataQuery is null);
}
