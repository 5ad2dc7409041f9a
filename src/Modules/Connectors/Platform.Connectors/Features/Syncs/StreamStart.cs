using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.Connectors.Persistence;
using Platform.Connectors.Types;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Syncs;

/// <summary>Where the next read of a stream begins, and what becomes of what it gives.</summary>
/// <param name="ConnectorId">The connector.</param>
/// <param name="Name">The stream.</param>
/// <param name="SourceKey">The columns of the source's own primary key; empty if it has none.</param>
/// <param name="ReadsInclusively">What the type says of <see cref="IConnectorType.ReadsInclusively"/>.</param>
internal sealed record GetStreamStartQuery(Guid ConnectorId, string Name, IReadOnlyList<string> SourceKey, bool ReadsInclusively)
    : IQuery<StreamStart>;

/// <param name="Read">What to ask the source for.</param>
/// <param name="Key">What rows are told apart by; null if by nothing.</param>
/// <param name="IsAnew">Whether what is read takes the place of the dataset.</param>
/// <param name="KeepsParts">Whether each part is kept, with the place it reaches to, before the next is read.</param>
/// <param name="IsUnsettled">Whether the files may repeat keys.</param>
internal sealed record StreamStart(StreamRead Read, IReadOnlyList<string>? Key, bool IsAnew, bool KeepsParts, bool IsUnsettled);

internal sealed class GetStreamStartHandler(ConnectorsDbContext db) : IRequestHandler<GetStreamStartQuery, StreamStart>
{
    public async Task<StreamStart> Handle(GetStreamStartQuery request, CancellationToken cancellationToken)
    {
        var stream = await db.ConnectorStreams.AsNoTracking()
            .SingleOrDefaultAsync(stream => stream.ConnectorId == request.ConnectorId && stream.Name == request.Name, cancellationToken);
        var declared = stream?.ReadPrimaryKey();
        var key = declared ?? (request.SourceKey.Count > 0 ? request.SourceKey : null);
        if (stream is null || stream.Mode == ConnectorStream.Full)
        {
            return new StreamStart(new StreamRead(request.Name, null, null), key, IsAnew: true, KeepsParts: false, declared is not null);
        }

        // Rows that were told apart by something else cannot be merged with new ones.
        var hasFiles = stream.ReadFiles().Count > 0;
        var isSame = (stream.ReadDatasetKey() ?? []).SequenceEqual(key ?? [], StringComparer.Ordinal);
        var begin = isSame ? stream.CursorValue : null;
        var inclusive = key is not null && request.ReadsInclusively;
        return new StreamStart(
            new StreamRead(request.Name, stream.CursorColumn, begin, inclusive),
            key,
            IsAnew: begin is null,
            KeepsParts: inclusive && (begin is not null || !hasFiles),
            IsUnsettled: declared is not null || (key is not null && begin is not null));
    }
}
