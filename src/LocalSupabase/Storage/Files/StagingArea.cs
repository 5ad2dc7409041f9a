using System.IO.Hashing;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Files;
using Platform.LocalSupabase.Storage.BackEnds;

namespace Platform.LocalSupabase.Storage.Files;

/// <summary>
/// Where bytes are while they come in: <c>incoming</c> for uploads in one piece, <c>uploads</c> for those in parts. A file leaves for the
/// back end only when it is whole and on disk.
/// </summary>
internal sealed class StagingArea
{
    private readonly IObjectBackEnd _backEnd;
    private readonly TimeProvider _clock;
    private readonly ILogger<StagingArea> _logger;

    public StagingArea(LocalSupabaseOptions options, IObjectBackEnd backEnd, TimeProvider clock, ILogger<StagingArea> logger)
    {
        (_backEnd, _clock, _logger) = (backEnd, clock, logger);
        var root = DataDirectory.Ensure(options.StorageDirectory);
        Incoming = Directory.CreateDirectory(Path.Combine(root, "incoming")).FullName;
        Uploads = Directory.CreateDirectory(Path.Combine(root, "uploads")).FullName;
    }

    public string Incoming { get; }

    public string Uploads { get; }

    /// <summary>Takes in a stream in constant memory, and has it on disk when it returns.</summary>
    /// <exception cref="StorageException">It is longer than the limit.</exception>
    public Task<StagedFile> ReceiveAsync(Stream content, long limit, CancellationToken cancellationToken) =>
        ReceiveAsync(sink => sink.CopyAsync(content, limit, cancellationToken));

    /// <summary>Takes the finished file of an upload in parts. It gets a version of its own, so a second try never meets the first.</summary>
    public async Task<StagedFile> TakeAsync(Guid upload, CancellationToken cancellationToken)
    {
        var path = UploadPathOf(upload);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        var hash = new XxHash128();
        await hash.AppendAsync(file, cancellationToken);
        return new StagedFile(_backEnd, NewVersion(), path, file.Length, Convert.ToHexStringLower(hash.GetCurrentHash()), _logger) { IsResumable = true };
    }

    public string UploadPathOf(Guid upload) => Path.Combine(Uploads, FileNames.Of(upload));

    /// <summary>Takes versions away that no row refers to. Trouble here costs space and nothing else: it is logged, and swept later.</summary>
    public async Task DeleteAsync(params IEnumerable<string?> versions)
    {
        foreach (var text in versions)
        {
            if (!Guid.TryParse(text, out var version))
            {
                continue;
            }

            try
            {
                await _backEnd.DeleteAsync(version, CancellationToken.None);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                _logger.FileNotDeleted(exception, version);
            }
        }
    }

    private async Task<StagedFile> ReceiveAsync(Func<FileSink, Task<long>> copyAsync)
    {
        var version = NewVersion();
        var path = Path.Combine(Incoming, FileNames.Of(version));
        try
        {
            var hash = new XxHash128();
            await using var file = new FileStream(
                path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
            using var sink = new FileSink(file, hash.Append);
            var size = await copyAsync(sink);
            file.Flush(flushToDisk: true);
            return new StagedFile(_backEnd, version, path, size, Convert.ToHexStringLower(hash.GetCurrentHash()), _logger);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    private Guid NewVersion() => Guid.CreateVersion7(_clock.GetUtcNow());
}
