using System.Globalization;
using System.Text;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Postgres;

/// <summary>Keeps a second Host off the same data directory; the kernel drops the lock when its holder dies, however it dies.</summary>
internal sealed class DataDirectoryLock : IDisposable
{
    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    public static DataDirectoryLock Acquire(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, "host.lock");
        var file = Open(dataDirectory, path);
        try
        {
            // Only for the message that a second Host prints; the lock itself does not depend on it.
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return new DataDirectoryLock(file);
        }
        catch (IOException exception)
        {
            file.Dispose();
            throw DataDirectory.Translate(dataDirectory, exception);
        }
    }

    public void Dispose() => _file.Dispose();

    private static FileStream Open(string dataDirectory, string path)
    {
        // No buffer: a failed write must not be tried again when the stream is closed.
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        try
        {
            return new FileStream(path, options);
        }
        catch (IOException exception) when (exception.HResult == WouldBlock)
        {
            throw new LocalSupabaseException(
                "data_directory_in_use",
                $"The data directory {dataDirectory} is in use by another Host{Holder(path)}.",
                "Stop that one, or give this one a Platform:DataDirectory of its own.",
                exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw DataDirectory.Translate(dataDirectory, exception);
        }
    }

    /// <summary>EWOULDBLOCK, which is what flock says when somebody else holds the lock.</summary>
    private const int WouldBlock = 11;

    private static string Holder(string path)
    {
        try
        {
            using var reader = new StreamReader(path, new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete });
            var processId = reader.ReadToEnd().Trim();
            return processId.Length > 0 ? $" (process {processId})" : "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
