using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Persistence;
using Platform.Identity.Contracts.Queries;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Health;

/// <summary>The connectors of everybody whose credentials this node cannot open, by the master key that it lacks.</summary>
internal sealed record FindUnreadableConnectorsQuery : IQuery<IReadOnlyList<UnreadableConnectors>>;

/// <param name="MasterKeyId">The key.</param>
/// <param name="State"><c>missing</c> or <c>wrong</c>.</param>
/// <param name="ConnectorIds">The connectors.</param>
internal sealed record UnreadableConnectors(string MasterKeyId, string State, IReadOnlyList<Guid> ConnectorIds);

internal sealed class FindUnreadableConnectorsHandler(ConnectorsDbContext db, IMediator mediator)
    : IRequestHandler<FindUnreadableConnectorsQuery, IReadOnlyList<UnreadableConnectors>>
{
    public async Task<IReadOnlyList<UnreadableConnectors>> Handle(
        FindUnreadableConnectorsQuery request, CancellationToken cancellationToken)
    {
        var found = new List<UnreadableConnectors>();
        foreach (var keys in await mediator.Send(new FindUnreadableKeysQuery(), cancellationToken))
        {
            var people = keys.UserIds.ToArray();
            var ids = await db.Database.SqlQuery<Guid>(
                $"""
                select id as "Value" from connectors.connectors where user_id = any ({people}) and credentials_set <> jsonb_build_object()
                """).ToListAsync(cancellationToken);
            found.Add(new UnreadableConnectors(keys.MasterKeyId, keys.State, ids));
        }

        return found;
    }
}
