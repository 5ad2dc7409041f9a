using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Platform.Identity.Features.Exports;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Identity.Jobs;

/// <summary>
/// The ZIP of an export, written to a temporary file that nobody else reads, so that its size costs no memory. Storage takes a file of
/// 50 MiB and no more; what has no room is named instead, and can be fetched where it lies.
/// </summary>
internal sealed class ExportArchive : IAsyncDisposable
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    private const long Room = 48L * 1024 * 1024;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("platform-export-");
    private readonly List<string> _leftOut = [];
    private readonly FileStream _file;
    private readonly ZipArchive _zip;

    public ExportArchive()
    {
        _file = new FileStream(
            Path.Combine(_folder.FullName, "export.zip"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 64 * 1024,
            FileOptions.Asynchronous);
        _zip = new ZipArchive(_file, ZipArchiveMode.Create, leaveOpen: true);
    }

    public async Task AddAsync(string name, JsonElement document, CancellationToken cancellationToken)
    {
        await using var entry = await _zip.CreateEntry($"{name}.json").OpenAsync(cancellationToken);
        await using var writer = new Utf8JsonWriter(entry, Indented);
        document.WriteTo(writer);
    }

    /// <summary>Adds a file of Storage. One that was removed since it was listed leaves an empty entry.</summary>
    public async Task AddAsync(ExportedFile file, StorageGateway storage, CancellationToken cancellationToken)
    {
        if (_file.Position + file.Bytes > Room)
        {
            _leftOut.Add(file.EntryName);
            return;
        }

        await using var entry = await _zip.CreateEntry(file.EntryName, CompressionLevel.Fastest).OpenAsync(cancellationToken);
        try
        {
            await storage.DownloadAsync(file.BucketId, file.Name, entry, cancellationToken);
        }
        catch (SupabaseException refused) when (refused.Status is (int)HttpStatusCode.NotFound or (int)HttpStatusCode.BadRequest)
        {
            // Storage says 400 for what is not there.
        }
    }

    /// <summary>The whole archive from its beginning. Nothing can be added afterwards; the stream ends with this object.</summary>
    public async Task<Stream> FinishAsync(CancellationToken cancellationToken)
    {
        if (_leftOut.Count > 0)
        {
            await AddAsync("files-left-out", JsonSerializer.SerializeToElement(_leftOut), cancellationToken);
        }

        await _zip.DisposeAsync();
        _file.Position = 0;
        return _file;
    }

    public async ValueTask DisposeAsync()
    {
        await _zip.DisposeAsync();
        await _file.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
