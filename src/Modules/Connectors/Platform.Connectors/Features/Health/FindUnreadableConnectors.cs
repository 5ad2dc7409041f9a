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
    private const int Page = 1_000;

    public async Task<IReadOnlyList<UnreadableConnectors>> Handle(
        FindUnreadableConnectorsQuery request, CancellationToken cancellationToken)
    {
        var found = new List<UnreadableConnectors>();
        foreach (var key in await mediator.Send(new FindUnreadableKeysQuery(), cancellationToken))
        {
            found.Add(new UnreadableConnectors(key.MasterKeyId, key.State, await FindAsync(key.MasterKeyId, cancellationToken)));
        }

        return found;
    }

    private async Task<IReadOnlyList<Guid>> FindAsync(string masterKeyId, CancellationToken cancellationToken)
    {
        var found = new List<Guid>();
        for (var last = Guid.Empty; await PageOfOwnersAsync(last, cancellationToken) is [.., var next] owners; last = next)
        {
            var people = (await mediator.Send(new FindUsersOfMasterKeyQuery(masterKeyId, owners), cancellationToken)).ToArray();
            found.AddRange(await db.Database.SqlQuery<Guid>(
                $"""
                select id as "Value" from connectors.connectors where user_id = any ({people}) and credentials_set <> jsonb_build_object()
                """).ToListAsync(cancellationToken));
        }

        return found;
    }

    private Task<List<Guid>> PageOfOwnersAsync(Guid after, CancellationToken cancellationToken) => db.Database.SqlQuery<Guid>(
        $"""
        select distinct user_id as "Value" from connectors.connectors
        where user_id > {after} and credentials_set <> jsonb_build_object() order by user_id limit {Page}
        """).ToListAsync(cancellationToken);
}
