using MediatR;
using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Errors;

namespace Platform.Chat.Tools;

/// <summary>Connectors by the names that people give them.</summary>
internal static class ConnectorLookup
{
    public static async Task<ConnectorName> FindAsync(IMediator mediator, string name, CancellationToken cancellationToken) =>
        await mediator.Send(new ListConnectorNamesQuery(name), cancellationToken) is [var connector, ..]
            ? connector
            : throw new NotFoundException("connector_not_found", $"There is no connector named '{name}'.");
}
