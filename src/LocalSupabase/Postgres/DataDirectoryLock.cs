using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Postgres;

/// <summary>Keeps a second Host off the same data directory; the kernel drops the lock when its holder dies, however it dies.</summary>
internal sealed class DataDirectoryLock : IDisposable
{
    /// <summary>EWOULDBLOCK, which is what flock says when somebody else holds the lock.</summary>
    private const int WouldBlock = 11;

    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    public static DataDirectoryLock Acquire(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, "host.lock");
        try
        {
            return new DataDirectoryLock(new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }));
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

    public void Dispose() => _file.Dispose();

    /// <summary>Who holds the lock, as the kernel lists it: "1: FLOCK  ADVISORY  WRITE 4711 fe:00:12345 0 EOF".</summary>
    private static string Holder(string path)
    {
        try
        {
            var node = $":{LibC.Look(path)?.Node}";
            var holder = File.ReadLines("/proc/locks")
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .FirstOrDefault(fields => fields.Length > 5 && fields[5].EndsWith(node, StringComparison.Ordinal));
            return holder is null ? "" : $" (process {holder[4]})";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
