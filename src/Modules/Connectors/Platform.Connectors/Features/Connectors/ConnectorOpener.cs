using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Connectors.Persistence;
using Platform.Connectors.Types;
using Platform.SharedKernel.Errors;

namespace Platform.Connectors.Features.Connectors;

/// <summary>A connector of the caller, ready to reach its source.</summary>
internal sealed record OpenConnector(IConnectorType Type, ConnectorSettings Settings, string Status);

/// <summary>Opens a connector of the caller: its row, its type and its credentials.</summary>
internal sealed class ConnectorOpener(
    ConnectorsDbContext db, ConnectorTypes types, Credentials credentials, IOptions<ConnectorsOptions> options)
{
    public async Task<OpenConnector> OpenAsync(Guid id, string capability, CancellationToken cancellationToken)
    {
        var row = await db.Connectors.AsNoTracking()
            .Where(connector => connector.Id == id)
            .Select(connector => new { connector.UserId, connector.Type, connector.Config, connector.Status })
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw NotFound();
        if (!types.TryGet(row.Type, out var type))
        {
            throw new ConflictException("connector_type_unknown", "This server has no such connector type.");
        }

        RuleViolationException.ThrowIf(
            !type.Capabilities.Contains(capability), "capability_missing", $"A connector of this type cannot do that: {capability}.");
        RuleViolationException.ThrowIf(
            row.Status == Domain.ConnectorStatus.Paused && capability != ConnectorTypes.Test,
            "connector_paused", "The connector is paused.");
        var settings = new ConnectorSettings(row.UserId, id, row.Config, await credentials.OpenAsync(id, cancellationToken));
        return new OpenConnector(type, settings, row.Status);
    }

    /// <summary>The bounds of a query: what the caller asks for, within what the server allows.</summary>
    public QueryLimits LimitsOf(int? limit, int? timeoutMs)
    {
        var given = options.Value;
        return new QueryLimits(
            Math.Clamp(limit ?? given.DefaultRows, 1, given.MaxRows),
            given.MaxResultMegabytes * 1024 * 1024,
            TimeSpan.FromMilliseconds(Math.Clamp(timeoutMs ?? given.DefaultTimeoutMs, 100, given.MaxTimeoutMs)));
    }

    public static NotFoundException NotFound() => new("connector_not_found", "There is no such connector.");

    /// <summary>A source's failure as the problem that the caller gets.</summary>
    public static async Task<T> AsProblemAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (SourceException exception) when (exception.Code == SourceFailure.QueryTimeout)
        {
            throw new TimeoutException(exception.Message, exception);
        }
        catch (SourceException exception)
        {
            throw new RuleViolationException(exception.Code, exception.Message);
        }
    }

}
