using MediatR;
using Platform.Connectors.Contracts.Queries;

namespace Platform.Dashboards.Features.Copies;

/// <summary>The caller's connectors, to see which of a document's they have.</summary>
internal sealed class ConnectorNames
{
    private readonly Dictionary<Guid, ConnectorName> _byId;

    private ConnectorNames(IEnumerable<ConnectorName> connectors) => _byId = connectors.ToDictionary(connector => connector.Id);

    public static async Task<ConnectorNames> ReadAsync(IMediator mediator, CancellationToken cancellationToken) =>
        new(await mediator.Send(new ListConnectorNamesQuery(), cancellationToken));

    public bool Has(Guid id) => _byId.ContainsKey(id);

    public ConnectorReference? Describe(Guid? id) =>
        id is { } known ? new ConnectorReference(known, _byId.GetValueOrDefault(known)?.Name, _byId.GetValueOrDefault(known)?.Type) : null;

    /// <summary>The caller's connector that a reference means: the same one, else the only one of its name and type.</summary>
    public Guid? Find(ConnectorReference reference) =>
        Has(reference.Id)
            ? reference.Id
            : _byId.Values.Where(connector => connector.Name == reference.Name && connector.Type == reference.Type)
                .Select(connector => (Guid?)connector.Id).SingleOrDefault();
}

/// <summary>How a document names a connector: by id, and in words that mean something to another server.</summary>
internal sealed record ConnectorReference(Guid Id, string? Name = null, string? Type = null);
