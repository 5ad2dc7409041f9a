namespace Platform.LocalSupabase.Files;

/// <summary>The folder that holds all state of the embedded mode, and the errors that every use of it can meet.</summary>
internal static class DataDirectory
{
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;
    private const int ReadOnlyFileSystem = 30;
    private const long LeastUsefulSpace = 64 * 1024;

    /// <summary>The full path, created when missing (for its owner alone).</summary>
    public static string Ensure(string path)
    {
        var directory = Path.GetFullPath(path);
        return Guard(directory, () =>
        {
            if (!Directory.Exists(directory))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(directory) ?? "/");
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            return directory;
        });
    }

    /// <summary>Runs a piece of file work and turns what the operating system refuses into an error with a next step.</summary>
    public static T Guard<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Translate(path, exception);
        }
    }

    public static LocalSupabaseException Translate(string path, Exception exception) => exception switch
    {
        IOException { HResult: NoSpaceLeft or QuotaExceeded } => Full(path, exception),
        IOException { HResult: ReadOnlyFileSystem } => Unusable(path, "is on a read-only file system", exception),
        UnauthorizedAccessException => Unusable(path, "may not be read and written by this user", exception),
        _ when File.Exists(path) => Unusable(path, "is a file and not a folder", exception),
        _ => Unusable(path, $"cannot be used ({exception.Message})", exception),
    };

    public static LocalSupabaseException Full(string path, Exception? inner = null) => new(
        "disk_full",
        $"The disk that holds {path} is full.",
        "Free some space there, or point Platform:DataDirectory at another disk, and start again.",
        inner);

    /// <summary>True when so little is left that no program can be expected to write there.</summary>
    public static bool IsFull(string path) => FreeSpace(path) < LeastUsefulSpace;

    /// <summary>The bytes that are left for this user on the disk of an existing path.</summary>
    public static long FreeSpace(string path)
    {
        try
        {
            return new DriveInfo(path).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return long.MaxValue;
        }
    }

    private static LocalSupabaseException Unusable(string path, string trouble, Exception inner) => new(
        "data_directory_unusable",
        $"The data directory {path} {trouble}.",
        "Give this user read, write and search permission there, or set Platform:DataDirectory to a folder of its own.",
        inner);
}
