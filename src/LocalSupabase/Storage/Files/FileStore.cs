using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Storage.Files;

/// <summary>
/// The bytes of objects. A file's name is the id of one version and nothing that a client chose; a version never changes, so a
/// reader is never given half of two.
/// </summary>
internal sealed class FileStore
{
    private const int BufferSize = 128 * 1024;

    private readonly ILogger<FileStore> _logger;
    private readonly TimeProvider _clock;
    private readonly string _incoming;
    private readonly string _objects;

    public FileStore(LocalSupabaseOptions options, TimeProvider clock, ILogger<FileStore> logger)
    {
        (_logger, _clock) = (logger, clock);
        var root = DataDirectory.Ensure(options.StorageDirectory);
        _incoming = Path.Combine(root, "incoming");
        _objects = Path.Combine(root, "objects");
        Directory.CreateDirectory(_objects);
        Directory.CreateDirectory(_incoming);
        // Uploads that a crash cut off.
        foreach (var leftover in Directory.EnumerateFiles(_incoming))
        {
            File.Delete(leftover);
        }
    }

    /// <summary>Takes in a stream in constant memory, and has it on disk when it returns.</summary>
    /// <exception cref="StorageException">It is longer than the limit.</exception>
    public async Task<StagedFile> ReceiveAsync(Stream content, long limit, CancellationToken cancellationToken)
    {
        var version = Guid.CreateVersion7(_clock.GetUtcNow());
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var file = new FileStream(
                IncomingPathOf(version), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
            long size = 0;
            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
            {
                size += read;
                if (size > limit)
                {
                    throw StorageException.TooLarge();
                }

                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            file.Flush(flushToDisk: true);
            return new StagedFile(this, version, size, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        catch
        {
            Delete(version);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Moves a received file to its place. A rename: the file is there in full or not at all.</summary>
    public void Publish(Guid version)
    {
        var path = PathOf(version);
        var directory = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory);
            LibC.SynchronizeDirectory(_objects);
        }

        File.Move(IncomingPathOf(version), path);
        LibC.SynchronizeDirectory(directory);
    }

    /// <summary>The file of a version, or null when it is gone. Once open it can be read to its end, even when it is deleted.</summary>
    public FileStream? OpenRead(string? version)
    {
        if (!Guid.TryParse(version, out var id))
        {
            return null;
        }

        try
        {
            return new FileStream(
                PathOf(id), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferSize, FileOptions.Asynchronous);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public void Delete(string? version)
    {
        if (Guid.TryParse(version, out var id))
        {
            Delete(id);
        }
    }

    /// <summary>Takes a version away. No row refers to it, so trouble here costs space and nothing else: it is logged.</summary>
    public void Delete(Guid version)
    {
        try
        {
            File.Delete(IncomingPathOf(version));
            var path = PathOf(version);
            if (File.Exists(path))
            {
                File.Delete(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _logger.FileNotDeleted(exception, version);
        }
    }

    private string IncomingPathOf(Guid version) => Path.Combine(_incoming, version.ToString("N"));

    // The last two digits are random, the first ones are the time.
    private string PathOf(Guid version)
    {
        var name = version.ToString("N");
        return Path.Combine(_objects, name[^2..], name);
    }
}
