using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.Exports;

/// <summary>The caller's files in Storage that come after a place, of whatever module; exports are left out.</summary>
internal sealed record ListFilesQuery(ExportedFile After) : IQuery<IReadOnlyList<ExportedFile>>;

/// <summary>A file by its place, and how large it is.</summary>
internal sealed record ExportedFile(string BucketId, string Name, long Bytes)
{
    /// <summary>Before every file.</summary>
    public static readonly ExportedFile None = new("", "", 0);

    /// <summary>Where it lies in the archive: its place, without the owner's id.</summary>
    public string EntryName => $"files/{BucketId}/{Name[(Name.IndexOf('/', StringComparison.Ordinal) + 1)..]}";
}

internal sealed class ListFilesHandler(IdentityDbContext db) : IRequestHandler<ListFilesQuery, IReadOnlyList<ExportedFile>>
{
    private const int Part = 200;

    public async Task<IReadOnlyList<ExportedFile>> Handle(ListFilesQuery request, CancellationToken cancellationToken) =>
        await db.Database
            .SqlQuery<ExportedFile>($"select * from identity.list_files_after({request.After.BucketId}, {request.After.Name}, {Part})")
            .ToListAsync(cancellationToken);
}
